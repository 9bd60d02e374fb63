import { ConnectionLostError } from '../../wire/errors.js'
import { holdsBytes } from './holds.js'
import { judge } from './judge.js'
import { Segment, type Outcome } from './segment.js'
import type { Source } from './source.js'
import type { Upload } from './upload.js'
import { UploadVerifyError } from './upload-verify-error.js'

// Milliseconds between attempts that a lost session may be in the way of: 3 s and a little in all.
const pauses = [100, 200, 400, 800, 1600]

/**
 * Stores what can be read again, behind what the upload has sent already, and proves that it is
 * stored. What is lost is sent again, and so is what has the wrong size, once. `from`: so many
 * bytes of it are stored already.
 */
export async function store(upload: Upload, source: Source, from = 0): Promise<void> {
  const { call } = upload
  const rest = { waiting: source.size, same: () => holdsBytes(upload, source) }
  /** What a 2yz was followed by that did not prove it. */
  let unproven: UploadVerifyError | undefined
  let held = 0
  for (let attempts = 1; ; attempts++) {
    const outcome = await send(upload, source, from, attempts)
    call.throwIfCancelled()
    if (outcome.end === 'refused' && !outcome.accepted && upload.target.dropDot()) {
      attempts -= 1
      continue
    }
    if (outcome.end === 'refused' && held < pauses.length && upload.isHeldByLost(outcome)) {
      await call.sleep(pauses[held++]!)
      attempts -= 1
      continue
    }
    const ended = outcome.end === 'stored' ? outcome : await lossOf(upload, outcome, attempts, unproven)
    const { decision, error } = await judge(upload, ended, rest)
    if (decision === 'done') break
    if (decision === 'fail' || isSame(unproven, error)) throw error
    if (error instanceof UploadVerifyError) unproven = error
    from = typeof decision === 'number' ? decision : 0
    await upload.remote.pool.retry(call, error)
  }
  await upload.finish()
}

/** As Upload.lossOf. What was stored once, and could not be proved, is no refusal. */
async function lossOf(
  upload: Upload,
  outcome: Exclude<Outcome, { end: 'stored' }>,
  attempts: number,
  unproven: Error | undefined,
): ReturnType<Upload['lossOf']> {
  try {
    return await upload.lossOf(outcome, attempts)
  } catch (error) {
    throw unproven ?? error
  }
}

/** Sends the bytes in one segment. */
async function send(upload: Upload, source: Source, from: number, attempts: number): Promise<Outcome> {
  const { remote, call } = upload
  try {
    const lease = await remote.pool.acquire(call, 'transfer')
    const segment = await upload.begin(lease, from, true)
    if (!(segment instanceof Segment)) return segment
    let sent = from
    for await (const chunk of source.read(from)) {
      call.throwIfCancelled()
      if (!(await segment.write(chunk))) return await upload.end(segment, false)
      sent += chunk.length
      source.onSent?.(sent)
    }
    return await upload.end(segment, true)
  } catch (error) {
    // A login that is lost: the first one is tried twice by the pool.
    if (!(error instanceof ConnectionLostError) || attempts === 1) throw error
    return { end: 'lost', before: 'unknown', error, bytes: 0, allSent: false }
  } finally {
    await upload.release()
  }
}

/** The server tells the same wrong size as before. */
const isSame = (known: UploadVerifyError | undefined, error: Error): boolean =>
  known !== undefined && error instanceof UploadVerifyError && known.actual === error.actual
