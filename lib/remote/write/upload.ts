import type { Call } from '../../pool/call.js'
import type { Lease } from '../../pool/lease.js'
import { command, type Command, type ServerFile } from '../../wire/session/command.js'
import { ConnectionLostError } from '../../wire/ftp-errors.js'
import type { ByteString } from '../../wire/names/names.js'
import { isUnknownCommand, type Reply } from '../../wire/reply/replies.js'
import { versionIn, fileChanged, type FileVersion } from '../read/file-version.js'
import { keepNames } from '../names/keep-names.js'
import { pathKinds } from '../stat/path-kinds.js'
import { ancestors } from '../paths.js'
import { explain, plainReason } from '../refusal.js'
import { mayPass, RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { serverFile } from '../server-file.js'
import { replyWords } from '../reply-words.js'
import { sizeIn, stateIn } from './file-state.js'
import { withIncomplete } from './with-incomplete.js'
import { inspectFile } from './inspect-file.js'
import { endedBy, nothingSent, Segment, type Lost, type SegmentOutcome, type Refused } from './segment.js'
import type { UploadMode } from './settle.js'
import { UploadTarget } from './upload-target.js'

export interface UploadSettings {
  /**
   * `replace`: the whole file. `append`: behind its end. `patch`: over the bytes from `start` on,
   * keeping the others.
   */
  readonly mode: UploadMode
  /** The position of the first byte in the file. Default 0. */
  readonly start?: number | undefined
  /** The size of the file before an append, if the server was asked for it. */
  readonly origin?: number | undefined
  /** An incomplete file is left on the server: no other copy of the original bytes exists. */
  readonly keep?: boolean | undefined
  /** With `replace`: a check found no file, so one that exists now belongs to another client. */
  readonly exclusive?: boolean | undefined
  /** The version that the file must have before the first byte, else ERR_FTP_FILE_CHANGED. */
  readonly facts?: FileVersion | undefined
  /** The upload is one part of a change: another follows, and the size is checked after that. */
  readonly followed?: boolean | undefined
}

/** An upload of one file, segment by segment. */
export class Upload {
  readonly target: UploadTarget
  /** How many sent bytes cannot be read again. */
  sent = 0
  /** Position of the first byte. For an append it is unknown until the server reports the size. */
  origin: number | undefined
  /** The size of the whole stored file. */
  size = 0
  #facts: FileVersion | undefined
  #current: { lease: Lease; segment?: Segment; isFirst: boolean; hasEnded?: boolean } | undefined

  /** `sizeBefore`: the size of a file that is changed in place. */
  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly options: UploadSettings,
    readonly sizeBefore = options.facts?.size ?? 0,
  ) {
    const { mode, start = 0, facts, keep = false, exclusive = false } = options
    const replaces = mode === 'replace'
    const atomic = replaces && remote.options.atomicUploads
    this.target = new UploadTarget(remote, path, { atomic, removable: replaces && !keep, exclusive })
    this.origin = mode === 'append' ? options.origin : mode === 'patch' ? start : 0
    this.#facts = facts
  }

  /**
   * The size of the file after `waiting` more bytes. Undefined if its size before the upload is
   * unknown.
   */
  expected(waiting: number): number | undefined {
    if (this.origin === undefined) return undefined
    const end = this.origin + this.sent + waiting
    return this.options.mode === 'patch' ? Math.max(this.sizeBefore, end) : end
  }

  /** Asks for the state of the file if the commands sent along with a transfer do not reveal it. */
  async prepare(): Promise<void> {
    const { remote, call, target, options } = this
    await keepNames(remote, call, this.path, true)
    const { kind, can } = remote.pool.server
    // An unrecognised server may lack SIZE.
    const unmeasured = this.origin === undefined && kind === 'unknown'
    const hidden = options.mode === 'replace' && can.storedSize.failed && target.known === 'unknown'
    if (!unmeasured && !(hidden && remote.options.verifyUploads)) return
    const { state } = await inspectFile(remote, call, target.path)
    target.saw(state)
    this.origin ??= state === 'missing' ? 0 : sizeIn(state)
  }

  /**
   * Opens a segment for the waiting bytes, which follow those sent, from index `from` on. `again`:
   * the bytes can be read again, which allows a data connection opened ahead. `release` gives the
   * session back.
   */
  async begin(lease: Lease, from: number, again: boolean): Promise<Segment | Refused | Lost> {
    const { target, path, call } = this
    const { mode } = this.options
    const { storedSize } = this.remote.pool.server.can
    const isFirst = !target.touched
    this.#current = { lease, isFirst }
    call.throwIfCancelled()
    target.check()
    const place = this.sent + from
    const verb = mode === 'patch' || (mode === 'replace' && place === 0) ? 'STOR' : 'APPE'
    const facts = this.#facts
    const { mayBeForeign } = target
    let outOfPlace: ConnectionLostError | undefined
    const judge = (replies: readonly Reply[]): void => {
      if (facts) this.#judgeFacts(facts, replies)
      else if (mayBeForeign) outOfPlace = this.#judgeFree(replies)
      // Bytes that seemed lost may still have arrived: a second append would store them twice.
      else if (!isFirst && verb === 'APPE') outOfPlace = this.#judgePlace(place, replies)
      if (outOfPlace) throw outOfPlace
    }
    const asked = facts ? path : mayBeForeign || target.known === 'unknown' ? target.path : undefined
    const opening = Segment.open(lease.session, {
      file: serverFile(this.remote, target.path),
      verb,
      position: mode === 'patch' ? this.origin! + from : undefined,
      asks: asked === undefined ? [] : stateOf(serverFile(this.remote, asked)),
      judge: facts || mayBeForeign || (!isFirst && verb === 'APPE') ? judge : undefined,
      before: mayBeForeign ? 'unknown' : target.known,
      onCommand: () => target.touch(),
      ahead: again && verb === 'STOR' && isFirst && !storedSize.failed,
      sized: this.#asksSize,
    })
    const segment = await opening.catch((error: unknown): Lost => {
      if (!outOfPlace || error !== outOfPlace) throw error
      return { end: 'lost', before: 'unknown', error: outOfPlace, ...nothingSent }
    })
    if (segment instanceof Segment) this.#current.segment = segment
    if (isFirst) this.#saw(segment)
    if (!(segment instanceof Segment)) this.#note(segment)
    return segment
  }

  /**
   * Ends a segment. `allSent`: all bytes of the segment have been written. `last`: no other segment
   * follows.
   */
  async end(segment: Segment, allSent: boolean, last = allSent): Promise<SegmentOutcome> {
    const outcome = await segment.end(allSent)
    if (this.#current?.isFirst) this.#saw(outcome)
    if (this.#current) this.#current.hasEnded = true
    // A transfer that this side cut leaves the file that it began.
    const cutHere = this.call.cancelled !== undefined && segment.accepted
    if (outcome.end === 'stored' || cutHere) this.target.markOurs()
    if (last && outcome.end === 'stored') this.target.stored(outcome.now)
    this.#note(outcome)
    return outcome
  }

  /** Gives the session back. Aborts a segment that has not ended. */
  async release(): Promise<void> {
    const current = this.#current
    this.#current = undefined
    await current?.segment?.stop()
    if (current?.segment && current.isFirst) this.#saw(current.segment)
    if (current?.segment?.accepted && !current.hasEnded) this.target.markOurs()
    current?.lease.release()
  }

  /** Aborts the segment under way, which then fails. */
  async cut(): Promise<void> {
    const current = this.#current
    if (current?.segment) await current.segment.stop()
    else current?.lease.session.close()
  }

  /**
   * The outcome as a loss, if another attempt may succeed. Throws any other refusal in Node's
   * words, and any error that is not the loss of a connection. The caller may hold no session,
   * because this method asks the server.
   */
  async lossOf(outcome: Refused | Lost): Promise<Lost> {
    if (outcome.end === 'refused') return this.#lossOfRefused(outcome)
    if (!(outcome.error instanceof ConnectionLostError)) throw outcome.error
    return outcome
  }

  /** Whether a temporary name was refused, perhaps for its dot, and another name replaces it. */
  takesOtherName({ reply, accepted }: Refused): boolean {
    return !accepted && reply.code >= 500 && this.target.dropDot()
  }

  /**
   * Whether a lost session may cause the refusal, because the server has not ended its transfer
   * yet. ProFTPD 1.3.8 with HiddenStores then replies 550, since its hidden file exists.
   */
  isHeldByLost({ reply, accepted }: Refused): boolean {
    const { target, remote } = this
    const holds = reply.code === 450 || reply.code === 550 || reply.code === 553
    if (accepted || !holds || !target.touched) return false
    return plainReason(reply, replyWords(remote, reply, target.path)) === undefined
  }

  /**
   * Why the server refused the upload, in Node's words. The caller may hold no session, because
   * this method asks the server.
   */
  async reason({ reply }: Refused): Promise<RefusedError> {
    const { target, remote, call } = this
    if (target.mayBeForeign && !target.touched) {
      const { state } = await inspectFile(remote, call, target.path)
      if (typeof state === 'object') return new RefusedError('EEXIST', reply)
    }
    return explain(remote, call, 'write', reply, this.path)
  }

  /** Prepares to store everything again, if all sent bytes can be read again. */
  startOver(): void {
    if (this.sent === 0) this.target.renew()
  }

  /** Gives the stored file, which is whole, its name. */
  finish(): Promise<void> {
    return this.target.finish(this.call)
  }

  /** Ends the upload and removes an incomplete file, as UploadTarget.discard does. */
  async discard(turn?: () => Promise<void> | undefined): Promise<string | undefined> {
    await this.release()
    return this.target.discard(this.call.cancelled !== undefined, turn)
  }

  /**
   * Ends the upload as `discard` does. Resolves with the error. Its property `incomplete` is the
   * path of a file that stays.
   */
  async abandon(error: unknown): Promise<Error> {
    return withIncomplete(error, await this.discard())
  }

  /** Waits for `uploadDelay`, which a stored file takes to become visible. */
  delay(): Promise<void> {
    return this.call.sleep(this.remote.options.uploadDelay)
  }

  get #asksSize(): boolean {
    const { verifyUploads, uploadDelay } = this.remote.options
    return verifyUploads && uploadDelay === 0 && this.options.followed !== true
  }

  /** Records the state of the file before anything was sent. */
  #saw({ before }: Segment | SegmentOutcome): void {
    this.target.saw(before)
    const measured = this.options.mode === 'append' && this.sent === 0 && before !== 'unknown'
    // Another client may have appended since the size was last asked for.
    if (measured && this.#current?.isFirst !== false) this.origin = sizeIn(before) ?? 0
  }

  #note(outcome: SegmentOutcome): void {
    if (outcome.end === 'refused' && outcome.sent && !outcome.accepted) this.target.refused()
  }

  async #lossOfRefused(refused: Refused): Promise<Lost> {
    const { reply, before, accepted, sent, bytes, allSent, ahead, verb } = refused
    const { remote, target } = this
    const { server } = remote.pool
    const { code } = reply
    const error = endedBy(reply)
    const lost: Lost = { end: 'lost', before, accepted, told: sent, bytes, allSent, error }
    const isPlain = plainReason(reply, replyWords(remote, reply, target.path)) !== undefined
    // The data connection failed: Pure-FTPd 1.0.50 replies 451 to that, others to a disk failure.
    if (ahead && !isPlain && (code === 425 || code === 426 || code === 451)) server.can.dataAhead.fail()
    if (!isPlain && (code === 425 || code === 426)) {
      const blocked = code === 426 ? await this.#blocked() : undefined
      if (blocked) throw new RefusedError(blocked, reply)
      return lost
    }
    if (verb === 'APPE' && isUnknownCommand(reply) && code !== 501) {
      server.can.append.fail()
      throw new RefusedError('ENOTSUP', reply, 'the server has no APPE')
    }
    if (this.options.mode === 'patch' && isUnknownCommand(reply)) {
      server.can.patch.fail()
      if (accepted) target.markOurs()
      throw new RefusedError('ENOTSUP', reply)
    }
    const refusal = await this.reason(refused)
    if (!mayPass(reply, refusal)) {
      if (accepted) target.markOurs()
      throw refusal
    }
    return { ...lost, refusal }
  }

  /** An unrecognised server may reply 426, even after 150, if the folder of the file is missing. */
  async #blocked(): Promise<string | undefined> {
    const { remote, call, target } = this
    if (remote.pool.server.kind !== 'unknown') return undefined
    const above = await pathKinds(remote, call, ancestors(target.path))
    const first = above.find(kind => kind !== 'directory')
    return first === 'missing' ? 'ENOENT' : first === 'file' ? 'ENOTDIR' : undefined
  }

  #judgeFacts(known: FileVersion, replies: readonly Reply[]): void {
    const [size] = replies
    const found = versionIn(replies)
    // A server without SIZE cannot confirm the size.
    const resized = !isUnknownCommand(size!) && (found.size ?? 0) !== known.size
    if (resized || (known.modified !== undefined && known.modified !== found.modified)) throw fileChanged()
    // The file had the right version; from now on this upload changes it.
    this.#facts = undefined
  }

  /**
   * A file at a name that must be free comes from another client, or from an attempt before.
   * Nothing may be sent over it.
   */
  #judgeFree(replies: readonly Reply[]): ConnectionLostError | undefined {
    if (typeof stateIn(replies) !== 'object') return undefined
    if (!this.target.touched) throw new RefusedError('EEXIST')
    return new ConnectionLostError('The connection was lost: a file has appeared at the path meanwhile')
  }

  /** An error if the server reports that the file does not end where the next byte belongs. */
  #judgePlace(place: number, replies: readonly Reply[]): ConnectionLostError | undefined {
    const { size } = versionIn(replies)
    const expected = (this.origin ?? 0) + place
    if (size === undefined || size === expected) return undefined
    return new ConnectionLostError(
      `The connection was lost: the file has ${size} bytes, ${expected} were expected`,
    )
  }
}

const stateOf = (file: ServerFile): Command[] => [command('SIZE', file), command('MDTM', file)]
