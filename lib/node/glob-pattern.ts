import { GLOBSTAR, Minimatch, type MinimatchOptions } from 'minimatch'

/** The rest of a pattern, below a path that matches the parts before. */
export interface PatternRest {
  /**
   * A name, the form of a name, or any number of names; '' is the slash at the end. Undefined: the
   * end of the pattern.
   */
  readonly part: string | RegExp | typeof GLOBSTAR | undefined
  readonly next: PatternRest | undefined
}

// As in Node's own glob, on a system whose paths have slashes: a backslash is a slash.
const options: MinimatchOptions = {
  nocase: false,
  nocaseMagicOnly: true,
  nocomment: true,
  nonegate: true,
  optimizationLevel: 2,
  platform: 'linux',
  windowsPathsNoEscape: true,
}

/** A test whether a path matches the pattern. */
export function matcher(pattern: string): (path: string) => boolean {
  const parsed = new Minimatch(pattern, options)
  return path => parsed.match(path)
}

/** A pattern that matches only this path. */
export function literally(path: string): string {
  return path.replace(/[?*()[\]{}!+@]/g, '[$&]')
}

/**
 * The parts of a pattern, once for each alternative in braces. An absolute pattern begins with ''.
 */
export function parsePattern(pattern: string): PatternRest[] {
  return new Minimatch(pattern, options).set.map(parts =>
    parts.reduceRight<PatternRest>((next, part) => ({ part, next }), { part: undefined, next: undefined }),
  )
}

/** Whether the part is a name, or `.` or `..`. */
export function isLiteral({ part }: PatternRest): boolean {
  return typeof part === 'string' && part !== ''
}

/** Whether the part needs a listing of the folder. */
export function isMagic({ part }: PatternRest): boolean {
  return part !== undefined && typeof part !== 'string'
}

/** Adds a rest, and after `**` also the rest behind it: `**` may stand for no name at all. */
export function add(rests: Set<PatternRest>, rest: PatternRest): void {
  rests.add(rest)
  if (rest.part === GLOBSTAR) add(rests, rest.next!)
}

/** Whether the path itself is a match. */
export function matches(rests: ReadonlySet<PatternRest>, isFolder: boolean): boolean {
  for (const { part } of rests) if (part === undefined || (part === '' && isFolder)) return true
  return false
}

/**
 * The rests of the pattern below an entry: `named` by a part that is its name, `all` by any part.
 */
export function behind(
  rests: ReadonlySet<PatternRest>,
  name: string,
  isFolder: boolean,
): { named: Set<PatternRest>; all: Set<PatternRest> } {
  const named = new Set<PatternRest>()
  const all = new Set<PatternRest>()
  for (const rest of rests) {
    const { part, next } = rest
    if (part === GLOBSTAR) {
      if (!name.startsWith('.')) add(all, rest)
    } else if (typeof part === 'string') {
      if (part === name && part !== '') {
        add(named, next!)
        add(all, next!)
      }
    } else if (part?.test(name) && (isFolder || next!.part === undefined)) add(all, next!)
  }
  return { named, all }
}
