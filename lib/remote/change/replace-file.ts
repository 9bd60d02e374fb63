import { Call } from '../../pool/call.js'
import { ConnectionLostError, FtpError, FtpReplyError } from '../../wire/ftp-errors.js'
import { decodeName, type ByteString } from '../../wire/names/names.js'
import { ask } from '../ask.js'
import { removeFile } from './remove.js'
import { kindsOf, type PathKind } from '../stat/probe-kinds.js'
import { move, type RefusedMove } from './move.js'
import { explain } from '../refusal.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { temporaryName } from '../temporary-name.js'

/**
 * Renames a file over another where RNTO refuses a name that exists (IIS, FileZilla Server): the
 * old file is moved aside, the new one takes its name, then the old one is removed. Nothing is
 * removed before the new file has the name.
 *
 * Resolves with false when nothing has changed: they are no two files, or the old one stays.
 *
 * @throws why the new file does not get the name, once the old one has it again. Where it has not,
 *   or the server cannot be asked, the error names both files: `incomplete` is the old one's path
 */
export async function replaceFile(
  remote: Remote,
  call: Call,
  path: ByteString,
  dest: ByteString,
): Promise<boolean> {
  const kinds = await ask(remote, call, kindsOf([path, dest]))
  if (kinds.some(kind => kind !== 'file')) return false
  const { encoding } = remote.pool.options
  for (const dot of [true, false]) {
    const aside = temporaryName(dest, { encoding, dot })
    if (await new Replacement(remote, call, path, dest, aside).replace()) return true
  }
  return false
}

class Replacement {
  /** A cancelled call does not end the steps: between two of them the name is missing. */
  readonly #steps = new Call()
  /** The new file may have the name. */
  #tried = false

  /** `aside`: where the old file goes. */
  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly dest: ByteString,
    readonly aside: ByteString,
  ) {}

  /** Resolves with false when the old file cannot be moved aside. */
  async replace(): Promise<boolean> {
    let failure: Error
    try {
      if (await this.#move(this.dest, this.aside)) return false
      this.#tried = true
      const refused = await this.#move(this.path, this.dest)
      if (!refused) return await this.#removeOld()
      // While the name is free: that it exists is not the reason.
      failure = await explain(this.remote, this.#steps, 'rename', refused.reply, this.path, this.dest)
    } catch (error) {
      failure = error as Error
    }
    return this.#settle(failure)
  }

  /**
   * After a failure, what stands at the names decides. Throws the failure, unless the new file has
   * the name all the same.
   */
  async #settle(failure: Error): Promise<boolean> {
    let kinds: PathKind[] | undefined
    let restored = false
    try {
      kinds = await ask(this.remote, this.#steps, kindsOf([this.path, this.dest, this.aside]))
      restored = kinds[1] === 'missing' && !(await this.#move(this.aside, this.dest))
    } catch {
      throw this.#naming(failure, false)
    }
    const [source, target, old] = kinds
    if (restored) {
      // On a server that ignores case, `a` and `A` are one file: it was moved aside, and is back.
      if (source === 'missing' && (await this.#isThere(this.path))) return true
      throw failure
    }
    if (target !== 'missing') {
      const lost = !(failure instanceof RefusedError)
      if (lost && this.#tried && source === 'missing') return this.#removeOld()
      if (old === 'missing') throw failure
    }
    throw this.#naming(failure, true)
  }

  /** It has the name: what goes wrong now leaves a file more. */
  async #removeOld(): Promise<true> {
    try {
      await removeFile(this.remote, this.#steps, this.aside, { isThere: true })
    } catch (error) {
      if (!(error instanceof RefusedError && error.code === 'ENOENT')) this.#warn(error as Error)
    }
    return true
  }

  #warn({ message, cause }: Error): void {
    const [dest, aside] = this.#shown(this.dest, this.aside)
    const why = cause instanceof FtpReplyError ? cause.message : message
    const text = `'${dest}' was replaced, but the old file may be left as '${aside}': ${why}`
    this.remote.pool.log.warn(0, 'FTP_VFS_LEFTOVER', text)
  }

  async #isThere(path: ByteString): Promise<boolean> {
    const [kind] = await ask(this.remote, this.#steps, kindsOf([path]))
    return kind !== 'missing'
  }

  #move(path: ByteString, dest: ByteString): Promise<RefusedMove | undefined> {
    return move(this.remote, this.#steps, path, dest, { isThere: true })
  }

  /** The failure with the names of both files. `sure`: the server has told that they are there. */
  #naming(failure: Error, sure: boolean): Error {
    const [path, dest, aside] = this.#shown(this.path, this.dest, this.aside)
    const left = sure
      ? `the old file is at '${aside}', the new one at '${path}'`
      : `the old file may be at '${aside}', the new one at '${path}'${this.#tried ? ` or '${dest}'` : ''}`
    const incomplete = { incomplete: aside }
    // A call that is cancelled rejects with its own reason.
    if (this.call.cancelled) Object.assign(this.call.cancelled, incomplete)
    return Object.assign(withText(failure, left), incomplete)
  }

  #shown(...paths: ByteString[]): string[] {
    return paths.map(path => decodeName(path, this.remote.pool.options.encoding))
  }
}

/** An error like another, which others may have got too, with more to say. */
function withText(error: Error, text: string): Error {
  if (error instanceof RefusedError) {
    return Object.assign(new RefusedError(error.code, undefined, text), { cause: error.cause })
  }
  const message = `${error.message}: ${text}`
  if (error instanceof ConnectionLostError) return new ConnectionLostError(message, { cause: error })
  const { code = 'ERR_FTP_CONNECTION_LOST' } = error as NodeJS.ErrnoException
  return new FtpError(code, message, { cause: error })
}
