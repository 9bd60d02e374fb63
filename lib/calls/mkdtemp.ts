import { randomBytes } from 'node:crypto'
import { encodingOption, pathArgument } from '../node/arguments.js'
import { entryName, type EntryEncoding } from '../node/entry-name.js'
import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { makeDirectory } from '../remote/change/make-directory.js'
import { encodeName } from '../wire/names/names.js'
import type { CallRunner } from './call-runner.js'
import { rm } from './rm.js'

export function mkdtemp(
  runner: CallRunner,
  prefix: PathLike,
  options?: EntryEncoding | { encoding?: EntryEncoding },
): Promise<string | Buffer> {
  const given = pathArgument(prefix, 'prefix')
  return make(runner, given, encodingOption(options))
}

async function make(
  runner: CallRunner,
  given: string | Buffer,
  encoding: EntryEncoding,
): Promise<string | Buffer> {
  const start = typeof given === 'string' ? given : given.toString('latin1')
  for (let tries = 1; ; tries++) {
    const random = randomBytes(6).toString('base64url').replace(/[-_]/g, 'x').slice(0, 6)
    const name = start + random
    const bytes = runner.paths.virtual(typeof given === 'string' ? name : Buffer.from(name, 'latin1'))
    const target = { given: `${given.toString()}XXXXXX`, raw: given, path: bytes, folder: false }
    try {
      // No other process makes up the same name.
      const makes = (call: Call): Promise<void> => makeDirectory(runner.remote, call, bytes, { isNew: true })
      await runner.call('mkdtemp', target, 'make', makes)
      const made = typeof given === 'string' ? encodeName(name, runner.encoding) : name
      return entryName(made, encoding, runner.encoding)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries >= 10) throw error
    }
  }
}

/** A temporary folder that goes with the block in which it was made. */
export interface DisposableFolder {
  readonly path: string
  /** Removes the folder and all that is in it. */
  remove(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export function mkdtempDisposable(
  runner: CallRunner,
  prefix: PathLike,
  options?: EntryEncoding | { encoding?: EntryEncoding },
): Promise<DisposableFolder> {
  return mkdtemp(runner, prefix, options).then(made => {
    const path = made as string
    const remove = (): Promise<void> => rm(runner, path, { recursive: true, force: true })
    return { path, remove, [Symbol.asyncDispose]: remove }
  })
}
