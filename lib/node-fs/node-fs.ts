import * as nodeFileSystem from 'node:fs'
import { promisify } from 'node:util'
import { glob } from '../calls/glob.js'
import { open } from '../calls/open.js'
import { mkdtempDisposable } from '../calls/mkdtemp.js'
import { openAsBlob } from '../calls/open-as-blob.js'
import { fsWatcher, watch } from '../calls/watch.js'
import { unwatchFile, watchFile } from '../calls/watch-file.js'
import { exists } from '../calls/exists.js'
import type { Calls } from '../calls/calls.js'
import { lazily } from '../fs/call-iterator.js'
import { Dir } from '../fs/dir.js'
import { Dirent } from '../fs/dirent.js'
import { noDescriptor } from '../fs/file-handle.js'
import { Stats } from '../fs/stats.js'
import { callbackFunction, named, type Callback } from './callback-function.js'
import { descriptorCalls } from './descriptor-calls.js'
import { never } from './never.js'
import { pathCalls } from './path-calls.js'
import { streams } from './streams.js'

// The callback functions of these take a descriptor in place of the path.
const isFile = /^(append|read|write)File$/

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
    const takesNumbers = isFile.test(name)
    promises[name] = named(async (...given: unknown[]) => {
      if (takesNumbers) noDescriptor(given[0])
      return bound(...given)
    }, name)
  }
  for (const [name, { work, ...shape }] of Object.entries(descriptorCalls)) {
    const bound = (...given: unknown[]): Promise<unknown> => work(calls, ...(given as never[]))
    fs[name] = callbackFunction(name, bound, shape)
    // As Node's, of those with two results: an object with both.
    if (shape.results && name !== 'open') Object.assign(fs[name] as object, { [promisify.custom]: bound })
  }
  promises['open'] = named(async (...given: [string]) => open(calls, ...given), 'open')
  promises['glob'] = named((...given: [string]) => lazily(() => glob(calls, ...given)), 'glob')
  fs['glob'] = callbackFunction('glob', (...given) => all(glob(calls, ...(given as [string]))), {
    callbackAt: [1, 2],
  })
  promises['mkdtempDisposable'] = named(
    async (...given: [string]) => mkdtempDisposable(calls, ...given),
    'mkdtempDisposable',
  )
  promises['watch'] = named((...given: [string]) => lazily(() => watch(calls, ...given)), 'watch')
  fs['watch'] = named((...given: [string]) => fsWatcher(calls, ...given), 'watch')
  fs['watchFile'] = named((...given: [string, undefined]) => watchFile(calls, ...given), 'watchFile')
  fs['unwatchFile'] = named((...given: [string]) => unwatchFile(calls, ...given), 'unwatchFile')
  fs['openAsBlob'] = named((...given: [string]) => openAsBlob(calls, ...given), 'openAsBlob')
  fs['exists'] = existsFunction(calls)
  Object.assign(fs['realpath'] as object, { native: fs['realpath'] })
  Object.assign(fs, streams(calls), { Stats, Dirent, Dir }, constants())
  promises['constants'] = nodeFileSystem.constants
  fs['promises'] = promises
  fillIn(fs, promises)
  return fs as unknown as NodeFs
}

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const every: T[] = []
  for await (const each of found) every.push(each)
  return every
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
