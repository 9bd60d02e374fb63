import type { Lease } from '../../pool/lease.js'
import type { RefusedError } from '../refused.js'
import { countHeld, holdsBytes } from './holds.js'
import { judge, type Verdict } from './judge.js'
import { judgeExclusive } from './judge-exclusive.js'
import { Segment, type SegmentOutcome } from './segment.js'
import type { Source } from './source.js'
import type { Upload } from './upload.js'
import { UploadVerifyError } from './upload-verify-error.js'

/**
 * Stores a source behind the bytes that the upload has already sent, and proves that it is stored.
 * Sends it again after a loss, and once after a wrong size. `from`: how many bytes of the source
 * are stored already.
 */
export async function store(upload: Upload, source: Source, from = 0): Promise<void> {
  const { call, remote } = upload
  const same = (): Promise<boolean> => holdsBytes(upload, source)
  const count = (): Promise<number | undefined> => countHeld(upload, source)
  let behindPart = false
  /** The failed proof after a 2yz. */
  let unproven: UploadVerifyError | undefined
  for (;;) {
    const outcome = await send(upload, source, from)
    call.throwIfCancelled()
    if (outcome.end === 'refused' && upload.takesOtherName(outcome)) continue
    if (outcome.end === 'refused' && upload.isHeldByLost(outcome)) {
      const reason = await upload.reason(outcome)
      if (isInTheWay(reason)) throw unproven ?? reason
      await remote.pool.retry(call, unproven ?? reason)
      continue
    }
    const ended = outcome.end === 'stored' ? outcome : await lossOf(upload, outcome, unproven)
    const exclusive = ended.end === 'lost' && upload.target.mayBeForeign
    // Read here and not before: a local file gets its size in `open`.
    const { decision, error }: Verdict = exclusive
      ? await judgeExclusive(upload, ended, source)
      : await judge(upload, ended, { waiting: source.size, same, count, behindPart })
    if (decision === 'done') break
    if (decision === 'fail' || isSame(unproven, error)) throw error
    if (error instanceof UploadVerifyError) unproven = error
    from = typeof decision === 'number' ? decision : 0
    // The check of a wrong size has already waited.
    const atOnce: boolean = error instanceof UploadVerifyError
    if (ended.end === 'lost' && from === 0) upload.startOver()
    behindPart ||= atOnce && typeof decision === 'number'
    await remote.pool.retry(call, (ended.end === 'lost' ? ended.refusal : undefined) ?? error, { atOnce })
  }
  await upload.finish()
}

/** As Upload.lossOf. After an unproved 2yz, its failed proof is the error, and not a refusal. */
async function lossOf(
  upload: Upload,
  outcome: Exclude<SegmentOutcome, { end: 'stored' }>,
  unproven: Error | undefined,
): ReturnType<Upload['lossOf']> {
  try {
    return await upload.lossOf(outcome)
  } catch (error) {
    throw unproven ?? error
  }
}

/** Sends the bytes in one segment. */
async function send(upload: Upload, source: Source, from: number): Promise<SegmentOutcome> {
  const { remote, call } = upload
  return sendBy(await remote.pool.acquire(call, 'transfer'), upload, source, from)
}

async function sendBy(lease: Lease, upload: Upload, source: Source, from: number): Promise<SegmentOutcome> {
  const { call } = upload
  try {
    // Opened before the command, which may empty the file on the server.
    await source.open?.()
  } catch (error) {
    lease.release()
    throw error
  }
  try {
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
  } finally {
    await upload.release()
    await source.close?.()
  }
}

/** The obstacle at the path, or above it, is known: the end of another session removes none. */
const isInTheWay = ({ code }: RefusedError): boolean => ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)

/** The server reports the same wrong size as before. */
const isSame = (known: UploadVerifyError | undefined, error: Error): boolean =>
  known !== undefined && error instanceof UploadVerifyError && known.actual === error.actual
