import { encodingOption, optionsArgument } from '../node/arguments.js'
import type { Dirent } from '../node/dirent.js'
import type { EntryEncoding } from '../node/entry-name.js'
import type { PathLike } from '../fs/call-path.js'
import { walk, type ListedFolder } from '../fs/walk.js'
import { list } from '../remote/list/list.js'
import type { CallRunner } from './call-runner.js'

/**
 * Options of `readdir`.
 *
 * Source: Node, fsPromises.readdir.
 */
export interface ReaddirOptions {
  /** The encoding of names; `buffer` returns Buffers. Default `utf8`. */
  encoding?: EntryEncoding
  /** Returns Dirents instead of names. Default false. */
  withFileTypes?: boolean | undefined
  /** Includes the entries of all folders below. Default false. */
  recursive?: boolean | undefined
}

type Listed = string | Buffer | Dirent<string | Buffer>

export function readdir(
  runner: CallRunner,
  path: PathLike,
  options?: EntryEncoding | ReaddirOptions,
): Promise<Listed[]> {
  const target = runner.target(path, 'scandir')
  const encoding = encodingOption(options)
  const { withFileTypes = false, recursive = false } = optionsArgument<ReaddirOptions>(options)
  const result = (found: ListedFolder): Listed[] =>
    withFileTypes ? runner.dirents(target, found, encoding) : runner.names(target, found, encoding)
  return runner.call('scandir', target, recursive ? 'walk' : 'list', async call => {
    if (!recursive) {
      const entries = await list(runner.remote, call, target.path, 'usual', true)
      return result({ folder: target.path, entries })
    }
    const all: Listed[] = []
    for await (const found of walk(runner.remote, call, target.path))
      for (const each of result(found)) all.push(each)
    return all
  })
}
