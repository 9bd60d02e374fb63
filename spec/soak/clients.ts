import { FtpVfs, type FtpVfsOptions } from '../../lib/index.js'
import type { Random } from './random.js'

/** The FtpVfs that the workers share: one, at times two. */
export class Clients {
  #open: FtpVfs[] = []

  constructor(
    readonly url: string,
    readonly options: FtpVfsOptions,
    readonly random: Random,
    /** Undefined: 1 to 6, chosen each time. */
    readonly connections: number | undefined,
  ) {}

  pick(): FtpVfs {
    if (this.#open.length === 0) {
      const count = this.random.chance(0.3) ? 2 : 1
      for (let at = 0; at < count; at++) {
        const connections = this.connections ?? 1 + this.random.below(6)
        this.#open.push(new FtpVfs(this.url, { ...this.options, connections }))
      }
    }
    return this.random.pick(this.#open)
  }

  /** How busy they are. */
  get stats(): object[] {
    return this.#open.map(each => each.stats())
  }

  /** The next one picked is new. */
  async close(): Promise<void> {
    const open = this.#open
    this.#open = []
    await Promise.all(open.map(each => each.close()))
  }

  /** It is picked no more. */
  forget(vfs: FtpVfs): void {
    this.#open = this.#open.filter(each => each !== vfs)
  }

  /** As `close`, at once. */
  destroy(): void {
    for (const each of this.#open) each.destroy()
    this.#open = []
  }
}

/** The options that this FtpVfs has. */
export function withOptional(
  url: string,
  options: FtpVfsOptions,
  optional: Record<string, unknown>,
): FtpVfsOptions {
  const given: Record<string, unknown> = { ...options }
  for (const [name, value] of Object.entries(optional)) {
    try {
      new FtpVfs(url, { [name]: value }).destroy()
      given[name] = value
    } catch {
      // It has no such option.
    }
  }
  return given
}
