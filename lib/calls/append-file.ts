import { optionsArgument } from '../node/arguments.js'
import type { FileData } from '../node/file-data.js'
import type { FileHandle } from '../fs/file-handle.js'
import type { PathLike } from '../fs/call-path.js'
import type { Calls } from './calls.js'
import { writeFile, type WriteFileOptions } from './write-file.js'

export function appendFile(
  calls: Calls,
  path: PathLike | FileHandle | number,
  data: FileData,
  options?: WriteFileOptions,
): Promise<void> {
  return writeFile(calls, path, data, { flag: 'a', ...optionsArgument<{ flag: string }>(options) } as {
    flag: string
  })
}
