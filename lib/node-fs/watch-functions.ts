import type { CallRunner } from '../calls/call-runner.js'
import { fsWatcher } from '../calls/watch.js'
import { unwatchFile, watchFile } from '../calls/watch-file.js'
import { named } from './callback-function.js'

type Watch = [path: string, options?: never, listener?: never]

/** The functions that watch files for a listener. */
export function watchFunctions(runner: CallRunner): Record<string, unknown> {
  return {
    watch: named((...given: Watch) => fsWatcher(runner, ...given), 'watch'),
    watchFile: named(
      (path: string, options?: never, listener?: never) => watchFile(runner, path, options, listener),
      'watchFile',
    ),
    unwatchFile: named(
      (path: string, listener?: never) => unwatchFile(runner, path, listener),
      'unwatchFile',
    ),
  }
}
