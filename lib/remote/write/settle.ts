import { hasMoved, isUnchanged, sizeIn, type FileState } from './file-state.js'

/**
 * `replace`: the whole file. `append`: behind its end. `patch`: over the bytes from a position on,
 * keeping the others.
 */
export type UploadMode = 'replace' | 'append' | 'patch'

/** A finished attempt to store bytes. */
export interface UploadAttempt {
  readonly mode: UploadMode
  /**
   * `stored`: the server has confirmed it (2yz). `lost`: a connection was lost, or data that the
   * server had received.
   */
  readonly end: 'stored' | 'lost'
  /** The state of the file before the attempt; never `refused`, see `resolved`. */
  readonly before: FileState
  /** The present state of the file. */
  readonly now: FileState
  /** The size of the file after a complete attempt. */
  readonly expected: number
  /** How many bytes can be sent again: the last of the expected ones. */
  readonly waiting: number
  /** The system had accepted all bytes of the attempt. */
  readonly allSent: boolean
  /** STOR on this kind of server is known to truncate the file, or to show it only when whole. */
  readonly replaces: boolean
}

/**
 * What follows from an attempt. `compare`: the size is right, but only the bytes show whether they
 * are the new ones. `count`: only the bytes show how many of the waiting ones are stored. A number:
 * that many waiting bytes are stored, and the rest are appended.
 */
export type Decision = 'done' | 'compare' | 'count' | 'start over' | 'fail' | number

/**
 * Decides what follows from an attempt. A size that was the same before proves nothing.
 *
 * After a loss, the right size is proof if it was another before, or if the time has changed and
 * the server is known to truncate or replace the file. After a 2yz it is proof, unless size and
 * time are both as before, or unknown. What is not proved is sent again.
 */
export function settle(attempt: UploadAttempt): Decision {
  const { mode } = attempt
  if (mode === 'patch') return settlePatch(attempt)
  const first = attempt.expected - attempt.waiting
  // Bytes sent in an earlier segment cannot be sent again: the file must hold them.
  const goesOn = mode === 'append' || (attempt.waiting > 0 && first > 0)
  if (goesOn) return settleRest(attempt, first)
  return attempt.end === 'stored' ? settleStored(attempt) : settleLost(attempt)
}

/** The right size proves nothing for a file that is changed in place. */
function settlePatch({ end, before, now, expected }: UploadAttempt): Decision {
  if (end === 'lost') return 'start over'
  const size = sizeIn(now)
  if (size === undefined) return 'fail'
  if (size === expected) return 'compare'
  // The file has grown by a part, or not at all, so none of its old bytes is lost.
  return size < expected && size >= (sizeIn(before) ?? expected) ? 'start over' : 'fail'
}

/** Decides for an append, and for bytes that follow a stored part. */
function settleRest({ end, before, now, expected, allSent }: UploadAttempt, first: number): Decision {
  const missing = now === 'missing'
  // Another client has given the file this size.
  if (end === 'lost' && first < expected && sizeIn(before) === expected) return 'fail'
  const size = missing ? 0 : sizeIn(now)
  if (!missing && size === expected && (end === 'stored' || allSent)) return 'done'
  if (size === undefined || size < first) return 'fail'
  // `first + 1`: an attempt without waiting bytes can be repeated, since it stores none twice.
  if (!missing && size >= Math.max(expected, first + 1)) return 'fail'
  // After a 2yz the size may be late, or wrong: bytes would be appended twice.
  if (end === 'stored') return missing ? 'fail' : 'count'
  return size - first
}

function settleStored({ before, now, expected, waiting }: UploadAttempt): Decision {
  const size = sizeIn(now)
  const proved = expected === 0 || (before !== 'unknown' && !isUnchanged(before, now))
  if (size === expected) return proved ? 'done' : 'compare'
  if (now === 'unknown' || waiting < expected) return 'fail'
  // An unchanged file means that the bytes went to another name, where a retry stores them again.
  return size !== undefined && isUnchanged(before, now) ? 'fail' : 'start over'
}

function settleLost({ before, now, expected, waiting, allSent, replaces }: UploadAttempt): Decision {
  const otherwise = waiting === expected ? 'start over' : 'fail'
  if (!allSent || before === 'unknown' || sizeIn(now) !== expected) return otherwise
  if (sizeIn(before) !== expected) return 'done'
  const moved = typeof before !== 'string' && typeof now !== 'string' && hasMoved(before, now)
  return moved && replaces ? 'done' : otherwise
}
