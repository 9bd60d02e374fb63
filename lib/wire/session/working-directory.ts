import { command, type Command } from './command.js'
import { basename, type ByteString } from '../names/names.js'
import { isPositive, quotedPath, type Reply } from '../reply/replies.js'
import type { ServerProfile } from '../server/server-profile.js'

/** Replaces the reply to a CWD that was accepted, but had no effect according to PWD. */
export const staysPut: Reply = {
  code: 502,
  lines: ['502 CWD leads nowhere: it is accepted, and PWD names the same folder as before'],
}

/** The working directory of a session, and how its commands write paths from there. */
export class WorkingDirectory {
  /** The absolute remote path of the working directory, if it is known. */
  #here: ByteString | undefined
  /** The path in the last reply to PWD. */
  #told: ByteString | undefined
  /** The folder of a CWD that was just accepted, and that PWD has yet to confirm. */
  #entered: ByteString | undefined
  #stays = false
  /** The path of the last RNFR. */
  #renamed: ByteString | undefined

  constructor(readonly server: ServerProfile) {}

  /** Sets the working directory that PWD reported. */
  arrive(remotePath: ByteString): void {
    this.#here = this.#told = remotePath
  }

  /** Whether the last CWD was accepted without effect, as the PWD right after it showed. */
  get stays(): boolean {
    return this.#stays
  }

  /**
   * The commands that enter a folder. On an unknown server, PWD follows CWD until it has proved
   * that CWD works: some servers reply 250 without entering the folder.
   */
  entering(folder: ByteString): Command[] {
    const commands = [command('CWD', folder)]
    return this.#isTrusted(folder) ? commands : [...commands, command('PWD')]
  }

  isIn(folder: ByteString): boolean {
    return this.#here === folder
  }

  /** Follows the final reply to a command. */
  follow({ verb, path }: Command, reply: Reply): void {
    const entered = this.#entered
    this.#entered = undefined
    if (verb === 'PWD' && entered !== undefined) this.#confirm(entered, reply)
    // A path in the verb may lead anywhere.
    if (verb.startsWith('CWD ') && isPositive(reply)) this.#here = undefined
    if (path === undefined || !isPositive(reply)) return
    this.server.can.command(verb).succeed()
    if (verb === 'CWD') this.#enter(path)
    if (verb === 'RNFR') this.#renamed = path
    if (verb === 'RMD' || verb === 'RNTO') this.server.moved(path)
    if (verb === 'RNTO' && this.#renamed !== undefined) this.server.moved(this.#renamed)
  }

  /**
   * Forgets the working directory if it is this path or below: the path has been moved, removed or
   * replaced.
   */
  leave(path: ByteString): void {
    if (this.#here === path || this.#here?.startsWith(`${path}/`)) this.#here = undefined
  }

  /**
   * The folder that the session enters before it writes the command's bare name. Not for RNTO: no
   * CWD can come between it and its RNFR.
   */
  folderOf({ verb, folder }: Command): ByteString | undefined {
    return verb === 'CWD' || verb === 'RNTO' ? undefined : folder
  }

  /** The command's line: with a bare name if it uses one and the session is in its folder. */
  line(command: Command): ByteString {
    const { verb, path, folder } = command
    const bare = path !== undefined && folder !== undefined && verb !== 'CWD' && this.isIn(folder)
    const name = bare ? bareName(path === folder ? '' : basename(path)) : undefined
    return name === undefined ? this.pathLine(command) : this.#checked(verb, name)
  }

  /** The command's line with its path. */
  pathLine({ verb, path }: Command): ByteString {
    return this.#checked(verb, path)
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

  #enter(folder: ByteString): void {
    this.#entered = folder
    this.#stays = false
    this.#here = this.#isTrusted(folder) ? folder : undefined
  }

  /** Follows a PWD right after a CWD, which may lead through a link to a folder of another name. */
  #confirm(entered: ByteString, reply: Reply): void {
    const { kind, can, quirks } = this.server
    if (kind !== 'unknown') return
    const before = this.#told
    const told = isPositive(reply) ? quotedPath(reply, quirks) : undefined
    if (told === undefined) can.command('PWD').fail()
    else this.#told = told
    this.#stays = told !== undefined && told === before && entered !== told && !can.entering.proven
    if (told !== undefined && before !== undefined && told !== before) can.entering.succeed()
    this.#here = this.#stays ? undefined : entered
  }

  /** Whether a positive reply to CWD suffices: always for the folder that PWD has reported. */
  #isTrusted(folder: ByteString): boolean {
    const { kind, can } = this.server
    return kind !== 'unknown' || can.entering.proven || folder === this.#told || !can.command('PWD').usable
  }
}

/** A name as its folder resolves it; undefined if it needs its full path. */
function bareName(name: ByteString): ByteString | undefined {
  // Pure-FTPd 1.0.50 turns a leading space into `_`, except in an absolute path.
  if (name.startsWith(' ')) return undefined
  // A server would take a leading `-` as an option, a leading `~` as a home directory.
  return name === '' ? '.' : /^[~-]/.test(name) ? `./${name}` : name
}
