import * as nodeFileSystem from 'node:fs'
import { systemError } from '../node/node-errors.js'
import { callbackFunction, named, type Callback } from './callback-function.js'

const why = 'FTP has nothing like it'

/**
 * The functions of the running Node's `node:fs` beyond these names, all of which fail with ENOTSUP:
 * the synchronous ones, and those without an equivalent in FTP.
 */
export function unsupportedFunctions(has: object): Record<string, unknown> {
  const functions: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(nodeFileSystem)) {
    if (name in has) continue
    if (name.endsWith('Sync')) functions[name] = never(name, 'FTP cannot be used synchronously')
    else if (typeof value === 'function') functions[name] = neverCalling(name)
  }
  return functions
}

/** As unsupportedFunctions, for `fs.promises`. */
export function unsupportedPromises(has: object): Record<string, unknown> {
  const missing = Object.keys(nodeFileSystem.promises).filter(name => !(name in has))
  return Object.fromEntries(
    missing.map(name => {
      const refuse = never(name, why)
      return [name, named(async (...given: unknown[]) => refuse(...given), name)]
    }),
  )
}

function never(name: string, detail: string): (...given: unknown[]) => never {
  const syscall = name.replace(/Sync$/, '').toLowerCase()
  return named((...given: unknown[]): never => {
    const path = typeof given[0] === 'string' ? given[0] : undefined
    throw systemError({ code: 'ENOTSUP', syscall, path, detail })
  }, name)
}

/**
 * Fails through the callback, if there is one. It also works with `new`: some names are those of
 * classes.
 */
function neverCalling(name: string): unknown {
  const refuse = never(name, why)
  return named(function (...given: unknown[]): void {
    const callback = given.findLast(each => typeof each === 'function') as Callback | undefined
    if (!callback) return refuse(...given)
    return callbackFunction(name, async () => refuse(...given), { callbackAt: [0, 0] })(callback)
  }, name)
}
