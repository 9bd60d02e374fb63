import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import type { Remote } from '../remote.js'
import { Spool } from '../spool.js'
import { Reader, type ReaderOptions } from './reader.js'
import { transfer } from './transfer.js'

/** A file that is fetched once and read at any position, for a server that does not obey REST. */
export class WholeFile {
  #fetched: Promise<Spool> | undefined

  constructor(
    readonly remote: Remote,
    readonly path: ByteString,
  ) {}

  /** Fetches all bytes. A call during the fetch shares it. */
  fetch(call: Call, options: Pick<ReaderOptions, 'facts' | 'onFacts'>): Promise<Spool> {
    if (!this.#fetched) {
      const fetched = this.#fetch(call, options)
      this.#fetched = fetched
      // The next fetch may succeed.
      fetched.catch(() => this.#fetched === fetched && (this.#fetched = undefined))
    }
    return this.#fetched
  }

  async dispose(): Promise<void> {
    const spool = await this.#fetched?.catch(() => undefined)
    this.#fetched = undefined
    await spool?.dispose()
  }

  async #fetch(call: Call, options: ReaderOptions): Promise<Spool> {
    const { spoolDirectory, replayBuffer } = this.remote.options
    const spool = new Spool(spoolDirectory, replayBuffer, this.remote.memory.share())
    try {
      await transfer(new Reader(this.remote, call, this.path, options), chunk => spool.append(chunk))
      return spool
    } catch (error) {
      await spool.dispose()
      throw error
    }
  }
}
