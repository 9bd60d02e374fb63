import { GLOBSTAR, Minimatch, type MinimatchOptions } from 'minimatch'

/** What is left to be matched of a pattern, below a path that has matched what comes before. */
export interface PatternRest {
  /** A name, what a name has to look like, or any number of names; '' is the slash at the end. Undefined: nothing is left. */
  readonly part: string | RegExp | typeof GLOBSTAR | undefined
  readonly next: PatternRest | undefined
}

// As Node's own glob matches, on a system whose paths have slashes: a backslash is one.
const options: MinimatchOptions = {
  nocase: false,
  nocaseMagicOnly: true,
  nocomment: true,
  nonegate: true,
  optimizationLevel: 2,
  platform: 'linux',
  windowsPathsNoEscape: true,
}

/** Of a path and a pattern, whether they match. */
export function matcher(pattern: string): (path: string) => boolean {
  const parsed = new Minimatch(pattern, options)
  return path => parsed.match(path)
}

/** A path as a pattern that matches it alone. */
export function literally(path: string): string {
  return path.replace(/[?*()[\]{}!+@]/g, '[$&]')
}

/** What a pattern stands for: without its braces it is several. One that is absolute begins with ''. */
export function parsePattern(pattern: string): PatternRest[] {
  return new Minimatch(pattern, options).set.map(parts =>
    parts.reduceRight<PatternRest>((next, part) => ({ part, next }), { part: undefined, next: undefined }),
  )
}

/** A part that is a name, or `.` or `..`. */
export function isLiteral({ part }: PatternRest): boolean {
  return typeof part === 'string' && part !== ''
}

/** A part for which the folder has to be listed. */
export function isMagic({ part }: PatternRest): boolean {
  return part !== undefined && typeof part !== 'string'
}

/** Adds what is left, also where `**` stands for no name at all. */
export function add(rests: Set<PatternRest>, rest: PatternRest): void {
  rests.add(rest)
  if (rest.part === GLOBSTAR) add(rests, rest.next!)
}

/** Whether the path itself is a match. */
export function matches(rests: ReadonlySet<PatternRest>, isFolder: boolean): boolean {
  for (const { part } of rests) if (part === undefined || (part === '' && isFolder)) return true
  return false
}

/** What is left behind an entry of a folder: by a part that is its name (`named`), and by all. */
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
