import { ReadStream, type ReadStreamOptions } from '../fs/read-stream.js'
import { readStreamOptions } from '../fs/stream-options.js'
import type { PathLike } from '../fs/target.js'
import type { Calls } from './calls.js'

export function createReadStream(
  calls: Calls,
  path: PathLike,
  options?: BufferEncoding | null | ReadStreamOptions,
): ReadStream {
  const target = calls.target(path, 'open')
  return new ReadStream(calls.remote, calls.order, target, readStreamOptions(options))
}
