import type { Attempt, Outcome } from './operation.js'
import { inWords, same, unlike, type State } from './tree.js'

/** Errors that say something of files. Whoever only lost a connection must not tell them. */
const ofFiles = new Set([
  ...['ENOENT', 'EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'EACCES', 'EPERM', 'EINVAL', 'ENOTSUP'],
  ...['ERR_FS_EISDIR', 'ERR_FS_CP_EEXIST', 'ERR_FS_CP_DIR_TO_NON_DIR', 'ERR_FS_CP_NON_DIR_TO_DIR'],
])

export interface Case {
  readonly attempt: Attempt
  readonly outcome: Outcome
  /** At the paths that it changes. */
  readonly before: ReadonlyMap<string, State>
  readonly found: ReadonlyMap<string, State>
  /** There was a fault meanwhile, or shortly before. */
  readonly faulted: boolean
}

/** What is wrong, in words. */
export function judge(given: Case): string[] {
  const { attempt, outcome, faulted } = given
  const { error } = outcome
  if (!error) {
    if (attempt.code !== undefined) return [`it resolved, where ${attempt.code} was expected`]
    return resolved(given)
  }
  const code = error.code ?? error.name
  if (code === attempt.code) return []
  const wrong: string[] = []
  if (ofFiles.has(code)) wrong.push(`it says ${code}, which is not so: ${error.message}`)
  else if (!faulted) wrong.push(`it was rejected without a fault: ${code} ${error.message}`)
  return [...wrong, ...rejected(given, error.incomplete)]
}

function resolved({ attempt, found }: Case): string[] {
  return [...(attempt.changes ?? [])].flatMap(([path, expected]) => {
    const state = found.get(path)
    return same(state, expected) ? [] : [`it resolved, and at ${path} there is ${unlike(state, expected)}`]
  })
}

function rejected({ attempt, before, found }: Case, incomplete: string | undefined): string[] {
  const changes = [...(attempt.changes ?? [])].filter(([path]) => path !== incomplete)
  const isOld = (path: string) => same(found.get(path), before.get(path))
  const isNew = (path: string, state: State) => same(found.get(path), state)
  if (attempt.whole) {
    if (changes.every(([path]) => isOld(path)) || changes.every(each => isNew(...each))) return []
    const left = changes.map(([path]) => `${inWords(found.get(path))} at ${path}`)
    return [`it was rejected when a part of it was done: there is ${left.join(', ')}`]
  }
  return changes.flatMap(([path, state]) => {
    if (isOld(path) || isNew(path, state)) return []
    if (attempt.removes && found.get(path) === undefined) return []
    const [old, new_] = [before.get(path), state].map(inWords)
    return [
      `it was rejected, and at ${path} there is ${inWords(found.get(path))}: not the old, ${old}, not the new, ${new_}`,
    ]
  })
}
