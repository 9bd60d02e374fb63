import { randomBytes } from 'node:crypto'
import { Call } from '../pool/call.js'
import { command } from '../wire/commands.js'
import { ConnectionLostError, FtpReplyError } from '../wire/errors.js'
import { dirname, type ByteString } from '../wire/names.js'
import { Outgoing } from '../wire/outgoing.js'
import { isPositive, isUnknownCommand, type Reply } from '../wire/replies.js'
import type { Session } from '../wire/session.js'
import { removeFile, rename } from './change.js'
import { refuseMistakenNames, refuseRewrittenName } from './mistaken-names.js'
import { join } from './paths.js'
import { factsIn, fileChanged, type FileFacts } from './file-facts.js'
import { explain, plainReason } from './refusal.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'
import { replyWords } from './reply-words.js'
import { parseSize, sizeOf } from './stat.js'
import { verify } from './verify.js'

/** `replace`: the whole file. `append`: behind its end. `patch`: over the bytes from a position on, keeping the others. */
export type UploadMode = 'replace' | 'append' | 'patch'

// Bytes; more may take so long that the control connection is lost meanwhile.
const shortUpload = 2 ** 20

type Stored = 'nothing' | 'perhaps something' | 'something'

/** A file while it is being stored: by which commands, what has been sent, and how long it has to become. */
export class Upload {
  /** Bytes that have been sent and cannot be read again. */
  sent = 0
  /** Where the first byte goes in the file; of an append it is known when the server has told the size. */
  origin: number | undefined
  /** The size of the file before, when it matters for the size after. */
  sizeBefore: number
  /** How long the file has become. */
  size = 0
  #mode: UploadMode
  /** The file's own name, or a temporary one. */
  #target: ByteString
  /** What the server holds under the target's name because of us. */
  #stored: Stored = 'nothing'
  /** What it held before the last segment. */
  #storedBefore: Stored = 'nothing'
  #segment: { outgoing: Outgoing; verb: string } | undefined
  /** A segment was lost: only the size says what has arrived. */
  #inDoubt = false
  /** All that was to go in the last segment had gone. */
  #allSent = false
  /** What the file has to be; undefined when it has been found so, since it is being changed then. */
  #facts: FileFacts | undefined
  /** The size that the server told in the last segment. */
  #told: number | undefined

  /**
   * `keep`: an incomplete file is left, since there is no other copy of what it was made from. `facts`: what the file has to
   * be before.
   */
  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    mode: UploadMode,
    start: number,
    private keep: boolean,
    facts?: FileFacts,
  ) {
    this.#mode = mode
    this.#facts = facts
    this.sizeBefore = facts?.size ?? 0
    this.origin = mode === 'append' ? undefined : mode === 'patch' ? start : 0
    this.#target = this.#targetFor(mode)
  }

  get mode(): UploadMode {
    return this.#mode
  }

  /** The whole file has been put together: it replaces what is there, which is in no other place. */
  becomeWhole(): void {
    this.#mode = 'replace'
    this.origin = 0
    this.keep = true
    this.#target = this.#targetFor('replace')
  }

  /**
   * Opens a segment for the bytes that follow those sent, from `from` of the waiting ones on. `again`: they can be read again,
   * so that the data connection may be one that was made ahead. Throws WriteRefused.
   */
  async open(session: Session, from: number, again: boolean): Promise<Outgoing> {
    const path = this.#target
    for (const name of [this.path, path]) {
      refuseMistakenNames(this.remote, name)
      refuseRewrittenName(this.remote, name)
    }
    this.#noteChange()
    this.#told = undefined
    this.#allSent = false
    this.#noteAccepted()
    this.#segment = undefined
    this.#storedBefore = this.#stored
    const patch = this.#mode === 'patch'
    const verb = patch || (this.#mode === 'replace' && this.sent + from === 0) ? 'STOR' : 'APPE'
    const outgoing = await Outgoing.open(session, {
      ...(this.#facts
        ? { along: [command('SIZE', this.path), command('MDTM', this.path)] }
        : this.origin === undefined && { along: [command('SIZE', path)] }),
      judge: ([size, time]) => {
        if (this.#facts && size && time) refuseChanged(this.#facts, size, time)
        this.#facts = undefined
        // A file that is not there yet has no size.
        if (size) this.origin ??= parseSize(size) ?? 0
        this.#inDoubt = true
        if (this.#stored === 'nothing') this.#stored = 'perhaps something'
        return undefined
      },
      ...(patch && { before: command(`REST ${this.origin! + this.sent + from}`) }),
      command: command(verb, path),
      behind: [command('SIZE', path)],
      ahead: again && verb === 'STOR' && !this.#inDoubt,
    })
    if (outgoing instanceof Outgoing) {
      this.#segment = { outgoing, verb }
      return outgoing
    }
    this.#stored = this.#storedBefore
    throw this.#refused(outgoing, verb)
  }

  /** Waits until the server has begun to store: what was sent need not be kept any longer. Throws WriteRefused. */
  async accepted(outgoing: Outgoing): Promise<void> {
    if (!(await outgoing.begun())) await this.concludeEarly(outgoing)
  }

  /** Ends a segment: reads the final reply, and the size where it can be had on the spot. */
  async conclude(session: Session, outgoing: Outgoing): Promise<void> {
    this.#allSent = true
    const [stored, size] = await finalReplies(outgoing)
    if (!isPositive(stored!)) throw this.#refused(stored!)
    this.#stored = 'something'
    if (outgoing.ahead && (!size || parseSize(size) !== outgoing.bytes)) throw deadAhead(session, outgoing)
    this.#inDoubt = false
    if (!this.#asksSize) return
    try {
      const [reply] = size ? [size] : await session.flight([command('SIZE', this.#target)])
      this.#told = parseSize(reply!)
    } catch (error) {
      // It is stored: another session will tell how much.
      if (!(error instanceof ConnectionLostError)) throw error
    }
  }

  /** The server takes no more: throws what it says. */
  async concludeEarly(outgoing: Outgoing): Promise<never> {
    const [stored] = await finalReplies(outgoing)
    throw this.#refused(stored!)
  }

  /** How many of the waiting bytes are in the file after a segment was lost; all those before them must be. */
  async resumeAt(waiting: number): Promise<number> {
    const startsOver = this.#mode === 'patch' || (this.#mode === 'replace' && this.sent === 0)
    // The silence of a long upload makes firewalls cut the control connection: then the size decides. What is short is sent
    // again, which tells a file from the one of that size that it replaces.
    const accepted = this.#segment?.outgoing.accepted ?? false
    const decides = this.#mode === 'replace' && this.#allSent && accepted && waiting > shortUpload
    if (!this.#inDoubt || (startsOver && !decides) || this.origin === undefined) return 0
    const size = (await sizeOf(this.remote, this.call, this.#target)) ?? 0
    const least = this.origin + this.sent
    if (startsOver) return size === least + waiting ? waiting : 0
    if (size < least || size > least + waiting) {
      const expected =
        waiting === 0 ? `${least} were expected` : `${least} to ${least + waiting} were expected`
      throw new ConnectionLostError(`The connection was lost: the file has ${size} bytes, ${expected}`)
    }
    return size - least
  }

  /** Waits `uploadDelay`, checks the size, and gives the file its name. `waiting`: bytes that can be read again. */
  async finish(waiting: number): Promise<void> {
    this.#noteChange()
    const end = (this.origin ?? 0) + this.sent + waiting
    this.size = this.#mode === 'patch' ? Math.max(this.sizeBefore, end) : end
    const uploaded = { target: this.#target, expected: this.size, told: this.#told }
    await verify(this.remote, this.call, this.path, uploaded)
    if (this.#target !== this.path) await rename(this.remote, this.call, this.#target, this.path)
    this.#stored = 'nothing'
  }

  /**
   * Removes what is incomplete, if it is ours. Resolves with false when it stays: an append, a change in place, a
   * file that could not be removed, or one of which it is not known whether it was touched.
   */
  async discard(turn?: () => Promise<void> | undefined): Promise<boolean> {
    this.#noteAccepted()
    this.#noteChange()
    if (this.#stored === 'nothing') return true
    const temporary = this.#target !== this.path
    if (!temporary && (this.#stored !== 'something' || this.#mode !== 'replace' || this.keep)) return false
    await turn?.()
    try {
      // The call may be cancelled: this is not part of it any more.
      await removeFile(this.remote, new Call(), this.#target)
      return true
    } catch (error) {
      return error instanceof RefusedError && error.code === 'ENOENT'
    }
  }

  /** The reason of a refusal in Node's words; other errors as they are. Asks, so that no session may be held. */
  async explained(error: unknown): Promise<unknown> {
    if (!(error instanceof WriteRefused)) return error
    const { reply, verb } = error
    if (verb === 'APPE' && isUnknownCommand(reply) && reply.code !== 501) {
      this.remote.pool.server.appends = 'no'
      return new RefusedError('ENOTSUP', reply, 'the server has no APPE')
    }
    return explain(this.remote, this.call, 'write', reply, this.path)
  }

  /** What was known of the file counts no longer. */
  #noteChange(): void {
    this.remote.statCache?.change([this.#target, this.path])
  }

  /** The last segment may have been accepted after its first bytes had gone. */
  #noteAccepted(): void {
    if (this.#segment?.outgoing.accepted && this.#stored !== 'nothing') this.#stored = 'something'
  }

  #refused(reply: Reply, verb = this.#segment?.verb): Error {
    // Refused before its 1xx, it has changed nothing.
    if (this.#segment && !this.#segment.outgoing.accepted) this.#stored = this.#storedBefore
    // Positive: it ended before its end. 425, 426: the data connection failed, which another may not.
    const lost = isPositive(reply) || reply.code === 425 || reply.code === 426
    const said = plainReason(reply, replyWords(this.remote, reply, this.#target))
    if (!lost || said !== undefined) return new WriteRefused(reply, verb)
    if (this.#segment?.outgoing.ahead) this.remote.pool.server.warmth.fail()
    const cause = new FtpReplyError(reply)
    return new ConnectionLostError(`The server ended the upload: ${cause.message}`, { cause })
  }

  get #asksSize(): boolean {
    const { verifyUploads, uploadDelay } = this.remote.options
    return verifyUploads && uploadDelay === 0
  }

  #targetFor(mode: UploadMode): ByteString {
    if (mode !== 'replace' || !this.remote.options.atomicUploads) return this.path
    return join(dirname(this.path), `.ftp-vfs-${randomBytes(6).toString('hex')}`)
  }
}

/** The server refused the transfer, or ended it with an error. */
class WriteRefused extends Error {
  constructor(
    readonly reply: Reply,
    readonly verb?: string,
  ) {
    super(new FtpReplyError(reply).message)
  }
}

function refuseChanged(known: FileFacts, size: Reply, time: Reply): void {
  // A server that does not tell cannot be asked.
  const resized = !isUnknownCommand(size) && (parseSize(size) ?? 0) !== known.size
  const { modified } = factsIn([size, time])
  if (resized || (known.modified !== undefined && known.modified !== modified)) throw fileChanged()
}

/** What the server stored did not come over the data connection that was made ahead: it is sent again over another. */
function deadAhead({ server }: Session, { bytes }: Outgoing): ConnectionLostError {
  server.warmth.fail()
  return new ConnectionLostError(
    `The data connection was lost: the file has not the ${bytes} bytes that were sent`,
  )
}

/** The 226 may have come though the session was lost before the reply to SIZE. */
async function finalReplies(outgoing: Outgoing): Promise<readonly Reply[]> {
  try {
    return await outgoing.end()
  } catch (error) {
    if (error instanceof ConnectionLostError && error.answered.length > 0) return error.answered
    throw error
  }
}
