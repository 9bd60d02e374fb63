import type { Command } from './command.js'
import { basename, dirname, type ByteString } from '../names/names.js'
import { isPositive, type Reply } from '../reply/replies.js'
import type { ServerProfile } from '../server/server-profile.js'

export interface PathOptions {
  /** Write bare names inside the right working directory instead of absolute paths. */
  useCwdNames: boolean
  /** The absolute remote path of a virtual path, given the working directory at login. */
  remotePath: (path: ByteString, loginDirectory: ByteString) => ByteString
}

/** Where a session is on its server, and how the paths of its commands are written from there. */
export class WorkingDirectory {
  /** The absolute remote path, if it is known. */
  #here: ByteString | undefined
  /** What RNFR has named. */
  #renamed: ByteString | undefined

  constructor(
    readonly options: PathOptions,
    readonly server: ServerProfile,
  ) {}

  /** PWD has told it. */
  arrive(remotePath: ByteString): void {
    this.#here = remotePath
  }

  isIn(folder: ByteString): boolean {
    return this.#here === this.#remote(folder)
  }

  /** Takes note of what an answered command did. */
  follow({ verb, path }: Command, reply: Reply): void {
    if (path === undefined || !isPositive(reply)) return
    this.server.can.command(verb).succeed()
    if (verb === 'CWD') this.#here = this.#remote(path)
    if (verb === 'RNFR') this.#renamed = path
    if (verb === 'RMD' || verb === 'RNTO') this.server.moved(path)
    if (verb === 'RNTO' && this.#renamed !== undefined) this.server.moved(this.#renamed)
  }

  /** The path names something else from now on, or nothing: a session that is there, or below, has to enter anew. */
  leave(path: ByteString): void {
    const gone = this.#remote(path)
    if (this.#here === gone || this.#here?.startsWith(`${gone}/`)) this.#here = undefined
  }

  /**
   * The folder in which a command has to be written that takes a bare name. Not of RNTO: between it and its
   * RNFR there can be no CWD.
   */
  folderOf({ verb, path, bare = this.options.useCwdNames }: Command): ByteString | undefined {
    return bare && path !== undefined && verb !== 'CWD' && verb !== 'RNTO' ? dirname(path) : undefined
  }

  /** The command as it is written: by a bare name, where it takes one and the session is in its folder. */
  line(command: Command): ByteString {
    const { verb, path, bare: wanted = this.options.useCwdNames } = command
    const bare = wanted && path !== undefined && verb !== 'CWD' && this.isIn(dirname(path))
    const name = bare ? bareName(basename(path)) : undefined
    return name === undefined ? this.absoluteLine(command) : this.#checked(verb, name)
  }

  /** The command with an absolute path. */
  absoluteLine({ verb, path }: Command): ByteString {
    return this.#checked(verb, path === undefined ? undefined : this.#remote(path))
  }

  /** Throws for what would end the command and begin another. */
  #checked(verb: string, argument: ByteString | undefined): ByteString {
    // The login directory, where its path is not known.
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

/** How a name is written in its folder; undefined where it needs its path. */
function bareName(name: ByteString): ByteString | undefined {
  // Pure-FTPd 1.0.50 takes a space at the beginning of anything but an absolute path for `_`.
  if (name.startsWith(' ')) return undefined
  // In the others a server would see an option or a home directory.
  return name === '' ? '.' : /^[~-]/.test(name) ? `./${name}` : name
}
