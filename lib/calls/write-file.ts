import { encodingOption, modeArgument, optionsArgument } from '../fs/arguments.js'
import { failure } from '../fs/failure.js'
import { fileData, isWhole, type FileData } from '../fs/file-data.js'
import { FileHandle } from '../fs/file-handle.js'
import type { Place, Use } from '../fs/path-order.js'
import { checkFlush, writerOptions } from '../fs/stream-options.js'
import type { PathLike } from '../fs/target.js'
import { Writer } from '../remote/writer.js'
import { withFile } from './by-descriptor.js'
import type { Calls, Signal } from './calls.js'
import { allowRunning, isNewProgram } from './new-program.js'

export type WriteFileOptions =
  | BufferEncoding
  | null
  | undefined
  | ({
      encoding?: BufferEncoding | null | undefined
      mode?: number | string
      flag?: string
      flush?: boolean
    } & Signal)

/** Of a number, or a handle: from its current position on, and nothing is cut. */
export function writeFile(
  calls: Calls,
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
  if (typeof path === 'number') return withFile(calls, path, 'write', file => file.writeFile(data, options))
  const target = calls.target(path, 'open')
  const settings = writerOptions(flag, target.folder)
  const chunks = fileData(data, encoding)
  const change: Use = ['change', target.path]
  // A source may itself ask for the file that it is for: what it gives has its place from its end on.
  const uses = isWhole(data) ? [change] : []
  return calls.run({ signal }, uses, async call => {
    const program = await isNewProgram(calls.remote, call, target.path, bits)
    const writer = new Writer(calls.remote, call, target.path, settings)
    let place: Place | undefined
    try {
      for await (const chunk of call.eachWanted(chunks)) await writer.write(chunk)
      if (uses.length === 0) place = calls.order.reserve(change)
      await place?.turn(call)
      await writer.end()
      if (program) await allowRunning(calls.remote, call, target.path, bits)
    } catch (error) {
      const failed = failure(error, 'open', target.given)
      if (uses.length === 0) place ??= calls.order.reserve(change)
      if (!(await writer.abort(() => place?.turn()))) Object.assign(failed, { incomplete: target.given })
      throw failed
    } finally {
      place?.leave()
    }
  })
}
