import { isAscii } from '../ascii.js'
import { inDoubt } from '../change/send-once.js'
import { RefusedError } from '../refused.js'
import { resolved, sizeIn } from './file-state.js'
import { holdsStart } from './holds.js'
import { inspectFile } from './inspect-file.js'
import type { Lost } from './segment.js'
import { settleExclusive, type ExclusiveAttempt, type ExclusiveDecision } from './settle-exclusive.js'
import type { Source } from './source.js'
import type { Upload } from './upload.js'

/**
 * Decides what follows from a lost attempt at a file that must be new. The caller may hold no
 * session, because the function asks the server and reads back.
 *
 * @throws RefusedError EEXIST if another client made the file; ConnectionLostError if nothing shows
 * whose file it is
 */
export async function judgeExclusive(
  upload: Upload,
  outcome: Lost,
  source: Source,
): Promise<{ decision: 'done' | 'start over'; error: Error }> {
  const { remote, call, target } = upload
  const { accepted, told, allSent } = outcome
  target.noteChange()
  upload.size = source.size
  const { state, bySize = false } = await inspectFile(remote, call, target.path)
  const sent = target.touched || told
  // The size of a file in which the server converted line ends proves nothing.
  const now = isAscii(remote) && sent && typeof state === 'object' ? 'unknown' : state
  const before = resolved(outcome.before, bySize)
  const attempt = { sent, accepted, told, allSent, before, now, expected: source.size }
  const decision = await settled(upload, attempt, source)
  const error = sent ? inDoubt(outcome.error) : outcome.error
  if (decision === 'unknown') throw error
  if (decision === 'taken') {
    target.markForeign()
    throw new RefusedError('EEXIST')
  }
  if (typeof now === 'object') target.markOurs()
  return { decision, error }
}

async function settled(
  upload: Upload,
  attempt: ExclusiveAttempt,
  source: Source,
): Promise<Exclude<ExclusiveDecision, 'compare'>> {
  const decision = settleExclusive(attempt)
  if (decision !== 'compare') return decision
  try {
    const same = await holdsStart(upload, source, sizeIn(attempt.now)!)
    return settleExclusive({ ...attempt, same }) as Exclude<ExclusiveDecision, 'compare'>
  } catch {
    upload.call.throwIfCancelled()
    return 'unknown'
  }
}
