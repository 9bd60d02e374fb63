import { posix } from 'node:path'
import type { Call } from '../pool/call.js'
import { listWithLinks } from '../remote/list/list.js'
import { lstatPath } from '../remote/stat/lstat.js'
import { join } from '../remote/paths.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import { statPath } from '../remote/stat/stat.js'
import type { ListedEntry } from '../wire/listing/listed-entry.js'
import { decodeName, encodeName, isEncodable, type ByteString } from '../wire/names/names.js'
import type { EntryType } from '../node/type-questions.js'
import { explore, type Visited } from './explore.js'
import { add, behind, isLiteral, isMagic, matches, type PatternRest } from '../node/glob-pattern.js'

/** A path that matches. */
export interface Match {
  /** In the form of the pattern: absolute, or relative to the folder of the search. */
  readonly text: string
  /** The absolute path. */
  readonly path: string
  readonly type: EntryType
}

/** A path, and the remainders of the patterns to match below it. */
interface Step {
  readonly path: ByteString
  readonly text: string
  readonly rests: Set<PatternRest>
  /** It is a folder, and was reported if it matches. */
  readonly known: boolean
}

type Visit = Visited<Step, readonly Match[]>

/**
 * Finds the paths that match. The walk follows a literal name in a pattern directly, also through a
 * link. It lists only for wildcards, and those do not follow links. A path that is missing or
 * cannot be entered matches nothing.
 */
export class GlobWalk {
  /** The remainders already searched for below each path: several patterns may meet there. */
  readonly #seen = new Map<string, Set<PatternRest>>()

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly isExcluded: (match: Match) => boolean,
  ) {}

  /**
   * Yields each path once. `folder`: the start of relative patterns. Throws errors of the
   * connection.
   */
  async *find(folder: ByteString, patterns: readonly PatternRest[]): AsyncGenerator<Match, undefined> {
    const first = new Map<string, Step>()
    for (const pattern of patterns) {
      if (pattern.part === '') this.#goTo(first, '/', '/', pattern.next!)
      else this.#goTo(first, folder, '.', pattern)
    }
    const reported = new Set<string>()
    for await (const found of explore([...first.values()], step => this.#visit(step))) {
      for (const match of found) {
        if (reported.has(match.text)) continue
        reported.add(match.text)
        yield match
      }
    }
    return undefined
  }

  async #visit(step: Step): Promise<Visit> {
    const { path, text, rests, known } = step
    const found: Match[] = []
    const asked = !known && matches(rests, true)
    const [entries, type] = await Promise.all([
      some(rests, isMagic) ? this.#list(path) : undefined,
      asked ? this.#type(path) : undefined,
    ])
    if (!known && (entries ?? type)) {
      const itself: Match = { text, path: this.#text(path), type: type ?? 'directory' }
      if (this.isExcluded(itself)) return { found, below: [], entries: 0 }
      if (asked && matches(rests, entries !== undefined || (await this.#isFolder(path, type))))
        found.push(itself)
    }
    const named = new Map<string, Step>()
    for (const rest of rests) {
      if (isLiteral(rest) && (!entries || rest.part === '.' || rest.part === '..'))
        this.#goTo(named, path, text, rest)
    }
    const below = [...named.values()]
    for (const entry of entries ?? []) this.#take(step, entry, found, below)
    return { found, below, entries: entries?.length ?? 0 }
  }

  /** Handles an entry of a listed folder. */
  #take(folder: Step, { name, type }: ListedEntry, found: Match[], below: Step[]): void {
    const shown = this.#text(name)
    const isFolder = type === 'directory'
    const { named, all } = behind(folder.rests, shown, isFolder)
    if (all.size === 0) return
    const text = folder.text === '.' ? shown : join(folder.text, shown)
    const path = join(folder.path, name)
    const match: Match = { text, path: this.#text(path), type }
    if (this.isExcluded(match)) return
    if (matches(all, isFolder)) found.push(match)
    if (!isFolder && type !== 'link') return
    const rests = new Set<PatternRest>()
    for (const rest of isFolder ? all : named) {
      if (rest.part !== undefined && !(isFolder && rest.part === '')) rests.add(rest)
    }
    this.#forgetSeen(text, rests)
    if (rests.size > 0) below.push({ path, text, rests, known: isFolder })
  }

  /** Adds the step that the literal names at the beginning of a pattern lead to. */
  #goTo(steps: Map<string, Step>, path: ByteString, text: string, pattern: PatternRest): void {
    let rest = pattern
    while (isLiteral(rest)) {
      const name = rest.part as string
      const bytes = this.#bytes(name)
      if (bytes === undefined) return
      path = posix.join(path, bytes)
      text = posix.join(text, name)
      rest = rest.next!
      const passing = isLiteral(rest) && name !== '.' && name !== '..'
      if (passing && this.isExcluded({ text, path: this.#text(path), type: 'directory' })) return
    }
    const rests = new Set<PatternRest>()
    add(rests, rest)
    this.#forgetSeen(text, rests)
    if (rests.size === 0) return
    const same = steps.get(text)
    if (same) for (const each of rests) same.rests.add(each)
    else steps.set(text, { path, text, rests, known: false })
  }

  #forgetSeen(text: string, rests: Set<PatternRest>): void {
    let seen = this.#seen.get(text)
    if (!seen) this.#seen.set(text, (seen = new Set()))
    for (const rest of rests) {
      if (seen.has(rest)) rests.delete(rest)
      else seen.add(rest)
    }
  }

  #list(path: ByteString): Promise<readonly ListedEntry[] | undefined> {
    return ifThere(this.call.part(part => listWithLinks(this.remote, part, path, true)))
  }

  async #type(path: ByteString): Promise<EntryType | undefined> {
    return (await ifThere(this.call.part(part => lstatPath(this.remote, part, path, true))))?.type
  }

  async #isFolder(path: ByteString, type: EntryType | undefined): Promise<boolean> {
    if (type !== 'link') return type === 'directory'
    return (await ifThere(this.call.part(part => statPath(this.remote, part, path))))?.type === 'directory'
  }

  #text(name: ByteString): string {
    return decodeName(name, this.remote.pool.options.encoding)
  }

  /** The bytes of a name. Undefined if no such name can exist on the server. */
  #bytes(name: string): ByteString | undefined {
    const { encoding } = this.remote.pool.options
    return /[\0\r\n]/.test(name) || !isEncodable(name, encoding) ? undefined : encodeName(name, encoding)
  }
}

function some(rests: ReadonlySet<PatternRest>, is: (rest: PatternRest) => boolean): boolean {
  for (const rest of rests) if (is(rest)) return true
  return false
}

// Errors of a server in trouble: it would be wrong to omit the files that it has.
const passing = new Set(['EBUSY', 'EIO'])

async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof RefusedError && !passing.has(error.code)) return undefined
    throw error
  }
}
