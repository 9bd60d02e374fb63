import {
  close,
  fchmod,
  fchown,
  fdatasync,
  fstat,
  fsync,
  ftruncate,
  futimes,
  read,
  readv,
  write,
  writev,
} from '../calls/by-descriptor.js'
import { open } from '../calls/open.js'
import type { FileHandle } from '../fs/file-handle.js'
import type { CallbackShape } from './callback-function.js'
import type { CallSpec } from './path-calls.js'

/** What `fs` alone has: the calls by descriptor, and `open`, which gives one. */
export interface DescriptorCall extends CallbackShape {
  readonly work: CallSpec['work']
  /** `util.promisify` gives a function of which the promise has both results. */
  readonly promisified?: boolean
}

const call = (work: CallSpec['work'], ...callbackAt: readonly [number, number]): DescriptorCall => ({
  work,
  callbackAt,
})

const bytesRead = (read: { bytesRead: number; buffer?: unknown; buffers?: unknown }): unknown[] => [
  read.bytesRead,
  read.buffer ?? read.buffers,
]

const bytesWritten = (written: { bytesWritten: number; buffer?: unknown; buffers?: unknown }): unknown[] => [
  written.bytesWritten,
  written.buffer ?? written.buffers,
]

/** By their names in Node. Source: Node, "File system", callback API. */
export const descriptorCalls: Readonly<Record<string, DescriptorCall>> = {
  close: { ...call(close, 1, 1), optional: true },
  fchmod: call(fchmod, 2, 2),
  fchown: call(fchown, 3, 3),
  fdatasync: call(fdatasync, 1, 1),
  fstat: call(fstat, 1, 2),
  fsync: call(fsync, 1, 1),
  ftruncate: call(ftruncate, 1, 2),
  futimes: call(futimes, 3, 3),
  open: { ...call(open, 1, 3), results: ({ fd }: FileHandle) => [fd] },
  read: { ...call(read, 1, 5), results: bytesRead, promisified: true },
  readv: { ...call(readv, 2, 3), results: bytesRead, promisified: true },
  write: { ...call(write, 2, 5), results: bytesWritten, promisified: true },
  writev: { ...call(writev, 2, 3), results: bytesWritten, promisified: true },
}
