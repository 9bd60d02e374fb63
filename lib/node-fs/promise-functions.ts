import { constants } from 'node:fs'
import type { CallRunner } from '../calls/call-runner.js'
import { glob } from '../calls/glob.js'
import { mkdtempDisposable } from '../calls/mkdtemp.js'
import { open } from '../calls/open.js'
import { watch } from '../calls/watch.js'
import { lazily } from '../fs/call-iterator.js'
import { noDescriptor } from '../fs/file-handle.js'
import { named } from './callback-function.js'
import { pathCalls, type CallSpec } from './path-calls.js'

// The callback functions of these take a descriptor in place of the path.
const takesDescriptor = /^(append|read|write)File$/

/** What `fs.promises` has. */
export function promiseFunctions(runner: CallRunner): Record<string, unknown> {
  const bound = (name: string, work: CallSpec['work']): unknown => {
    const numbers = takesDescriptor.test(name)
    return named(async (...given: unknown[]) => {
      if (numbers) noDescriptor(given[0])
      return work(runner, ...(given as never[]))
    }, name)
  }
  const functions: Record<string, unknown> = {
    constants,
    glob: named((...given: [string]) => lazily(() => glob(runner, ...given)), 'glob'),
    mkdtempDisposable: bound('mkdtempDisposable', mkdtempDisposable),
    open: bound('open', open),
    watch: named((...given: [string]) => lazily(() => watch(runner, ...given)), 'watch'),
  }
  for (const [name, { work }] of Object.entries(pathCalls)) functions[name] = bound(name, work)
  return functions
}
