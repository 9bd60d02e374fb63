import { sizeIn, type FileState } from './file-state.js'

/** A lost attempt to store a file that must not have been there before. */
export interface ExclusiveAttempt {
  /** A command was sent that may have been carried out, now or before. */
  readonly sent: boolean
  /** The server had begun to store (1yz). */
  readonly accepted: boolean
  /**
   * The server itself has said that it ended the transfer: what it had begun is not there by
   * chance.
   */
  readonly told: boolean
  /** All bytes that were to go had been handed to the system. */
  readonly allSent: boolean
  /** What stood there right before the attempt; never `refused`. */
  readonly before: FileState
  /** What stands there now. */
  readonly now: FileState
  /** How long the file becomes. */
  readonly expected: number
  /** Whether what stands there is how our bytes begin; undefined before they are compared. */
  readonly same?: boolean | undefined
}

/** `taken`: it is another's (EEXIST). `unknown`: it may be ours, and nothing tells. */
export type ExclusiveDecision = 'done' | 'compare' | 'start over' | 'taken' | 'unknown'

// What is shorter may be another's that begins as ours does: a process id in a lock file.
const minOurs = 4096

/**
 * What a lost attempt has come to where nothing stood before: another client may have made the file
 * meanwhile, of any size. It is ours only by its bytes. It is sent again where nothing stands, and
 * over a part that is ours.
 */
export function settleExclusive(attempt: ExclusiveAttempt): ExclusiveDecision {
  const { sent, accepted, allSent, before, now, expected, same } = attempt
  const size = sizeIn(now)
  if (now === 'missing') return 'start over'
  if (!sent) return size === undefined ? 'start over' : 'taken'
  if (size === undefined) return 'unknown'
  // Of what the server had begun to store something may be left; else no bytes but ours are ours.
  const others = accepted ? 'unknown' : 'taken'
  if (size > expected) return others
  if (size === 0) return settleEmpty(attempt)
  if (same === undefined) return 'compare'
  if (!same) return others
  if (size === expected) return allSent && (accepted || before === 'missing') ? 'done' : 'unknown'
  return isPart(attempt, size) ? 'start over' : 'unknown'
}

/**
 * No bytes tell of an empty file whose it is: only that the server began to store where nothing
 * was.
 */
function settleEmpty({ accepted, allSent, told, before, expected }: ExclusiveAttempt): ExclusiveDecision {
  if (told) return 'start over'
  return expected === 0 && accepted && allSent && before === 'missing' ? 'done' : 'unknown'
}

function isPart({ accepted, told }: ExclusiveAttempt, size: number): boolean {
  return told || (accepted && size >= minOurs)
}
