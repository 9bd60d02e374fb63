import { ConnectionLostError } from '../../wire/ftp-errors.js'
import { isAscii } from '../ascii.js'
import { resolved, sizeIn, type FileState } from './file-state.js'
import { inspectFile } from './inspect-file.js'
import type { Lost, Stored } from './segment.js'
import { compareClocks } from './compare-clocks.js'
import { settle, type UploadAttempt, type Decision } from './settle.js'
import type { Upload } from './upload.js'
import { UploadVerifyError } from './upload-verify-error.js'
import { verify } from './verify.js'

/** The consequence of an attempt. */
export interface Verdict {
  readonly decision: Decision
  /** The error for the caller if the upload does not continue. */
  readonly error: Error
}

/** What `judge` needs to know besides the outcome of the segment. */
export interface JudgeContext {
  /** How many bytes can be sent again. */
  readonly waiting: number
  /** Whether the stored bytes are those that were sent. */
  readonly same: () => Promise<boolean>
  /**
   * How many of the waiting bytes the file ends with. Undefined if it ends with others. Required if
   * any bytes wait.
   */
  readonly count?: () => Promise<number | undefined>
  /** The bytes follow a part that a 2yz left behind, where the size alone proves nothing. */
  readonly behindPart?: boolean
  /** Another segment follows. */
  readonly more?: boolean
}

/**
 * Decides what follows from an attempt. Asks the server for the present state of the file, after
 * `uploadDelay` if the file is stored. The caller may hold no session.
 */
export async function judge(upload: Upload, outcome: Stored | Lost, rest: JudgeContext): Promise<Verdict> {
  upload.target.noteChange()
  const verdict =
    outcome.end === 'stored'
      ? await judgeStored(upload, outcome, rest)
      : await judgeLost(upload, outcome, rest.waiting)
  const doubtful = verdict.decision === 'done' && rest.behindPart
  return doubtful ? compare(upload, async () => (await rest.count?.()) === rest.waiting) : verdict
}

async function judgeStored(upload: Upload, outcome: Stored, rest: JudgeContext): Promise<Verdict> {
  const { remote, call, target, options } = upload
  const { verifyUploads, uploadDelay } = remote.options
  const { waiting, same, more = false } = rest
  learn(upload, outcome)
  if (outcome.deadAhead) return { decision: 'start over', error: deadAhead(outcome) }
  const size = upload.expected(waiting)
  upload.size = size ?? 0
  const delays = uploadDelay > 0 && !options.followed && !more
  // As in Duplicati, the delay also applies with verification off.
  if (delays) await upload.delay()
  if (!verifyUploads) return done
  if (options.followed) return compare(upload, same)
  const shown = target.shown()
  if (size === undefined) {
    const { error } = await inspectFile(remote, call, target.path)
    return { decision: 'fail', error: UploadVerifyError.unknown(shown, upload.sent + waiting, error) }
  }
  const reported = delays ? 'unknown' : outcome.now
  const expected = { path: target.path, size, told: reported }
  const { state, bySize = false, error } = await verify(remote, call, expected)
  const decision = settle(attemptOf(upload, outcome, waiting, state, bySize, size))
  if (decision === 'compare') return compare(upload, same)
  if (decision === 'count') return goOn(upload, rest, size, sizeIn(state)!)
  if (decision === 'done') {
    if (options.mode === 'append' && upload.origin! > 0 && waiting > 0)
      remote.pool.server.can.append.succeed()
    return done
  }
  if (typeof state === 'string' && state !== 'missing')
    return { decision, error: UploadVerifyError.unknown(shown, size, error) }
  return { decision, error: UploadVerifyError.size(shown, size, sizeIn(state) ?? -1) }
}

async function judgeLost(upload: Upload, outcome: Lost, waiting: number): Promise<Verdict> {
  const { remote, call, target } = upload
  const expected = upload.expected(waiting)
  // Without the size before, sent bytes that arrived cannot be told from those of the old file.
  if (expected === undefined)
    return { decision: target.touched ? 'fail' : 'start over', error: outcome.error }
  const { state, bySize = false } = await inspectFile(remote, call, target.path)
  const now = isAscii(remote) ? 'unknown' : state
  const decision = settle(attemptOf(upload, outcome, waiting, now, bySize, expected))
  const size = sizeIn(now)
  upload.size = expected
  if (decision !== 'fail' || size === undefined || size === expected)
    return { decision, error: outcome.error }
  const min = expected - waiting
  const range = waiting === 0 ? `${min} were expected` : `${min} to ${expected} were expected`
  const message = `The connection was lost: the file has ${size} bytes, ${range}`
  return { decision, error: new ConnectionLostError(message, { cause: outcome.error }) }
}

/**
 * Continues behind a part that is stored, if the readable file is as long as its reported size and
 * holds the bytes that were sent.
 */
async function goOn(
  { target, call }: Upload,
  { waiting, count }: JudgeContext,
  size: number,
  reported: number,
): Promise<Verdict> {
  const error = UploadVerifyError.size(target.shown(), size, reported)
  try {
    const held = await count?.()
    return { decision: held === reported - (size - waiting) ? held : 'fail', error }
  } catch {
    call.throwIfCancelled()
    return { decision: 'fail', error }
  }
}

/** Compares the bytes, where the size proves nothing. */
async function compare(upload: Upload, same: () => Promise<boolean>): Promise<Verdict> {
  const { target, size, call, options } = upload
  try {
    if (await same()) return done
  } catch (error) {
    call.throwIfCancelled()
    return { decision: 'fail', error: UploadVerifyError.unknown(target.shown(), size, error) }
  }
  const patch = options.mode === 'patch'
  const detail =
    options.mode !== 'replace'
      ? 'what was read back is not what was sent'
      : 'the server may have stored it under another name'
  const error = UploadVerifyError.bytes(target.shown(), size, detail)
  return { decision: patch ? 'start over' : 'fail', error }
}

function attemptOf(
  { options, remote }: Upload,
  outcome: Stored | Lost,
  waiting: number,
  now: FileState,
  bySize: boolean,
  expected: number,
): UploadAttempt {
  const { end } = outcome
  const before = resolved(outcome.before, bySize)
  const allSent = end === 'stored' || outcome.allSent
  const replaces = remote.pool.server.kind !== 'unknown'
  return { mode: options.mode, end, before, now, expected, waiting, allSent, replaces }
}

function learn({ remote }: Upload, { before, now, asked, ahead, deadAhead }: Stored): void {
  compareClocks(remote, before, now)
  const { dataAhead, storedSize } = remote.pool.server.can
  if (deadAhead) dataAhead.fail()
  else if (ahead) dataAhead.succeed()
  if (typeof now === 'object') storedSize.succeed()
  else if (asked && now !== 'missing') storedSize.fail()
}

const done: Verdict = { decision: 'done', error: new Error('It is stored') }

/**
 * The error for bytes that did not reach the server over the data connection opened ahead. They are
 * sent again over another.
 */
function deadAhead({ now }: Stored): ConnectionLostError {
  const size = sizeIn(now)
  const what = size === undefined ? 'a size that the server does not tell' : `${size} bytes`
  return new ConnectionLostError(
    `The data connection was lost: the file has ${what}, not those that were sent`,
  )
}
