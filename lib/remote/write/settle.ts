import { hasMoved, isUnchanged, sizeIn, type FileState } from './file-state.js'

/**
 * `replace`: the whole file. `append`: behind its end. `patch`: over the bytes from a position on,
 * keeping the others.
 */
export type UploadMode = 'replace' | 'append' | 'patch'

/** An attempt to store bytes, when it is over. */
export interface UploadAttempt {
  readonly mode: UploadMode
  /**
   * `stored`: the server has said so (2yz). `lost`: a connection was, or the data that the server
   * got.
   */
  readonly end: 'stored' | 'lost'
  /** What stood there before the attempt; never `refused`, see `resolved`. */
  readonly before: FileState
  /** What stands there now. */
  readonly now: FileState
  /** How long the file becomes by it. */
  readonly expected: number
  /** How many bytes of that are at hand and can be sent again: those at its end. */
  readonly waiting: number
  /** All bytes that were to go had been handed to the system. */
  readonly allSent: boolean
  /** STOR of this kind of server was seen to cut the file, or to show it only when it is whole. */
  readonly replaces: boolean
}

/**
 * What follows from an attempt. `compare`: the size is right, but only the bytes tell whether they
 * are the new ones. `count`: only the bytes tell how many of those that wait are stored. A number:
 * that many of them are, the others are to be appended.
 */
export type Decision = 'done' | 'compare' | 'count' | 'start over' | 'fail' | number

/**
 * What an attempt has come to: a size that was the same before proves nothing.
 *
 * After a loss the right size is proof where it was another before, or where the time has moved and
 * the server is known to cut or replace the file; behind a 2yz it is, unless size and time are both
 * as before, or are not known. What is not proved is sent again.
 */
export function settle(attempt: UploadAttempt): Decision {
  const { mode } = attempt
  if (mode === 'patch') return settlePatch(attempt)
  const first = attempt.expected - attempt.waiting
  // What was sent before cannot be sent again: it has to be there.
  const goesOn = mode === 'append' || (attempt.waiting > 0 && first > 0)
  if (goesOn) return settleRest(attempt, first)
  return attempt.end === 'stored' ? settleStored(attempt) : settleLost(attempt)
}

/** The right size of a file that is changed in place tells nothing. */
function settlePatch({ end, before, now, expected }: UploadAttempt): Decision {
  if (end === 'lost') return 'start over'
  const size = sizeIn(now)
  if (size === undefined) return 'fail'
  if (size === expected) return 'compare'
  // It has grown by a part, or not at all: of the old bytes none is gone.
  return size < expected && size >= (sizeIn(before) ?? expected) ? 'start over' : 'fail'
}

/** Of an append, and of what follows a part that is stored. */
function settleRest({ end, before, now, expected, allSent }: UploadAttempt, first: number): Decision {
  const missing = now === 'missing'
  // Another client has made it so long.
  if (end === 'lost' && first < expected && sizeIn(before) === expected) return 'fail'
  const size = missing ? 0 : sizeIn(now)
  if (!missing && size === expected && (end === 'stored' || allSent)) return 'done'
  if (size === undefined || size < first) return 'fail'
  // Nothing that was to go is there already, and can be sent again all the same.
  if (!missing && size >= Math.max(expected, first + 1)) return 'fail'
  // Behind a 2yz a size may be late, or wrong: bytes would be appended twice.
  if (end === 'stored') return missing ? 'fail' : 'count'
  return size - first
}

function settleStored({ before, now, expected, waiting }: UploadAttempt): Decision {
  const size = sizeIn(now)
  const proved = expected === 0 || (before !== 'unknown' && !isUnchanged(before, now))
  if (size === expected) return proved ? 'done' : 'compare'
  if (now === 'unknown' || waiting < expected) return 'fail'
  // The file went to another name: there it would be stored a second time.
  return size !== undefined && isUnchanged(before, now) ? 'fail' : 'start over'
}

function settleLost({ before, now, expected, waiting, allSent, replaces }: UploadAttempt): Decision {
  const otherwise = waiting === expected ? 'start over' : 'fail'
  if (!allSent || before === 'unknown' || sizeIn(now) !== expected) return otherwise
  if (sizeIn(before) !== expected) return 'done'
  const moved = typeof before !== 'string' && typeof now !== 'string' && hasMoved(before, now)
  return moved && replaces ? 'done' : otherwise
}
