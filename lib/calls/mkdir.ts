import { booleanArgument, modeArgument } from '../node/arguments.js'
import type { PathLike } from '../fs/call-path.js'
import { makeTree } from '../fs/make-tree.js'
import { makeDirectory } from '../remote/change/make-directory.js'
import { RefusedError } from '../remote/refused.js'
import { statPath } from '../remote/stat/stat.js'
import type { CallRunner } from './call-runner.js'

/**
 * Options of `mkdir`.
 *
 * Source: Node, fsPromises.mkdir.
 */
export interface MkdirOptions {
  /** Creates the missing folders above, too, and accepts an existing folder. Default false. */
  recursive?: boolean
  /** Accepted as in Node, and left to the server. */
  mode?: number | string
}

export function mkdir(
  runner: CallRunner,
  path: PathLike,
  options?: number | string | MkdirOptions | null,
): Promise<string | undefined> {
  const { recursive = false, mode } =
    typeof options === 'object' && options !== null ? options : { mode: options }
  booleanArgument(recursive, 'options.recursive')
  modeArgument(mode, 'mode', 0o777)
  const target = runner.target(path, 'mkdir')
  const { remote } = runner
  return runner.call('mkdir', target, recursive ? 'makeAll' : 'make', async call => {
    if (target.path === '/' && recursive) return void (await statPath(remote, call, '/'))
    if (target.path === '/') throw new RefusedError('EEXIST')
    if (!recursive) return void (await makeDirectory(remote, call, target.path))
    const first = await makeTree(remote, call, target.path).catch((error: unknown) => {
      // A file, although the slash at the end demands a folder.
      const isFile = target.folder && error instanceof RefusedError && error.code === 'EEXIST'
      throw isFile ? new RefusedError('ENOTDIR') : error
    })
    return first === undefined ? undefined : runner.text(first)
  })
}
