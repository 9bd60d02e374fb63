import type { PathKind } from '../stat/probe-kinds.js'
import type { Present, Standing } from './standing.js'

/** `make`: of a name that must be free. `remove`: of what must be there. */
export type ChangeKind = 'make' | 'remove'

/**
 * What follows from a change that may have been carried out though its reply was lost. `refused`:
 * it came to nothing. `unknown`: it may have been done, and nothing tells.
 */
export type ChangeDecision = 'done' | 'send again' | 'refused' | 'unknown'

/**
 * What a lost change has come to, by what stood there before and what stands there now. What was so
 * before is no success.
 */
export function settleChange(kind: ChangeKind, before: Standing, now: Standing): ChangeDecision {
  return kind === 'make' ? settleMake(before, now) : settleRemoval(before, now)
}

function settleMake(before: Standing, now: Standing): ChangeDecision {
  // The server refuses to make what is there: to send it again does no harm.
  if (typeof now === 'string' || typeof before === 'object') return 'send again'
  return before === 'unknown' ? 'unknown' : 'done'
}

function settleRemoval(before: Standing, now: Standing): ChangeDecision {
  if (now === 'missing') {
    if (typeof before === 'object') return 'done'
    return before === 'missing' ? 'send again' : 'unknown'
  }
  // What another client has put there since must stay: it may be the lock of its process.
  if (before === 'missing') return typeof now === 'object' ? 'refused' : 'send again'
  if (typeof before === 'string' || typeof now === 'string') return 'send again'
  const same = isSame(before, now)
  return same === undefined ? 'unknown' : same ? 'send again' : 'done'
}

/** Whether it is the same thing; undefined where nothing tells: it may have been changed. */
function isSame(before: Present, now: Present): boolean | undefined {
  if (before.facts === '' || now.facts === '' || before.facts === now.facts) return true
  const told = before.unique !== undefined && now.unique !== undefined
  return told && before.unique !== now.unique ? false : undefined
}

/**
 * What a lost move has come to. `stood`: RNFR was taken, or it is known otherwise that the source
 * was there; else nothing is known of it.
 */
export function settleMove(stood: boolean, from: PathKind, to: PathKind): ChangeDecision {
  if (from !== 'missing') return 'send again'
  // It was there, and may have been moved on from the new name by now.
  if (to === 'missing') return stood ? 'unknown' : 'send again'
  return stood ? 'done' : 'unknown'
}
