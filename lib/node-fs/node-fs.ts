import * as nodeFileSystem from 'node:fs'
import type { CallRunner } from '../calls/call-runner.js'
import { openAsBlob } from '../calls/open-as-blob.js'
import { Dir } from '../node/dir.js'
import { Dirent } from '../node/dirent.js'
import { Stats } from '../fs/stats.js'
import { named } from './callback-function.js'
import { callbackFunctions } from './callback-functions.js'
import { neverFunctions, neverPromises } from './never.js'
import { promiseFunctions } from './promise-functions.js'
import { streams } from './streams.js'
import { watchers } from './watchers.js'

/** An FtpVfs in the shape of `node:fs`, for code that takes an `fs`. */
export type NodeFs = typeof nodeFileSystem

/**
 * The drop-in `fs` of an FtpVfs.
 *
 * Every name that `node:fs` of the running Node has is there: some users fill in what is missing from the real one, and
 * would read the local disk. What FTP can never do, and all that is synchronous, fails with ENOTSUP. All functions work
 * without `this`, and all properties are own and enumerable: other libraries copy them.
 */
export function nodeFs(strict: CallRunner): NodeFs {
  const runner = strict.ignoringMetadata()
  const promises = promiseFunctions(runner)
  // Node 20 has these on `fs` itself, too, and Node 24 as properties that copying leaves out.
  const { F_OK, R_OK, W_OK, X_OK } = nodeFileSystem.constants
  const fs = {
    ...callbackFunctions(runner),
    ...streams(runner),
    ...watchers(runner),
    openAsBlob: named((...given: [string]) => openAsBlob(runner, ...given), 'openAsBlob'),
    promises: { ...promises, ...neverPromises(promises) },
    constants: nodeFileSystem.constants,
    ...{ F_OK, R_OK, W_OK, X_OK, Stats, Dirent, Dir },
  }
  return { ...fs, ...neverFunctions(fs) } as unknown as NodeFs
}
