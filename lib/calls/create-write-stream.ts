import { writeStreamOptions } from '../fs/stream-options.js'
import type { PathLike } from '../fs/target.js'
import { WriteStream, type WriteStreamOptions } from '../fs/write-stream.js'
import type { Calls } from './calls.js'

export function createWriteStream(
  calls: Calls,
  path: PathLike,
  options?: BufferEncoding | null | WriteStreamOptions,
): WriteStream {
  const target = calls.target(path, 'open')
  return new WriteStream(calls.remote, calls.order, target, writeStreamOptions(options, target.folder))
}
