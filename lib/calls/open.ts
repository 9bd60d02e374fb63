import { modeArgument } from '../node/arguments.js'
import type { FileHandle } from '../fs/file-handle.js'
import { parseFlags } from '../node/flags.js'
import { openHandle } from '../fs/open-handle.js'
import type { PathLike } from '../fs/call-path.js'
import type { CallRunner } from './call-runner.js'

export function open(
  runner: CallRunner,
  path: PathLike,
  flags?: string | number | null,
  mode?: number | string | null,
): Promise<FileHandle> {
  const target = runner.target(path, 'open')
  const parsed = parseFlags(flags)
  modeArgument(mode, 'mode', 0o666)
  return openHandle(runner, target, parsed)
}
