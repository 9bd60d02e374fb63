import { optionsArgument } from '../fs/arguments.js'
import type { FileData } from '../fs/file-data.js'
import type { PathLike } from '../fs/target.js'
import type { Calls } from './calls.js'
import { writeFile, type WriteFileOptions } from './write-file.js'

export function appendFile(
  calls: Calls,
  path: PathLike,
  data: FileData,
  options?: WriteFileOptions,
): Promise<void> {
  return writeFile(calls, path, data, { flag: 'a', ...optionsArgument<{ flag: string }>(options) } as {
    flag: string
  })
}
