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
 * Renames a file over another if RNTO refuses an existing name (IIS, FileZilla Server). It moves
 * the old file aside, gives its name to the new one, and removes the old one only then.
 *
 * Resolves with false, and changes nothing, if one path is not a file or the old file cannot move.
 *
 * @throws the reason why the new file does not get the name, after the old one got it back. If
 *   that fails too, or the server is unreachable, the error names both files: `incomplete` is the
 *   path of the old one
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
  /** The steps ignore a cancellation of the call: between two of them the name is missing. */
  readonly #steps = new Call()
  /** The new file may already have the name. */
  #tried = false

  /** @param aside the temporary path of the old file */
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
      // Asked while the name is free, so that the reason is not that it exists.
      failure = await explain(this.remote, this.#steps, 'rename', refused.reply, this.path, this.dest)
    } catch (error) {
      failure = error as Error
    }
    return this.#settle(failure)
  }

  /**
   * Checks the state of the paths after a failure. Throws the failure, unless the new file has the
   * name after all.
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
      // On a server that ignores case, `a` and `A` are one file. It was moved aside and back.
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

  /** The new file has the name. A failure now only leaves an extra file. */
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

  /** The failure with the names of both files. `sure`: the server has confirmed that they exist. */
  #naming(failure: Error, sure: boolean): Error {
    const [path, dest, aside] = this.#shown(this.path, this.dest, this.aside)
    const left = sure
      ? `the old file is at '${aside}', the new one at '${path}'`
      : `the old file may be at '${aside}', the new one at '${path}'${this.#tried ? ` or '${dest}'` : ''}`
    const incomplete = { incomplete: aside }
    // A cancelled call rejects with its own reason.
    if (this.call.cancelled) Object.assign(this.call.cancelled, incomplete)
    return Object.assign(withText(failure, left), incomplete)
  }

  #shown(...paths: ByteString[]): string[] {
    return paths.map(path => decodeName(path, this.remote.pool.options.encoding))
  }
}

/** A copy of the error with more text. Other calls may hold the error itself. */
function withText(error: Error, text: string): Error {
  if (error instanceof RefusedError) {
    return Object.assign(new RefusedError(error.code, undefined, text), { cause: error.cause })
  }
  const message = `${error.message}: ${text}`
  if (error instanceof ConnectionLostError) return new ConnectionLostError(message, { cause: error })
  const { code = 'ERR_FTP_CONNECTION_LOST' } = error as NodeJS.ErrnoException
  return new FtpError(code, message, { cause: error })
}
