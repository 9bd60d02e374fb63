import type { PathKind } from '../stat/probe-kinds.js'
import type { Present, PathState } from './path-state.js'

/** `make` requires a free name, `remove` an existing entry. */
export type ChangeKind = 'make' | 'remove'

/**
 * The outcome of a change whose reply was lost. `refused`: it had no effect. `unknown`: it may have
 * had one, and nothing shows which.
 */
export type ChangeDecision = 'done' | 'send again' | 'refused' | 'unknown'

/**
 * The outcome of a lost change, from the state of the path before and now. A wanted state that
 * existed before is no success.
 */
export function settleChange(kind: ChangeKind, before: PathState, now: PathState): ChangeDecision {
  return kind === 'make' ? settleMake(before, now) : settleRemoval(before, now)
}

function settleMake(before: PathState, now: PathState): ChangeDecision {
  // The server refuses an existing name, so sending again does no harm.
  if (typeof now === 'string' || typeof before === 'object') return 'send again'
  return before === 'unknown' ? 'unknown' : 'done'
}

function settleRemoval(before: PathState, now: PathState): ChangeDecision {
  if (now === 'missing') {
    if (typeof before === 'object') return 'done'
    return before === 'missing' ? 'send again' : 'unknown'
  }
  // An entry that another client has created since must stay: it may be a lock of its process.
  if (before === 'missing') return typeof now === 'object' ? 'refused' : 'send again'
  if (typeof before === 'string' || typeof now === 'string') return 'send again'
  const same = isSame(before, now)
  return same === undefined ? 'unknown' : same ? 'send again' : 'done'
}

/** Whether both are the same entry. Undefined if that is unclear: its facts may have changed. */
function isSame(before: Present, now: Present): boolean | undefined {
  if (before.facts === '' || now.facts === '' || before.facts === now.facts) return true
  const comparable = before.unique !== undefined && now.unique !== undefined
  return comparable && before.unique !== now.unique ? false : undefined
}

/**
 * The outcome of a lost move. `stood`: the source existed, as RNFR or the caller has shown. If
 * false, nothing is known of it.
 */
export function settleMove(stood: boolean, from: PathKind, to: PathKind): ChangeDecision {
  if (from !== 'missing') return 'send again'
  // Another client may have moved the entry on from the new name.
  if (to === 'missing') return stood ? 'unknown' : 'send again'
  return stood ? 'done' : 'unknown'
}
