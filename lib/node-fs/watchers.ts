import type { Calls } from '../calls/calls.js'
import { fsWatcher } from '../calls/watch.js'
import { unwatchFile, watchFile } from '../calls/watch-file.js'
import { named } from './callback-function.js'

type Watch = [path: string, options?: never, listener?: never]

/** What looks at files again and again, and says so to a listener. */
export function watchers(calls: Calls): Record<string, unknown> {
  return {
    watch: named((...given: Watch) => fsWatcher(calls, ...given), 'watch'),
    watchFile: named(
      (path: string, options?: never, listener?: never) => watchFile(calls, path, options, listener),
      'watchFile',
    ),
    unwatchFile: named((path: string, listener?: never) => unwatchFile(calls, path, listener), 'unwatchFile'),
  }
}
