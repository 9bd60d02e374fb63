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
import { leaving } from './leaving.js'
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
  /** Where the first byte goes. Default 0. */
  readonly start?: number | undefined
  /** How long the file is to which is appended, where that has been asked. */
  readonly origin?: number | undefined
  /** What is incomplete is left: of what it was made from there is no other copy. */
  readonly keep?: boolean | undefined
  /** With `replace`: nothing stood there, as was asked; what has come since is another's. */
  readonly exclusive?: boolean | undefined
  /** What the file has to be when the first byte is sent, else ERR_FTP_FILE_CHANGED. */
  readonly facts?: FileVersion | undefined
  /** The upload is a part of a change: another one follows, after which the size is checked. */
  readonly followed?: boolean | undefined
}

/** The bytes of a file on their way up, segment by segment. */
export class Upload {
  readonly target: UploadTarget
  /** Bytes that are sent and cannot be read again. */
  sent = 0
  /** Where the first byte goes; of an append it is known when the server has told the size. */
  origin: number | undefined
  /** How long the file is when it is stored. */
  size = 0
  #facts: FileVersion | undefined
  #current: { lease: Lease; segment?: Segment; isFirst: boolean; hasEnded?: boolean } | undefined

  /** `sizeBefore`: how long a file is that is changed in place. */
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
   * How long the file becomes when so many bytes follow those sent; undefined where it is not known
   * how long it was.
   */
  expected(waiting: number): number | undefined {
    if (this.origin === undefined) return undefined
    const end = this.origin + this.sent + waiting
    return this.options.mode === 'patch' ? Math.max(this.sizeBefore, end) : end
  }

  /**
   * Finds out what has to be known before, where the questions that go along with a transfer do not
   * tell it.
   */
  async prepare(): Promise<void> {
    const { remote, call, target, options } = this
    await keepNames(remote, call, this.path, true)
    const { kind, can } = remote.pool.server
    // Servers that are not known may have no SIZE.
    const unmeasured = this.origin === undefined && kind === 'unknown'
    const hidden = options.mode === 'replace' && can.storedSize.failed && target.known === 'unknown'
    if (!unmeasured && !(hidden && remote.options.verifyUploads)) return
    const { state } = await inspectFile(remote, call, target.path)
    target.saw(state)
    this.origin ??= state === 'missing' ? 0 : sizeIn(state)
  }

  /**
   * Opens a segment for the bytes that follow those sent, from `from` of the waiting ones on.
   * `again`: they can be read again, so that the data connection may be one that was made ahead.
   * `release` gives the session back.
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
    const { mayBeAnothers } = target
    let outOfPlace: ConnectionLostError | undefined
    const judge = (replies: readonly Reply[]): void => {
      if (facts) this.#judgeFacts(facts, replies)
      else if (mayBeAnothers) outOfPlace = this.#judgeFree(replies)
      // What was lost may still have come: appended once more, it would be there twice.
      else if (!isFirst && verb === 'APPE') outOfPlace = this.#judgePlace(place, replies)
      if (outOfPlace) throw outOfPlace
    }
    const asked = facts ? path : mayBeAnothers || target.known === 'unknown' ? target.path : undefined
    const opening = Segment.open(lease.session, {
      file: serverFile(this.remote, target.path),
      verb,
      position: mode === 'patch' ? this.origin! + from : undefined,
      asks: asked === undefined ? [] : stateOf(serverFile(this.remote, asked)),
      judge: facts || mayBeAnothers || (!isFirst && verb === 'APPE') ? judge : undefined,
      before: mayBeAnothers ? 'unknown' : target.known,
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
   * Ends a segment. `allSent`: these were all bytes that were to go in it; `last`: none are to
   * follow in another.
   */
  async end(segment: Segment, allSent: boolean, last = allSent): Promise<SegmentOutcome> {
    const outcome = await segment.end(allSent)
    if (this.#current?.isFirst) this.#saw(outcome)
    if (this.#current) this.#current.hasEnded = true
    // A transfer that was cut from here has left what was begun.
    const cutHere = this.call.cancelled !== undefined && segment.accepted
    if (outcome.end === 'stored' || cutHere) this.target.isOurs()
    if (last && outcome.end === 'stored') this.target.stored(outcome.now)
    this.#note(outcome)
    return outcome
  }

  /** Gives the session back; a segment that has not ended is broken off. */
  async release(): Promise<void> {
    const current = this.#current
    this.#current = undefined
    await current?.segment?.stop()
    if (current?.segment && current.isFirst) this.#saw(current.segment)
    if (current?.segment?.accepted && !current.hasEnded) this.target.isOurs()
    current?.lease.release()
  }

  /** Breaks off what is under way: it fails. */
  async cut(): Promise<void> {
    const current = this.#current
    if (current?.segment) await current.segment.stop()
    else current?.lease.session.close()
  }

  /**
   * What came to no end, where another attempt may come to one. Throws the reason of another
   * refusal, in Node's words, and what is no loss of a connection. No session may be held: it asks.
   */
  async lossOf(outcome: Refused | Lost): Promise<Lost> {
    if (outcome.end === 'refused') return this.#lossOfRefused(outcome)
    if (!(outcome.error instanceof ConnectionLostError)) throw outcome.error
    return outcome
  }

  /** Whether a temporary name is refused, perhaps for its dot, and another one is taken. */
  takesOtherName({ reply, accepted }: Refused): boolean {
    return !accepted && reply.code >= 500 && this.target.dropDot()
  }

  /**
   * Whether the refusal may be due to a session that was lost: the server may not have ended its
   * transfer yet. ProFTPD 1.3.8 with HiddenStores then says 550, since its hidden file exists.
   */
  isHeldByLost({ reply, accepted }: Refused): boolean {
    const { target, remote } = this
    const holds = reply.code === 450 || reply.code === 550 || reply.code === 553
    if (accepted || !holds || !target.touched) return false
    return plainReason(reply, replyWords(remote, reply, target.path)) === undefined
  }

  /** Why the server refused it, in Node's words. No session may be held: it asks. */
  async reason({ reply }: Refused): Promise<RefusedError> {
    const { target, remote, call } = this
    if (target.mayBeAnothers && !target.touched) {
      const { state } = await inspectFile(remote, call, target.path)
      if (typeof state === 'object') return new RefusedError('EEXIST', reply)
    }
    return explain(remote, call, 'write', reply, this.path)
  }

  /** What is stored from now on is all of it again, where nothing before that is there. */
  startOver(): void {
    if (this.sent === 0) this.target.renew()
  }

  /** What was stored is whole: it gets its name. */
  finish(): Promise<void> {
    return this.target.finish(this.call)
  }

  /** Ends all, and removes what is incomplete. As Target.discard. */
  async discard(turn?: () => Promise<void> | undefined): Promise<string | undefined> {
    await this.release()
    return this.target.discard(this.call.cancelled !== undefined, turn)
  }

  /**
   * Ends all as `discard` does. Resolves with the error, whose property `incomplete` is the path of
   * what stays.
   */
  async abandon(error: unknown): Promise<Error> {
    return leaving(error, await this.discard())
  }

  get #asksSize(): boolean {
    const { verifyUploads, uploadDelay } = this.remote.options
    return verifyUploads && uploadDelay === 0 && this.options.followed !== true
  }

  /** What stood there before anything was sent. */
  #saw({ before }: Segment | SegmentOutcome): void {
    this.target.saw(before)
    const measured = this.options.mode === 'append' && this.sent === 0 && before !== 'unknown'
    // Others may have appended since it was asked.
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
    // The data connection failed. Pure-FTPd 1.0.50 says 451 then, others when their disk fails.
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
      if (accepted) target.isOurs()
      throw new RefusedError('ENOTSUP', reply)
    }
    const refusal = await this.reason(refused)
    if (!mayPass(reply, refusal)) {
      if (accepted) target.isOurs()
      throw refusal
    }
    return { ...lost, refusal }
  }

  /** Servers that are not known may say 426, behind 150 too, where there is no folder for the file. */
  async #blocked(): Promise<string | undefined> {
    const { remote, call, target } = this
    if (remote.pool.server.kind !== 'unknown') return undefined
    const above = await pathKinds(remote, call, ancestors(target.path))
    const first = above.find(kind => kind !== 'directory')
    return first === 'missing' ? 'ENOENT' : first === 'file' ? 'ENOTDIR' : undefined
  }

  #judgeFacts(known: FileVersion, replies: readonly Reply[]): void {
    const [size] = replies
    const told = versionIn(replies)
    // A server that does not tell cannot be asked.
    const resized = !isUnknownCommand(size!) && (told.size ?? 0) !== known.size
    if (resized || (known.modified !== undefined && known.modified !== told.modified)) throw fileChanged()
    // Found so, it is being changed from now on.
    this.#facts = undefined
  }

  /**
   * What stands at a name that has to be free is another's, or of an attempt before: nothing is
   * sent over it.
   */
  #judgeFree(replies: readonly Reply[]): ConnectionLostError | undefined {
    if (typeof stateIn(replies) !== 'object') return undefined
    if (!this.target.touched) throw new RefusedError('EEXIST')
    return new ConnectionLostError('The connection was lost: a file has come to its place meanwhile')
  }

  /** Whether the file ends where the next byte belongs, as far as the server tells. */
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
