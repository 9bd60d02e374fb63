import type { FsUnderTest, Outside, Target } from './target.js'

/** What a case works with. */
export interface Env {
  fs: FsUnderTest
  /** The case's own folder: it exists and is empty. */
  dir: string
  /** A path in the case's own folder. */
  at: (...names: string[]) => string
  /** A path in the case's own folder, of bytes. */
  bytesAt: (...names: Buffer[]) => Buffer
  outside: Outside['fs']
  /** Where a path of the fs under test lies outside. */
  out: (path: string) => string
  target: Target
}

export interface Case {
  name: string
  run: (env: Env) => Promise<void>
  /** Why this case is not for this target, if it is not. */
  skip?: ((target: Target) => string | undefined) | undefined
  /** What holds even where the target departs from the case. */
  departed?: ((env: Env) => Promise<void>) | undefined
}

export type Define = (title: string, run: Case['run'], more?: Pick<Case, 'skip' | 'departed'>) => void

/** The cases of one area, in the order of their definition. */
export function casesOf(area: string, describe: (define: Define) => void): Case[] {
  const cases: Case[] = []
  describe((title, run, more) => cases.push({ name: `${area}: ${title}`, run, ...more }))
  return cases
}
