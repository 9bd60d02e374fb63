import { invalidArgType } from '../node/node-errors.js'
import { FileHandle } from '../fs/file-handle.js'
import type { StreamedFile } from '../node/file-streams.js'
import { close, fsync, read, write, writev } from './by-descriptor.js'
import type { CallRunner } from './call-runner.js'

/** The option for a stream of an open file, which makes the path irrelevant. */
export interface OpenFileOption {
  /** The open file: a FileHandle, or a descriptor of `vfs.fs`. */
  fd: FileHandle | number
}

/** The open file in the options of a stream, if any. Throws ERR_INVALID_ARG_TYPE. */
export function openFileIn(options: unknown): FileHandle | number | undefined {
  const { fd } = (typeof options === 'object' && options !== null ? options : {}) as { fd?: unknown }
  if (fd === undefined || fd === null) return undefined
  if (typeof fd === 'number' || fd instanceof FileHandle) return fd
  throw invalidArgType('options.fd', 'of type number or an instance of FileHandle', fd)
}

/** The file of a descriptor, which each use looks up again, as in Node. */
export function streamedFile(runner: CallRunner, fd: number): StreamedFile {
  return {
    read: (...given) => read(runner, fd, ...given),
    write: (...given) => write(runner, fd, ...given),
    writev: (buffers, position) => writev(runner, fd, buffers, position),
    sync: () => fsync(runner, fd),
    close: () => close(runner, fd),
  }
}
