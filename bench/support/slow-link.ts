import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const source = fileURLToPath(new URL('slow-link.c', import.meta.url))

/** What passed over a slow link, in both namespaces. */
export interface LinkCounts {
  /** TCP connections that were begun. */
  connections: number
  /** Payload of TCP from the client's side, in bytes; what was sent again counts again. */
  bytesUp: number
  /** The same from the server's side. */
  bytesDown: number
}

/**
 * Two network namespaces with the kernel's own TCP, joined by a line of a fixed round-trip time. A command runs in one
 * of them with `client` or `server` in front of it. They end with `stop`, at the latest with this process, as soon as
 * nobody is left in them.
 */
export class SlowLink implements AsyncDisposable {
  /** The server's address. */
  readonly host = '198.18.0.2'
  /** In front of a command on the client's side. */
  readonly client: readonly string[]
  /** In front of a command on the server's side. */
  readonly server: readonly string[]
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #answers: AsyncIterator<string>
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>, lines: Interface, ready: string) {
    const [, client, server] = ready.split(' ')
    const enter = (namespace?: string) => ['nsenter', `--net=/proc/${child.pid}/fd/${namespace}`]
    this.client = enter(client)
    this.server = enter(server)
    this.#process = child
    this.#answers = lines[Symbol.asyncIterator]()
    this.#ended = once(child, 'exit')
  }

  /** Throws, with the reason, where it cannot be had: it needs Linux, root, /dev/net/tun, `cc` and `nsenter`. */
  static async start(rtt: number): Promise<SlowLink> {
    if (process.platform !== 'linux') throw new Error('the slow link needs Linux')
    if (process.getuid?.() !== 0) throw new Error('the slow link needs root')
    await run('nsenter', ['--version'])
    const folder = mkdtempSync(path.join(tmpdir(), 'ftp-vfs-slow-link-'))
    try {
      const program = path.join(folder, 'slow-link')
      await run('cc', ['-O2', '-Wall', '-o', program, source])
      const child = spawn(program, [String(rtt)], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
      const lines = createInterface(child.stdout)
      const [ready] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as string[]
      if (ready === undefined) throw new Error('the slow link cannot be made here')
      return new SlowLink(child, lines, ready)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  /** From now on the server sends so many bytes a second on each TCP connection; 0: no limit. */
  async limit(bytesPerSecond: number): Promise<void> {
    await this.#ask(`limit ${bytesPerSecond}`)
  }

  /** Since the start. */
  async counts(): Promise<LinkCounts> {
    const [connections, bytesUp, bytesDown] = (await this.#ask('counts')).split(' ').map(Number)
    return { connections: connections!, bytesUp: bytesUp!, bytesDown: bytesDown! }
  }

  async stop(): Promise<void> {
    this.#process.stdin.end()
    await this.#ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #ask(line: string): Promise<string> {
    const answer = this.#answers.next()
    this.#process.stdin.write(`${line}\n`)
    return ((await answer) as IteratorYieldResult<string>).value
  }
}

/** Why there is no slow link here, in words; undefined where there is one. */
export async function slowLinkMissing(): Promise<string | undefined> {
  try {
    await using _link = await SlowLink.start(0)
    return undefined
  } catch (error) {
    return (error as Error).message.split('\n')[0]
  }
}
