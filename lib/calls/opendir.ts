import { encodingOption, integerArgument, optionsArgument } from '../node/arguments.js'
import type { Dir } from '../node/dir.js'
import type { EntryEncoding } from '../node/entry-name.js'
import { openDirectory } from '../fs/open-directory.js'
import type { PathLike } from '../fs/call-path.js'
import type { CallRunner } from './call-runner.js'

export interface OpendirOptions {
  encoding?: EntryEncoding
  bufferSize?: number
  recursive?: boolean
}

export function opendir(
  runner: CallRunner,
  path: PathLike,
  options?: EntryEncoding | OpendirOptions,
): Promise<Dir> {
  const target = runner.target(path, 'opendir')
  const encoding = encodingOption(options)
  const { bufferSize, recursive = false } = optionsArgument<OpendirOptions>(options)
  if (bufferSize !== undefined) integerArgument(bufferSize, 'options.bufferSize', 1)
  return openDirectory(runner.remote, runner.order, target, recursive, found =>
    runner.dirents(target, found, encoding),
  )
}
