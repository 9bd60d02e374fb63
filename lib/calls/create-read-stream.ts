import type * as fs from 'node:fs'
import { readStreamOf, type FileReadStreamOptions } from '../node/file-streams.js'
import { ReadStream, type ReadStreamOptions } from '../fs/read-stream.js'
import { readStreamOptions } from '../fs/stream-options.js'
import type { PathLike } from '../fs/call-path.js'
import type { CallRunner } from './call-runner.js'
import { openFileIn, streamedFile, type OpenFileOption } from './streamed-file.js'

type Options = BufferEncoding | null | ReadStreamOptions

export function createReadStream(runner: CallRunner, path: PathLike, options?: Options): ReadStream
export function createReadStream(
  runner: CallRunner,
  path: unknown,
  options: FileReadStreamOptions & OpenFileOption,
): fs.ReadStream
export function createReadStream(
  runner: CallRunner,
  path: PathLike,
  options?: Options | (FileReadStreamOptions & OpenFileOption),
): ReadStream | fs.ReadStream
export function createReadStream(
  runner: CallRunner,
  path: unknown,
  options?: Options | (FileReadStreamOptions & OpenFileOption),
): ReadStream | fs.ReadStream {
  const file = openFileIn(options)
  if (file !== undefined) {
    const given = options as FileReadStreamOptions
    return typeof file === 'number'
      ? readStreamOf(streamedFile(runner, file), file, given)
      : file.createReadStream(given)
  }
  const target = runner.target(path as PathLike, 'open')
  return new ReadStream(runner.remote, runner.order, target, readStreamOptions(options))
}
