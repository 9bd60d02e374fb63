import { optionsArgument } from '../node/arguments.js'
import type { FileData } from '../node/file-data.js'
import type { FileHandle } from '../fs/file-handle.js'
import type { PathLike } from '../fs/call-path.js'
import type { CallRunner } from './call-runner.js'
import { writeFile, type WriteFileOptions } from './write-file.js'

export function appendFile(
  runner: CallRunner,
  path: PathLike | FileHandle | number,
  data: FileData,
  options?: WriteFileOptions,
): Promise<void> {
  return writeFile(runner, path, data, { flag: 'a', ...optionsArgument<{ flag: string }>(options) } as {
    flag: string
  })
}
