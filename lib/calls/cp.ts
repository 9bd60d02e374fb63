import { constants } from 'node:fs'
import { booleanArgument, integerArgument, objectArgument } from '../node/arguments.js'
import { TreeCopy, type CopySettings } from '../fs/copy-tree.js'
import { invalidArgType, nodeError, systemError } from '../node/node-errors.js'
import { failure } from '../fs/failure.js'
import type { PathLike } from '../fs/call-path.js'
import type { PathUse } from '../fs/path-order.js'
import type { Call } from '../pool/call.js'
import type { CallRunner } from './call-runner.js'

/** Source: Node, fsPromises.cp. */
export interface CpOptions {
  /** Copies what links lead to. Default: false. */
  dereference?: boolean
  /** With `force: false`, a file that is there already is an error. Default: false. */
  errorOnExist?: boolean
  /** Copies only what this says true of, a folder with all in it. It gets the paths of both. */
  filter?: ((source: string, destination: string) => boolean | Promise<boolean>) | undefined
  /** Replaces files that are there. Default: true. */
  force?: boolean
  /** `fs.constants.COPYFILE_…`, as of `copyFile`. Default: 0. */
  mode?: number
  /** Gives each copied file the time of the last change of the other. Default: false. */
  preserveTimestamps?: boolean
  /** Copies folders, with all that is in them. Default: false. */
  recursive?: boolean
  /** Leaves relative targets of links as they are, not as seen from `src`. Default: false. */
  verbatimSymlinks?: boolean
}

export function cp(runner: CallRunner, src: PathLike, dest: PathLike, options?: CpOptions): Promise<void> {
  const { mode, ...settings } = settingsIn(options)
  const from = runner.target(src, 'cp', 'src')
  const to = runner.target(dest, 'cp', 'dest')
  if (mode & constants.COPYFILE_FICLONE_FORCE) {
    const detail = 'FTP has no copy-on-write'
    return Promise.reject(
      systemError({ code: 'ENOTSUP', syscall: 'copyfile', path: from.given, dest: to.given, detail }),
    )
  }
  const uses: PathUse[] = [
    ['walk', from.path],
    ['change', to.path],
  ]
  const tools = {
    text: runner.text.bind(runner),
    metadata: runner.metadata.bind(runner),
  }
  const work = (call: Call): Promise<void> =>
    new TreeCopy(runner.remote, call, settings, tools).copy(from, to)
  const named = (error: unknown): Error => failure(error, 'cp', from.given, to.given)
  if (!settings.filter) return runner.run({}, uses, work, named)
  // The filter may itself ask for what is being copied: later calls do not wait.
  const inTurn = async (call: Call): Promise<void> => {
    await runner.order.reserve(...uses).inTurn(call, () => Promise.resolve())
    return work(call)
  }
  return runner.run({}, [], inTurn, named)
}

function settingsIn(options: CpOptions | undefined): CopySettings & { mode: number } {
  if (options !== undefined) objectArgument(options, 'options')
  const all = {
    dereference: false,
    errorOnExist: false,
    filter: undefined,
    force: true,
    preserveTimestamps: false,
    recursive: false,
    verbatimSymlinks: false,
    ...options,
  }
  const { dereference, errorOnExist, filter, force, preserveTimestamps, recursive, verbatimSymlinks } = all
  const flags = { dereference, errorOnExist, force, preserveTimestamps, recursive, verbatimSymlinks }
  for (const [name, value] of Object.entries(flags)) booleanArgument(value, `options.${name}`)
  const mode = all.mode === undefined || all.mode === null ? 0 : integerArgument(all.mode, 'mode', 0, 7)
  if (dereference && verbatimSymlinks) {
    const message = 'Option "dereference" cannot be used in combination with option "verbatimSymlinks"'
    throw nodeError(new TypeError(message), 'ERR_INCOMPATIBLE_OPTION_PAIR', cp)
  }
  if (filter !== undefined && typeof filter !== 'function')
    throw invalidArgType('options.filter', 'of type function', filter)
  return { ...flags, filter, mode, exclusive: (mode & constants.COPYFILE_EXCL) !== 0 }
}
