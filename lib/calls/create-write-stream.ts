import type * as fs from 'node:fs'
import { writeStreamOf, type FileWriteStreamOptions } from '../node/file-streams.js'
import { writeStreamOptions } from '../fs/stream-options.js'
import type { PathLike } from '../fs/call-path.js'
import { WriteStream, type WriteStreamOptions } from '../fs/write-stream.js'
import type { CallRunner } from './call-runner.js'
import { openFileIn, streamedFile, type OpenFileOption } from './streamed-file.js'

type Options = BufferEncoding | null | WriteStreamOptions

export function createWriteStream(runner: CallRunner, path: PathLike, options?: Options): WriteStream
export function createWriteStream(
  runner: CallRunner,
  path: unknown,
  options: FileWriteStreamOptions & OpenFileOption,
): fs.WriteStream
export function createWriteStream(
  runner: CallRunner,
  path: PathLike,
  options?: Options | (FileWriteStreamOptions & OpenFileOption),
): WriteStream | fs.WriteStream
export function createWriteStream(
  runner: CallRunner,
  path: unknown,
  options?: Options | (FileWriteStreamOptions & OpenFileOption),
): WriteStream | fs.WriteStream {
  const file = openFileIn(options)
  if (file !== undefined) {
    const given = options as FileWriteStreamOptions
    return typeof file === 'number'
      ? writeStreamOf(streamedFile(runner, file), file, given)
      : file.createWriteStream(given)
  }
  const target = runner.target(path as PathLike, 'open')
  return new WriteStream(runner.remote, runner.order, target, writeStreamOptions(options, target.folder))
}
