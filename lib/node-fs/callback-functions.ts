import { promisify } from 'node:util'
import type { CallRunner } from '../calls/call-runner.js'
import { exists } from '../calls/exists.js'
import { glob } from '../calls/glob.js'
import { callbackFunction, named } from './callback-function.js'
import { descriptorCalls } from './descriptor-calls.js'
import { pathCalls } from './path-calls.js'

/** The functions that take a callback. */
export function callbackFunctions(runner: CallRunner): Record<string, unknown> {
  const functions: Record<string, unknown> = { exists: existsFunction(runner), glob: globFunction(runner) }
  for (const [name, { work, callbackAt, check }] of Object.entries(pathCalls)) {
    const checked = (...given: unknown[]): Promise<unknown> => {
      check?.(...given)
      return work(runner, ...(given as never[]))
    }
    functions[name] = callbackFunction(name, checked, { callbackAt })
  }
  for (const [name, { work, ...shape }] of Object.entries(descriptorCalls)) {
    const bound = (...given: unknown[]): Promise<unknown> => work(runner, ...(given as never[]))
    const function_ = callbackFunction(name, bound, shape)
    // As Node's: a promise of both results, in an object.
    functions[name] = shape.promisified ? Object.assign(function_, { [promisify.custom]: bound }) : function_
  }
  Object.assign(functions['realpath'] as object, { native: functions['realpath'] })
  return functions
}

/** Its callback gets no error, but a boolean alone. */
function existsFunction(runner: CallRunner): unknown {
  const asked = (path: unknown): Promise<boolean> => exists(runner, path as string)
  const called = callbackFunction('exists', asked, { callbackAt: [1, 1] })
  const function_ = (path: unknown, callback: (exists: boolean) => void): void =>
    called(
      path,
      typeof callback === 'function'
        ? (error: unknown, found?: boolean) => callback(!error && found === true)
        : callback,
    )
  return Object.assign(named(function_, 'exists'), { [promisify.custom]: asked })
}

function globFunction(runner: CallRunner): unknown {
  const all = async (...given: unknown[]): Promise<unknown[]> => {
    const every: unknown[] = []
    for await (const path of glob(runner, ...(given as [string]))) every.push(path)
    return every
  }
  return callbackFunction('glob', all, { callbackAt: [1, 2] })
}
