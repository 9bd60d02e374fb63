import * as nodeFileSystem from 'node:fs'
import type { CallRunner } from '../calls/call-runner.js'
import { openAsBlob } from '../calls/open-as-blob.js'
import { Dir } from '../node/dir.js'
import { Dirent } from '../node/dirent.js'
import { Stats } from '../fs/stats.js'
import { named } from './callback-function.js'
import { callbackFunctions } from './callback-functions.js'
import { unsupportedFunctions, unsupportedPromises } from './unsupported.js'
import { promiseFunctions } from './promise-functions.js'
import { streams } from './streams.js'
import { watchFunctions } from './watch-functions.js'

/** An FtpVfs in the shape of `node:fs`, for code that takes an `fs`. */
export type NodeFs = typeof nodeFileSystem

/**
 * The drop-in `fs` of an FtpVfs.
 *
 * It has every name that `node:fs` of the running Node has: some users fill in missing functions
 * from the real `fs`, and would read the local disk. The synchronous functions, and those without
 * an equivalent in FTP, fail with ENOTSUP. All functions work without `this`, and all properties
 * are own and enumerable, because other libraries copy them.
 */
export function nodeFs(strict: CallRunner): NodeFs {
  const runner = strict.ignoringMetadata()
  const promises = promiseFunctions(runner)
  // Node 20 has these on `fs` itself, too; Node 24 as properties that a copy does not get.
  const { F_OK, R_OK, W_OK, X_OK } = nodeFileSystem.constants
  const fs = {
    ...callbackFunctions(runner),
    ...streams(runner),
    ...watchFunctions(runner),
    openAsBlob: named((...given: [string]) => openAsBlob(runner, ...given), 'openAsBlob'),
    promises: { ...promises, ...unsupportedPromises(promises) },
    constants: nodeFileSystem.constants,
    ...{ F_OK, R_OK, W_OK, X_OK, Stats, Dirent, Dir },
  }
  return { ...fs, ...unsupportedFunctions(fs) } as unknown as NodeFs
}
