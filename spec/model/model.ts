import * as node from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { Test } from 'tap'
import { someSteps, type Step } from './operations.js'
import { Run, type Subject } from './run.js'

/** Names that one server or another has trouble with, and a client that reads listings. */
const oddNames = [
  'c',
  'a b',
  ' lead',
  'trail ',
  'tab\t',
  'ü',
  'e\u0301',
  '%41',
  '[x]',
  '?q',
  'st*r',
  'back\\slash',
  '-la',
  '.dot',
  '"quoted"',
  'name -> target',
  '-rw-r--r-- 1 u g 3 Jan 1 00:00 fake',
  'type=dir; x',
  'total 12',
  'x'.repeat(200),
]

/** What is there when the steps begin. */
const beginning: readonly Step[] = [
  ['mkdir', 'methods', 'a/b', true],
  ['writeFile', 'methods', 'a/a', ['x', 5], 'w'],
  ['writeFile', 'methods', 'b', ['y', 40], 'w'],
]

export interface Search {
  /** Sequences to try. Default: as many as go in three seconds. */
  readonly numRuns?: number
  /** Of what has been found before. */
  readonly seed?: number
  readonly path?: string
}

/**
 * Any operations, one after the other, on an fs and on `node:fs` in a folder of this machine: each gives the same result or the
 * same error, and then the same files are there. Resolves with a sequence where they differ, as short as can be, in words.
 *
 * `node:fs` is the oracle and not memfs, which renames anything onto anything, takes files for folders in a recursive `mkdir`, and has
 * other codes and streams that hang where they should fail (spec/conformance/memfs-departures.ts).
 *
 * `without`: names that this one cannot keep.
 */
export async function difference(
  t: Test,
  subject: Subject,
  { numRuns, ...before }: Search,
  without: readonly string[] = [],
): Promise<string | undefined> {
  const root = await mkdtemp(join(tmpdir(), 'ftp-vfs-model-'))
  t.teardown(() => rm(root, { recursive: true }))
  const outside = { fs: node.promises, root: '' }
  const oracle: Subject = { fs: node, methods: node.promises, root, outside, isNode: true }
  const odd = fc.constantFrom(...oddNames.filter(name => !without.includes(name)))
  let count = 0
  const compare = async (odd: string, steps: readonly Step[]): Promise<void> => {
    const name = `${++count}`
    const [expected, actual] = [new Run(oracle, name, odd), new Run(subject, name, odd)]
    await Promise.all([expected.begin(), actual.begin()])
    for (const step of [...beginning, ...steps]) {
      const [wanted, got] = await Promise.all([expected.outcome(step), actual.outcome(step)])
      if (!isDeepStrictEqual(got, wanted))
        throw new Error(`${show(step)} gave ${show(got)}, not ${show(wanted)}`)
      // How much of a tree has been copied before it fails depends on the order in which that goes.
      if (step[0] === 'cp' && 'code' in wanted) return
    }
    const [wanted, got] = await Promise.all([expected.tree(), actual.tree()])
    if (!isDeepStrictEqual(got, wanted))
      throw new Error(`at the end there is ${show(got)}, not ${show(wanted)}`)
  }
  let last: Promise<unknown> = Promise.resolve()
  const property = fc.asyncProperty(odd, someSteps, (odd, steps) => {
    const done = compare(odd, steps)
    last = done.catch(() => {})
    return done
  })
  const { failed, errorInstance, seed, counterexamplePath, counterexample } = await fc.check(property, {
    ...before,
    timeout: 20_000,
    numRuns: numRuns ?? 10_000,
    ...(numRuns === undefined && { interruptAfterTimeLimit: 3_000 }),
  })
  // When time is up, fast-check does not wait for it.
  await last
  t.comment(`${count} sequences`)
  if (!failed) return undefined
  const again = `FTP_VFS_MODEL_SEED=${seed} FTP_VFS_MODEL_PATH=${counterexamplePath}`
  const { message } = errorInstance as Error
  return `run it again with ${again}: ${message}\n${counterexample!.map(each => show(each)).join('\n')}`
}

/**
 * Fails with what `difference` finds. By FTP_VFS_MODEL_RUNS more sequences are tried, by FTP_VFS_MODEL_SEED and FTP_VFS_MODEL_PATH
 * those that failed once more.
 */
export async function behavesAsNode(t: Test, subject: Subject, without?: readonly string[]): Promise<void> {
  const { FTP_VFS_MODEL_SEED: seed, FTP_VFS_MODEL_PATH: path, FTP_VFS_MODEL_RUNS: runs } = process.env
  const search: Search = {
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(path !== undefined && { path }),
    ...(runs !== undefined && { numRuns: Number(runs) }),
  }
  if (runs !== undefined) t.setTimeout(0)
  t.equal(await difference(t, subject, search, without), undefined)
}

const show = (value: unknown): string => JSON.stringify(value)
