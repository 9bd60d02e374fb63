import { randomBytes } from 'node:crypto'
import { Call } from '../pool/call.js'
import type { Lease } from '../pool/lease.js'
import { mayRetry, retryDelay } from '../pool/retry.js'
import { command } from '../wire/commands.js'
import { ConnectionLostError } from '../wire/errors.js'
import { dirname, type ByteString } from '../wire/names.js'
import { Outgoing } from '../wire/outgoing.js'
import { isPositive, isUnknownCommand, replyText, type Reply } from '../wire/replies.js'
import type { Session } from '../wire/session.js'
import { removeFile, rename } from './change.js'
import { join } from './paths.js'
import { Reader } from './reader.js'
import { explain } from './refusal.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'
import { refuseRewrittenName } from './rewritten-name.js'
import { Spool } from './spool.js'
import { parseSize, sizeOf, stat } from './stat.js'
import { verify } from './verify.js'

export interface WriterOptions {
  /** `replace`: the whole file. `append`: behind its end. `patch`: over the bytes from `start` on, keeping the others. */
  mode: 'replace' | 'append' | 'patch'
  /** Where the bytes go; in `replace`, zeros fill what lies before. Default 0. */
  start?: number
  /** The file must not exist yet. FTP cannot ask and make at once: somebody else may make it in between. */
  exclusive?: boolean
  /** The file must exist. */
  mustExist?: boolean
  /** The path can only name a folder: it ends with a slash. */
  folder?: boolean
  /** Nothing is sent before the input has ended: it comes from the file itself. */
  collect?: boolean
}

// How long a writer that holds a session may get no input while others wait.
const patience = 20

/**
 * The bytes of a file on their way up, in segments of one data connection each.
 *
 * It takes no session at first: it collects, and begins to send when its input has ended, or when it has
 * collected much and nobody waits for a session. What is not sent at once goes to a temporary file. A
 * writer that gets no input while others wait ends its segment, and goes on with APPE later.
 */
export class Writer {
  readonly #target: ByteString
  #mode: WriterOptions['mode']
  readonly #start: number
  /** What has been collected and not been sent for good. */
  #spool: Spool
  /** Bytes that have been sent and cannot be read again. */
  #sent = 0
  /** Where the first byte goes in the file; of an append it is known when the server has told the size. */
  #origin: number | undefined
  /** The size of the file before, when it matters for the size after. */
  #sizeBefore = 0
  #live: { outgoing: Outgoing; lease: Lease } | undefined
  #spoolAll: boolean
  #checked = false
  #prepared = false
  /** Something has been stored under the target's name. */
  #begun = false
  #told: number | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly options: WriterOptions,
  ) {
    const { mode, start = 0, collect = false } = options
    this.#mode = mode
    this.#start = start
    this.#origin = mode === 'append' ? undefined : start
    this.#spool = new Spool(remote.options.spoolDirectory)
    // Bytes that are to be laid over others, or behind zeros, may have to go with them: decided at the end.
    this.#spoolAll = collect || mode === 'patch' || start > 0
    const atomic = remote.options.atomicUploads && mode === 'replace'
    this.#target = atomic ? join(dirname(path), `.ftp-vfs-${randomBytes(6).toString('hex')}`) : path
  }

  /** Makes the checks that can be made before there are bytes, without holding a session. */
  open(): Promise<void> {
    const { exclusive, mustExist, folder } = this.options
    return exclusive || mustExist || folder ? this.#inTurn(() => this.#check()) : Promise.resolve()
  }

  /** Takes the next bytes. Resolves when their memory may be used again. */
  write(chunk: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      this.call.throwIfCancelled()
      clearTimeout(this.#idleTimer)
      if (this.#live) {
        if (!(await this.#live.outgoing.write(chunk))) {
          await this.#endLive()
          throw new ConnectionLostError('The server ended the transfer before its end')
        }
        this.#sent += chunk.length
        this.#considerIdle()
        return
      }
      await this.#spool.append(chunk)
      if (this.#spool.full && !this.#spoolAll) await this.#goLive()
    })
  }

  /** Ends the input. Resolves when the file is stored, `uploadDelay` has passed and its size is right. */
  end(): Promise<void> {
    return this.#inTurn(async () => {
      clearTimeout(this.#idleTimer)
      await this.#prepare()
      if (this.#live) await this.#endLive()
      else if (this.#spool.size > 0 || this.#sent === 0) await this.#sendSpool()
      await verify(this.remote, this.call, this.#target, this.#expected(), this.#told)
      if (this.#target !== this.path) await rename(this.remote, this.call, this.#target, this.path)
      await this.#spool.dispose()
    })
  }

  /**
   * Gives up, at any time. An incomplete file of ours is removed; resolves with false when something
   * incomplete stays: an append, a patch, or a file that could not be removed.
   */
  async abort(): Promise<boolean> {
    clearTimeout(this.#idleTimer)
    const live = this.#live
    this.#live = undefined
    await live?.outgoing.stop()
    live?.lease.release()
    await this.#turn.catch(() => {})
    await this.#spool.dispose()
    if (!this.#begun) return true
    if (this.#mode !== 'replace') return false
    try {
      // The call may be cancelled: this is not part of it any more.
      await removeFile(this.remote, new Call(), this.#target)
      return true
    } catch (error) {
      return error instanceof RefusedError && error.code === 'ENOENT'
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work).catch(async (error: unknown) => {
      if (this.call.cancelled) throw this.call.cancelled
      // Asked only now: whoever is refused has given the session back, and asking needs one.
      throw error instanceof WriteRefused ? await this.#explain(error) : error
    })
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #check(): Promise<void> {
    if (this.#checked) return
    this.#checked = true
    const { exclusive, mustExist, folder } = this.options
    if (folder) throw new RefusedError('EISDIR')
    if (exclusive && (await this.#exists())) throw new RefusedError('EEXIST')
    if (mustExist || this.#mode === 'patch') {
      const info = await stat(this.remote, this.call, this.path)
      if (info.type === 'directory') throw new RefusedError('EISDIR')
      this.#sizeBefore = info.size ?? 0
    }
  }

  /** What has to be known and done before the first byte is sent. */
  async #prepare(): Promise<void> {
    if (this.#prepared) return
    this.#prepared = true
    await this.#check()
    if (this.#mode === 'patch' || (this.#mode === 'replace' && this.#start > 0)) await this.#layOver()
    if (this.#mode === 'append' && !this.remote.pool.server.features.has('SIZE')) {
      this.#origin = (await sizeOf(this.remote, this.call, this.path)) ?? 0
    }
  }

  async #exists(): Promise<boolean> {
    try {
      await stat(this.remote, this.call, this.path)
      return true
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'ENOENT') return false
      throw error
    }
  }

  /** Where the server cannot change a part of a file, the whole file is put together here. */
  async #layOver(): Promise<void> {
    const { quirks } = this.remote.pool.server
    const inPlace = quirks.patchesInPlace && this.#start > 0 && this.#start <= this.#sizeBefore
    if (this.#mode === 'patch' && inPlace) return
    const whole = new Spool(this.remote.options.spoolDirectory)
    if (this.#mode === 'patch') {
      const reader = new Reader(this.remote, this.call, this.path)
      for (let chunk; (chunk = await reader.read());) await whole.append(chunk)
    }
    let position = this.#start
    for await (const chunk of this.#spool.read()) {
      await whole.write(chunk, position)
      position += chunk.length
    }
    await this.#spool.dispose()
    this.#spool = whole
    this.#mode = 'replace'
    this.#origin = 0
  }

  #expected(): number {
    return Math.max(
      this.#mode === 'patch' ? this.#sizeBefore : 0,
      (this.#origin ?? 0) + this.#sent + this.#spool.size,
    )
  }

  /** Begins to send what has been collected, if a session is free; else all of the input is spooled. */
  async #goLive(): Promise<void> {
    if (this.remote.pool.server.lacks('APPE')) {
      this.#spoolAll = true
      return
    }
    await this.#prepare()
    const lease = await this.remote.pool.acquireIfFree(this.call)
    if (!lease) {
      this.#spoolAll = true
      return
    }
    let outgoing: Outgoing | undefined
    try {
      outgoing = await this.#open(lease.session, 0)
      for await (const chunk of this.#spool.read()) if (!(await outgoing.write(chunk))) break
    } catch (error) {
      lease.release()
      if (!(error instanceof ConnectionLostError)) throw error
      // What was collected is still here: it is sent at the end, when all the input is.
      this.#spoolAll = true
      return
    }
    this.#sent += this.#spool.size
    await this.#spool.dispose()
    this.#spool = new Spool(this.remote.options.spoolDirectory)
    this.#live = { outgoing, lease }
    lease.onWanted = () => this.#considerIdle()
    this.#considerIdle()
  }

  /** Ends the segment when others wait and no input comes. */
  #considerIdle(): void {
    clearTimeout(this.#idleTimer)
    if (!this.#live || !this.remote.pool.wanted) return
    this.#idleTimer = setTimeout(() => {
      this.#inTurn(async () => {
        if (this.#live) await this.#endLive()
      }).catch((error: Error) => this.call.cancel(error))
    }, patience)
  }

  async #endLive(): Promise<void> {
    const { outgoing, lease } = this.#live!
    this.#live = undefined
    lease.onWanted = undefined
    try {
      await this.#conclude(lease.session, await outgoing.end())
    } catch (error) {
      lease.release()
      // The reply may be lost though every byte has arrived: the size decides.
      if (!(error instanceof ConnectionLostError)) throw error
      if ((await sizeOf(this.remote, this.call, this.#target)) !== this.#expected()) throw error
    } finally {
      lease.release()
    }
  }

  /** Sends what has been collected. Since it can be read again, a lost connection is no error. */
  async #sendSpool(): Promise<void> {
    let from = 0
    for (let attempts = 1; ; attempts++) {
      const lease = await this.remote.pool.acquire(this.call, 'transfer')
      let outgoing: Outgoing | undefined
      const forget = this.call.onCancel(() => (outgoing ? void outgoing.stop() : lease.session.close()))
      try {
        outgoing = await this.#open(lease.session, from)
        for await (const chunk of this.#spool.read(from)) if (!(await outgoing.write(chunk))) break
        await this.#conclude(lease.session, await outgoing.end())
        return
      } catch (error) {
        if (!(error instanceof ConnectionLostError) || !mayRetry(attempts)) throw this.call.cancelled ?? error
      } finally {
        forget()
        lease.release()
      }
      await this.call.sleep(retryDelay(attempts))
      from = await this.#resumeAt()
    }
  }

  /** How many of the collected bytes are in the file after a lost connection; those before them must be. */
  async #resumeAt(): Promise<number> {
    if (
      this.#mode === 'patch' ||
      (this.#mode === 'replace' && this.#sent === 0) ||
      this.#origin === undefined
    )
      return 0
    const size = (await sizeOf(this.remote, this.call, this.#target)) ?? 0
    const stored = size - this.#origin - this.#sent
    if (stored >= 0 && stored <= this.#spool.size) return stored
    throw new ConnectionLostError(
      `The connection was lost during an append: the file has ${size} bytes, at least ${this.#origin + this.#sent} were expected`,
    )
  }

  /** Opens a segment for the bytes that follow those sent, from `from` of the collected ones on. */
  async #open(session: Session, from: number): Promise<Outgoing> {
    const { server } = session
    const { verifyUploads, uploadDelay } = this.remote.options
    const path = this.#target
    refuseRewrittenName(server, path)
    const whole = this.#mode === 'replace' && this.#sent + from === 0
    const verb = whole || this.#mode === 'patch' ? 'STOR' : 'APPE'
    const tellsSize = verifyUploads && uploadDelay === 0 && server.quirks.sizeBehindTransfer
    const outgoing = await Outgoing.open(session, {
      ...(this.#origin === undefined && {
        along: [command('SIZE', path)],
        judge: ([size]: Reply[]) => {
          // A file that is not there yet has no size.
          this.#origin = parseSize(size!) ?? 0
          return undefined
        },
      }),
      ...(this.#mode === 'patch' && { before: command(`REST ${this.#origin! + this.#sent + from}`) }),
      command: command(verb, path),
      ...(tellsSize && { behind: [command('SIZE', path)] }),
    })
    if (!(outgoing instanceof Outgoing)) throw new WriteRefused(outgoing, verb)
    this.#begun = true
    return outgoing
  }

  /** Reads the end of a segment: the final reply, and the size where it can be had on the spot. */
  async #conclude(session: Session, [stored, told]: Reply[]): Promise<void> {
    if (!isPositive(stored!)) throw new WriteRefused(stored!)
    const { verifyUploads, uploadDelay } = this.remote.options
    if (!verifyUploads || uploadDelay > 0) return
    const [size] = told ? [told] : await session.flight([command('SIZE', this.#target)])
    this.#told = parseSize(size!)
  }

  async #explain({ reply, verb }: WriteRefused): Promise<Error> {
    if (verb === 'APPE' && isUnknownCommand(reply)) {
      this.remote.pool.server.learnLack('APPE')
      return new RefusedError('ENOTSUP', reply, 'the server has no APPE')
    }
    return explain(this.remote, this.call, 'write', reply, this.path)
  }
}

/** The server refused the transfer, or ended it with an error. */
class WriteRefused extends Error {
  constructor(
    readonly reply: Reply,
    readonly verb?: string,
  ) {
    super(replyText(reply))
  }
}
