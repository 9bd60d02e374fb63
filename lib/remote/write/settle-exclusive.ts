import { sizeIn, type FileState } from './file-state.js'

/** A lost attempt to store a file that must not have been there before. */
export interface ExclusiveAttempt {
  /** A command that the server may have carried out was sent, now or in an earlier attempt. */
  readonly sent: boolean
  /** The server had begun to store (1yz). */
  readonly accepted: boolean
  /** The server itself reported the end of the transfer: a file that it began is no coincidence. */
  readonly told: boolean
  /** The system had accepted all bytes of the attempt. */
  readonly allSent: boolean
  /** The state of the file right before the attempt; never `refused`. */
  readonly before: FileState
  /** The present state of the file. */
  readonly now: FileState
  /** The size of the whole file. */
  readonly expected: number
  /** Whether our bytes begin with those of the file; undefined before they are compared. */
  readonly same?: boolean | undefined
}

/** `taken`: another client made the file (EEXIST). `unknown`: it may be ours, without proof. */
export type ExclusiveDecision = 'done' | 'compare' | 'start over' | 'taken' | 'unknown'

// A shorter file may be another client's and begin as ours does, like a process id in a lock file.
const minOurs = 4096

/**
 * Decides what follows from a lost attempt at a file that did not exist. Another client may have
 * made a file of any size meanwhile, so only the bytes prove that a file is ours. The upload starts
 * over if no file exists, and over a part that is ours.
 */
export function settleExclusive(attempt: ExclusiveAttempt): ExclusiveDecision {
  const { sent, accepted, allSent, before, now, expected, same } = attempt
  const size = sizeIn(now)
  if (now === 'missing') return 'start over'
  if (!sent) return size === undefined ? 'start over' : 'taken'
  if (size === undefined) return 'unknown'
  // A file that the server began may hold a remnant of ours; without 1yz, other bytes are foreign.
  const others = accepted ? 'unknown' : 'taken'
  if (size > expected) return others
  if (size === 0) return settleEmpty(attempt)
  if (same === undefined) return 'compare'
  if (!same) return others
  if (size === expected) return allSent && (accepted || before === 'missing') ? 'done' : 'unknown'
  return isPart(attempt, size) ? 'start over' : 'unknown'
}

/**
 * An empty file has no bytes that identify its author. Only that the server began to store where
 * nothing was proves that it is ours.
 */
function settleEmpty({ accepted, allSent, told, before, expected }: ExclusiveAttempt): ExclusiveDecision {
  if (told) return 'start over'
  return expected === 0 && accepted && allSent && before === 'missing' ? 'done' : 'unknown'
}

function isPart({ accepted, told }: ExclusiveAttempt, size: number): boolean {
  return told || (accepted && size >= minOurs)
}
