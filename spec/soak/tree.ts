import { difference } from './content.js'

/** What is at a path. */
export type Entry =
  | { readonly kind: 'file'; readonly bytes: Buffer }
  | { readonly kind: 'folder' }
  | { readonly kind: 'link'; readonly target: string }

/** Undefined: nothing. */
export type State = Entry | undefined

export const folder: Entry = { kind: 'folder' }
export const file = (bytes: Buffer): Entry => ({ kind: 'file', bytes })

export function same(one: State, other: State): boolean {
  if (one?.kind === 'file' && other?.kind === 'file') return one.bytes.equals(other.bytes)
  return one?.kind === other?.kind
}

export function inWords(state: State): string {
  if (!state) return 'nothing'
  return state.kind === 'file' ? `a file of ${state.bytes.length} bytes` : `a ${state.kind}`
}

/** What differs, in words. */
export function unlike(found: State, expected: State): string {
  if (found?.kind === 'file' && expected?.kind === 'file')
    return difference(found.bytes, expected.bytes) ?? 'the same'
  return `${inWords(found)}, not ${inWords(expected)}`
}

/** The model: what has to be on the server, by path. */
export class Tree {
  readonly #entries = new Map<string, Entry>()

  get(path: string): State {
    return this.#entries.get(path)
  }

  set(path: string, state: State): void {
    if (state) this.#entries.set(path, state)
    else this.#entries.delete(path)
  }

  /** What is in a folder, and in those below it. */
  below(path: string): [path: string, entry: Entry][] {
    return [...this.#entries].filter(([each]) => each.startsWith(`${path}/`))
  }

  /** The names in a folder. */
  names(path: string): string[] {
    const rest = this.below(path).map(([each]) => each.slice(path.length + 1))
    return rest.filter(each => !each.includes('/')).sort()
  }
}
