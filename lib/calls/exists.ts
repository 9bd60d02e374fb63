import { pathArgument } from '../node/arguments.js'
import type { PathLike } from '../fs/call-path.js'
import { access } from './access.js'
import type { CallRunner } from './call-runner.js'

export async function exists(runner: CallRunner, path: PathLike): Promise<boolean> {
  try {
    pathArgument(path)
  } catch {
    // As Node's: what can be no path does not exist.
    return false
  }
  try {
    await access(runner, path)
    return true
  } catch (error) {
    // Only what is about the file is an answer; that the server cannot be reached is none.
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes((error as { code: string }).code))
      return false
    throw error
  }
}
