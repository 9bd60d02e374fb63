import { encodingOption, optionsArgument } from '../node/arguments.js'
import type { Dirent } from '../node/dirent.js'
import type { EntryEncoding } from '../node/entry-name.js'
import type { PathLike } from '../fs/call-path.js'
import { walk, type ListedFolder } from '../fs/tree.js'
import { list } from '../remote/list/list.js'
import type { CallRunner } from './call-runner.js'

export interface ReaddirOptions {
  encoding?: EntryEncoding
  withFileTypes?: boolean | undefined
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
  const told = (found: ListedFolder): Listed[] =>
    withFileTypes ? runner.dirents(target, found, encoding) : runner.names(target, found, encoding)
  return runner.call('scandir', target, recursive ? 'walk' : 'list', async call => {
    if (!recursive) {
      const entries = await list(runner.remote, call, target.path, 'usual', true)
      return told({ folder: target.path, entries })
    }
    const all: Listed[] = []
    for await (const found of walk(runner.remote, call, target.path))
      for (const each of told(found)) all.push(each)
    return all
  })
}
