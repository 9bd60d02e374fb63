import { integerArgument, modeArgument, timeArgument } from '../node/arguments.js'
import type { FileHandle } from '../fs/file-handle.js'
import {
  descriptorArgument,
  ownerArgument,
  readArguments,
  vectorArguments,
  writeArguments,
} from '../node/io-arguments.js'
import type { BigIntStats, StatOptions, Stats } from '../fs/stats.js'
import type { CallRunner } from './call-runner.js'
import type { Time } from './utimes.js'

type View = NodeJS.ArrayBufferView

/** `fs.close`. The number is free at once; resolves when what was written is stored and checked. */
export function close(runner: CallRunner, fd: number): Promise<void> {
  return withFile(runner, fd, 'close', file => {
    runner.descriptors.delete(fd)
    return file.close()
  })
}

export function fchmod(runner: CallRunner, fd: number, mode: number | string): Promise<void> {
  const bits = modeArgument(mode)
  return withFile(runner, fd, 'fchmod', file => file.chmod(bits))
}

export function fchown(runner: CallRunner, fd: number, uid: number, gid: number): Promise<void> {
  ownerArgument(uid, 'uid')
  ownerArgument(gid, 'gid')
  return withFile(runner, fd, 'fchown', file => file.chown(uid, gid))
}

export function fdatasync(runner: CallRunner, fd: number): Promise<void> {
  return withFile(runner, fd, 'fdatasync', file => file.datasync())
}

export function fstat(
  runner: CallRunner,
  fd: number,
  options?: StatOptions | null,
): Promise<Stats | BigIntStats> {
  return withFile(runner, fd, 'fstat', file => file.stat(options))
}

export function fsync(runner: CallRunner, fd: number): Promise<void> {
  return withFile(runner, fd, 'fsync', file => file.sync())
}

export function ftruncate(runner: CallRunner, fd: number, len = 0): Promise<void> {
  integerArgument(len, 'len')
  return withFile(runner, fd, 'ftruncate', file => file.truncate(len))
}

export function futimes(runner: CallRunner, fd: number, atime: Time, mtime: Time): Promise<void> {
  timeArgument(atime, 'atime')
  timeArgument(mtime, 'mtime')
  return withFile(runner, fd, 'futime', file => file.utimes(atime, mtime))
}

/** `fs.read`: a buffer and numbers, a buffer and options, or options alone. */
export function read(
  runner: CallRunner,
  fd: number,
  ...given: unknown[]
): Promise<{ bytesRead: number; buffer: View }> {
  descriptorArgument(fd)
  const { buffer, into, position } = readArguments(...given)
  return withFile(runner, fd, 'read', async file => {
    const { bytesRead } = await file.read(into, 0, into.length, position)
    return { bytesRead, buffer }
  })
}

export function readv<T extends readonly View[]>(
  runner: CallRunner,
  fd: number,
  buffers: T,
  position?: number | null,
): Promise<{ bytesRead: number; buffers: T }> {
  descriptorArgument(fd)
  vectorArguments(buffers, position)
  return withFile(runner, fd, 'read', file => file.readv(buffers, position))
}

/** `fs.write`: a buffer and numbers, a buffer and options, or a string, a position and an encoding. */
export function write<T extends View | string>(
  runner: CallRunner,
  fd: number,
  data: T,
  ...given: unknown[]
): Promise<{ bytesWritten: number; buffer: T }> {
  descriptorArgument(fd)
  const { bytes, position } = writeArguments(data, ...given)
  return withFile(runner, fd, 'write', async file => {
    const { bytesWritten } = await file.write(bytes, 0, bytes.length, position)
    return { bytesWritten, buffer: data }
  })
}

export function writev<T extends readonly View[]>(
  runner: CallRunner,
  fd: number,
  buffers: T,
  position?: number | null,
): Promise<{ bytesWritten: number; buffers: T }> {
  descriptorArgument(fd)
  vectorArguments(buffers, position)
  return withFile(runner, fd, 'write', file => file.writev(buffers, position))
}

/** Does the work with the open file of this number. Rejects with EBADF when there is none. */
export function withFile<T>(
  runner: CallRunner,
  fd: number,
  syscall: string,
  work: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const number = descriptorArgument(fd)
  const found = async (): Promise<T> => work(runner.descriptors.get(number, syscall))
  return found()
}
