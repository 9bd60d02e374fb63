import { encodingOption, integerArgument, optionsArgument } from '../node/arguments.js'
import type { Dir } from '../node/dir.js'
import type { EntryEncoding } from '../node/entry-name.js'
import { openDirectory } from '../fs/open-directory.js'
import type { PathLike } from '../fs/call-path.js'
import type { Calls } from './calls.js'

export interface OpendirOptions {
  encoding?: EntryEncoding
  bufferSize?: number
  recursive?: boolean
}

export function opendir(
  calls: Calls,
  path: PathLike,
  options?: EntryEncoding | OpendirOptions,
): Promise<Dir> {
  const target = calls.target(path, 'opendir')
  const encoding = encodingOption(options)
  const { bufferSize, recursive = false } = optionsArgument<OpendirOptions>(options)
  if (bufferSize !== undefined) integerArgument(bufferSize, 'options.bufferSize', 1)
  return openDirectory(calls.remote, calls.order, target, recursive, found =>
    calls.dirents(target, found, encoding),
  )
}
