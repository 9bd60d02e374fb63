import * as nodeFileSystem from 'node:fs'
import { promisify } from 'node:util'
import { exists } from '../calls/exists.js'
import type { Calls } from '../calls/calls.js'
import { Dir } from '../fs/dir.js'
import { Dirent } from '../fs/dirent.js'
import { Stats } from '../fs/stats.js'
import { callbackFunction, named, type Callback } from './callback-function.js'
import { never } from './never.js'
import { pathCalls } from './path-calls.js'
import { streams } from './streams.js'

/** An FtpVfs in the shape of `node:fs`, for code that takes an `fs`. */
export type NodeFs = typeof nodeFileSystem

/**
 * The drop-in `fs` of an FtpVfs.
 *
 * Every name that `node:fs` of the running Node has is there: some users fill in what is missing from the real one, and
 * would read the local disk. What FTP can never do, and all that is synchronous, fails with ENOTSUP. All functions work
 * without `this`, and all properties are own and enumerable: other libraries copy them.
 */
export function nodeFs(strict: Calls): NodeFs {
  const calls = strict.ignoringMetadata()
  const fs: Record<string, unknown> = {}
  const promises: Record<string, unknown> = {}
  for (const [name, { work, callbackAt, check }] of Object.entries(pathCalls)) {
    const bound = (...given: unknown[]): Promise<unknown> => work(calls, ...(given as never[]))
    const checked = (...given: unknown[]): Promise<unknown> => {
      check?.(...given)
      return bound(...given)
    }
    fs[name] = callbackFunction(name, checked, { callbackAt })
    promises[name] = named(async (...given: unknown[]) => bound(...given), name)
  }
  fs['exists'] = existsFunction(calls)
  Object.assign(fs['realpath'] as object, { native: fs['realpath'] })
  Object.assign(fs, streams(calls), { Stats, Dirent, Dir }, constants())
  promises['constants'] = nodeFileSystem.constants
  fs['promises'] = promises
  fillIn(fs, promises)
  return fs as unknown as NodeFs
}

/** Its callback gets no error, but a boolean alone. */
function existsFunction(calls: Calls): unknown {
  const asked = (path: unknown): Promise<boolean> => exists(calls, path as string)
  const called = callbackFunction('exists', asked, { callbackAt: [1, 1] })
  const function_ = (path: unknown, callback: (exists: boolean) => void): void =>
    called(path, callback && ((error: unknown, found?: boolean) => callback(!error && found === true)))
  return Object.assign(named(function_, 'exists'), { [promisify.custom]: asked })
}

/** Node has them on `fs` itself as well: some as properties that do not show, which copying would leave out. */
function constants(): Record<string, unknown> {
  const { F_OK, R_OK, W_OK, X_OK } = nodeFileSystem.constants
  return { constants: nodeFileSystem.constants, F_OK, R_OK, W_OK, X_OK }
}

function fillIn(fs: Record<string, unknown>, promises: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(nodeFileSystem)) {
    if (name in fs || (typeof value !== 'function' && name !== 'lchmodSync')) continue
    fs[name] = /Sync$/.test(name) ? never(name, 'FTP cannot be used synchronously') : callbackless(name)
  }
  for (const name of Object.keys(nodeFileSystem.promises)) {
    const refuse = never(name, 'FTP has nothing like it')
    promises[name] ??= named(async (...given: unknown[]) => refuse(...given), name)
  }
}

function callbackless(name: string): unknown {
  const refuse = never(name, 'FTP has nothing like it')
  return named((...given: unknown[]): void => {
    const callback = given.findLast(each => typeof each === 'function') as Callback | undefined
    if (!callback) return refuse(...given)
    return callbackFunction(name, async () => refuse(...given), { callbackAt: [0, 0] })(callback)
  }, name)
}
