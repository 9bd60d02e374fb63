import type { Command } from './command.js'
import { basename, dirname, type ByteString } from '../names/names.js'
import { isPositive, type Reply } from '../reply/replies.js'
import type { ServerProfile } from '../server/server-profile.js'

export interface PathOptions {
  /** Send bare names in the right working directory instead of absolute paths. */
  useCwdNames: boolean
  /** The absolute remote path of a virtual path, given the login directory. */
  remotePath: (path: ByteString, loginDirectory: ByteString) => ByteString
}

/** The working directory of a session, and how its commands write paths from there. */
export class WorkingDirectory {
  /** The absolute remote path of the working directory, if it is known. */
  #here: ByteString | undefined
  /** The path of the last RNFR. */
  #renamed: ByteString | undefined

  constructor(
    readonly options: PathOptions,
    readonly server: ServerProfile,
  ) {}

  /** Sets the working directory that PWD reported. */
  arrive(remotePath: ByteString): void {
    this.#here = remotePath
  }

  isIn(folder: ByteString): boolean {
    return this.#here === this.#remote(folder)
  }

  /** Follows the final reply to a command. */
  follow({ verb, path }: Command, reply: Reply): void {
    if (path === undefined || !isPositive(reply)) return
    this.server.can.command(verb).succeed()
    if (verb === 'CWD') this.#here = this.#remote(path)
    if (verb === 'RNFR') this.#renamed = path
    if (verb === 'RMD' || verb === 'RNTO') this.server.moved(path)
    if (verb === 'RNTO' && this.#renamed !== undefined) this.server.moved(this.#renamed)
  }

  /**
   * Forgets the working directory if it is this path or below: the path has been moved, removed or
   * replaced.
   */
  leave(path: ByteString): void {
    const gone = this.#remote(path)
    if (this.#here === gone || this.#here?.startsWith(`${gone}/`)) this.#here = undefined
  }

  /**
   * The folder that a command with a bare name needs as its working directory. None for RNTO: no
   * CWD can come between it and its RNFR.
   */
  folderOf({ verb, path, bare = this.options.useCwdNames }: Command): ByteString | undefined {
    return bare && path !== undefined && verb !== 'CWD' && verb !== 'RNTO' ? dirname(path) : undefined
  }

  /** The command's line: with a bare name if it uses one and the session is in its folder. */
  line(command: Command): ByteString {
    const { verb, path, bare: wanted = this.options.useCwdNames } = command
    const bare = wanted && path !== undefined && verb !== 'CWD' && this.isIn(dirname(path))
    const name = bare ? bareName(basename(path)) : undefined
    return name === undefined ? this.absoluteLine(command) : this.#checked(verb, name)
  }

  /** The command's line with an absolute path. */
  absoluteLine({ verb, path }: Command): ByteString {
    return this.#checked(verb, path === undefined ? undefined : this.#remote(path))
  }

  /** Throws for characters that would end the command and begin another. */
  #checked(verb: string, argument: ByteString | undefined): ByteString {
    // An empty path is the login directory, if its path is unknown.
    const line = argument === undefined || argument === '' ? verb : `${verb} ${argument}`
    if (/[\r\n\0]/.test(line)) {
      const message = `A command cannot hold CR, LF or NUL: ${verb.split(' ', 1)[0]}`
      throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' })
    }
    const { quirks, wantsDoubledIac } = this.server
    return quirks.takesIac || wantsDoubledIac ? line.replaceAll('\xff', '\xff\xff') : line
  }

  #remote(path: ByteString): ByteString {
    return this.options.remotePath(path, this.server.loginDirectory)
  }
}

/** A name as its folder resolves it; undefined if it needs its full path. */
function bareName(name: ByteString): ByteString | undefined {
  // Pure-FTPd 1.0.50 turns a leading space into `_`, except in an absolute path.
  if (name.startsWith(' ')) return undefined
  // A server would take a leading `-` as an option, a leading `~` as a home directory.
  return name === '' ? '.' : /^[~-]/.test(name) ? `./${name}` : name
}
