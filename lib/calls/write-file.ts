import { encodingOption, modeArgument, optionsArgument } from '../node/arguments.js'
import { failure } from '../fs/failure.js'
import { fileData, isWhole, wholeData, type FileData } from '../node/file-data.js'
import { FileHandle } from '../fs/file-handle.js'
import type { Reservation, PathUse } from '../fs/path-order.js'
import { checkFlush, writerOptions } from '../fs/stream-options.js'
import type { PathLike, CallPath } from '../fs/call-path.js'
import { Call } from '../pool/call.js'
import { withIncomplete } from '../remote/write/with-incomplete.js'
import { BufferSource } from '../remote/write/source.js'
import { storeFile } from '../remote/write/store-file.js'
import { Writer, type WriterOptions } from '../remote/write/writer.js'
import { withFile } from './by-descriptor.js'
import type { CallRunner, Signal } from './call-runner.js'
import { allowRunning, isNewProgram } from './new-program.js'

/**
 * Options of `writeFile` and `appendFile`; a string is the encoding.
 *
 * Source: Node, fsPromises.writeFile.
 */
export type WriteFileOptions =
  | BufferEncoding
  | null
  | undefined
  | ({
      /** The encoding of strings. Default `utf8`. */
      encoding?: BufferEncoding | null | undefined
      /** The mode of a new file, which is set only if it is executable. Default 0o666. */
      mode?: number | string
      /**
       * `w` replaces, `wx` fails for an existing file, `a` and `ax` append, `r+` changes an
       * existing file. Default `w`; of `appendFile`, `a`.
       */
      flag?: string
      /** Accepted as in Node, without effect: the file is always stored and checked. */
      flush?: boolean
    } & Signal)

/**
 * `fs.writeFile`. A descriptor and a FileHandle are written from their current position on, without
 * truncation.
 */
export function writeFile(
  runner: CallRunner,
  path: PathLike | FileHandle | number,
  data: FileData,
  options?: WriteFileOptions,
): Promise<void> {
  const encoding = (encodingOption(options) as BufferEncoding | undefined) ?? 'utf8'
  const {
    signal,
    flag = 'w',
    mode,
    flush,
  } = optionsArgument<Signal & { flag: string; mode: number | string; flush: boolean }>(options)
  const bits = modeArgument(mode, 'mode', 0o666)
  checkFlush(flush)
  if (path instanceof FileHandle) return path.writeFile(data, options)
  if (typeof path === 'number') return withFile(runner, path, 'write', file => file.writeFile(data, options))
  const target = runner.target(path, 'open')
  const settings = writerOptions(flag, target.folder)
  const change: PathUse = ['change', target.path]
  const store = isWhole(data)
    ? storesWhole(runner, target, settings, wholeData(data, encoding))
    : storesChunks(runner, target, settings, fileData(data, encoding))
  // A source may itself make calls on this file, which would deadlock if they waited for the write:
  // calls wait for it only from the end of the source on.
  return runner.run({ signal }, isWhole(data) ? [change] : [], async call => {
    const program = await isNewProgram(runner.remote, call, target.path, bits)
    await store(call)
    if (program) await allowRunning(runner.remote, call, target.path, bits)
  })
}

type Store = (call: Call) => Promise<void>

/** Stores complete data. It can be sent again, and is not copied. */
function storesWhole(
  runner: CallRunner,
  target: CallPath,
  settings: WriterOptions,
  bytes: Uint8Array,
): Store {
  return async call => {
    try {
      await storeFile(runner.remote, call, target.path, new BufferSource(bytes), settings)
    } catch (error) {
      throw failure(error, 'open', target.given)
    }
  }
}

/** Stores chunks as they arrive. */
function storesChunks(
  runner: CallRunner,
  target: CallPath,
  settings: WriterOptions,
  chunks: AsyncIterable<Uint8Array>,
): Store {
  const reserve = (): Reservation => runner.order.reserve(['change', target.path])
  return async call => {
    const input = new Call()
    const forget = call.onCancel(reason => input.cancel(reason))
    const onFailure = (error: Error): void => input.cancel(error)
    const writer = new Writer(runner.remote, call, target.path, { ...settings, onFailure })
    let reservation: Reservation | undefined
    try {
      for await (const chunk of input.eachUntilCancelled(chunks)) await writer.write(chunk)
      reservation = reserve()
      await reservation.turn(call)
      await writer.end()
    } catch (error) {
      const failed = failure(error, 'open', target.given)
      const broken = (reservation ??= reserve())
      throw withIncomplete(failed, await writer.abort(() => broken.turn()))
    } finally {
      forget()
      reservation?.leave()
    }
  }
}
