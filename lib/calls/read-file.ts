import { encodingOption, optionsArgument } from '../node/arguments.js'
import { invalidArgValue } from '../node/node-errors.js'
import { readFailure } from '../fs/failure.js'
import { FileHandle } from '../fs/file-handle.js'
import { parseFlags } from '../node/flags.js'
import type { PathLike } from '../fs/call-path.js'
import { checkParallel } from '../fs/transfer-options.js'
import { reader } from '../remote/read/parallel-reader.js'
import { readAll } from '../remote/read/transfer.js'
import { withFile } from './by-descriptor.js'
import type { CallRunner, Signal } from './call-runner.js'

/**
 * Options of `readFile`.
 *
 * Source: Node, fsPromises.readFile; `parallel` is ours.
 */
export interface ReadFileOptions extends Signal {
  /** Returns text in this encoding. Default: a Buffer. */
  encoding?: BufferEncoding | null | undefined
  /** A flag that only reads, such as `r`. Default `r`. */
  flag?: string
  /**
   * The largest number of connections for a file of at least 4 MiB; those beyond the first serve
   * only while no other call waits for one. Default 1.
   */
  parallel?: number | undefined
}

/** `fs.readFile`. A descriptor and a FileHandle are read from their current position on. */
export function readFile(
  runner: CallRunner,
  path: PathLike | FileHandle | number,
  options?: BufferEncoding | null | ReadFileOptions,
): Promise<string | Buffer> {
  const encoding = encodingOption(options)
  const { signal, flag = 'r', parallel } = optionsArgument<ReadFileOptions>(options)
  checkParallel(parallel)
  if (path instanceof FileHandle) return path.readFile(options)
  if (typeof path === 'number') return withFile(runner, path, 'read', file => file.readFile(options))
  const flags = parseFlags(flag)
  if (!flags.read || flags.write) throw invalidArgValue('options.flag', flag, "must be 'r'")
  const target = runner.target(path, 'open')
  return runner.run({ signal }, [['read', target.path]], async call => {
    try {
      if (target.folder) await runner.refuseFile(call, target)
      const bytes = await readAll(reader(runner.remote, call, target.path, { parallel }))
      return encoding === undefined || encoding === 'buffer' ? bytes : bytes.toString(encoding)
    } catch (error) {
      throw readFailure(error, target.given)
    }
  })
}
