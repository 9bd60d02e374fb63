import { command, type Command } from './command.js'
import { basename, type ByteString } from '../names/names.js'
import { isPositive, quotedPath, type Reply } from '../reply/replies.js'
import type { ServerProfile } from '../server/server-profile.js'

/** What stands for the reply to a CWD that was accepted, where PWD has shown that it led nowhere. */
export const staysPut: Reply = {
  code: 502,
  lines: ['502 CWD leads nowhere: it is accepted, and PWD names the same folder as before'],
}

/** Where a session is on its server, and how the paths of its commands are written from there. */
export class WorkingDirectory {
  /** The absolute remote path, if it is known. */
  #here: ByteString | undefined
  /** What PWD has told last. */
  #told: ByteString | undefined
  /** What CWD has just entered, as it says. */
  #entered: ByteString | undefined
  #stays = false
  /** What RNFR has named. */
  #renamed: ByteString | undefined

  constructor(readonly server: ServerProfile) {}

  /** PWD has told it. */
  arrive(remotePath: ByteString): void {
    this.#here = this.#told = remotePath
  }

  /** The last CWD was accepted and led nowhere, as PWD has shown right behind it. */
  get stays(): boolean {
    return this.#stays
  }

  /**
   * The commands that lead into a folder. PWD goes along on a server that is not known, until it has
   * shown that CWD moves: some say 250 and stay where they are.
   */
  entering(folder: ByteString): Command[] {
    const commands = [command('CWD', folder)]
    return this.#isTrusted(folder) ? commands : [...commands, command('PWD')]
  }

  isIn(folder: ByteString): boolean {
    return this.#here === folder
  }

  /** Takes note of what an answered command did. */
  follow({ verb, path }: Command, reply: Reply): void {
    const entered = this.#entered
    this.#entered = undefined
    if (verb === 'PWD' && entered !== undefined) this.#confirm(entered, reply)
    // Where a path in the verb leads, nothing tells.
    if (verb.startsWith('CWD ') && isPositive(reply)) this.#here = undefined
    if (path === undefined || !isPositive(reply)) return
    this.server.can.command(verb).succeed()
    if (verb === 'CWD') this.#enter(path)
    if (verb === 'RNFR') this.#renamed = path
    if (verb === 'RMD' || verb === 'RNTO') this.server.moved(path)
    if (verb === 'RNTO' && this.#renamed !== undefined) this.server.moved(this.#renamed)
  }

  /** The path names something else from now on, or nothing: a session that is there, or below, has to enter anew. */
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

  /** The command as it is written: by a bare name, where it takes one and the session is in its folder. */
  line(command: Command): ByteString {
    const { verb, path, folder } = command
    const bare = path !== undefined && folder !== undefined && verb !== 'CWD' && this.isIn(folder)
    const name = bare ? bareName(path === folder ? '' : basename(path)) : undefined
    return name === undefined ? this.pathLine(command) : this.#checked(verb, name)
  }

  /** The command with its path. */
  pathLine({ verb, path }: Command): ByteString {
    return this.#checked(verb, path)
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

  #enter(folder: ByteString): void {
    this.#entered = folder
    this.#stays = false
    this.#here = this.#isTrusted(folder) ? folder : undefined
  }

  /** PWD, right behind a CWD. One that goes through a link may lead to a folder of another name. */
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

  /** Whether CWD leads there if it says so: stay or move, where it is the folder that PWD has told. */
  #isTrusted(folder: ByteString): boolean {
    const { kind, can } = this.server
    return kind !== 'unknown' || can.entering.proven || folder === this.#told || !can.command('PWD').usable
  }
}

/** How a name is written in its folder; undefined where it needs its path. */
function bareName(name: ByteString): ByteString | undefined {
  // Pure-FTPd 1.0.50 takes a space at the beginning of anything but an absolute path for `_`.
  if (name.startsWith(' ')) return undefined
  // In the others a server would see an option or a home directory.
  return name === '' ? '.' : /^[~-]/.test(name) ? `./${name}` : name
}
