import { Capabilities } from '../capabilities/capabilities.js'
import type { Command } from '../session/command.js'
import { Features } from './features.js'
import type { FenceKind } from '../session/fence.js'
import { fits } from '../reply/fitting-replies.js'
import type { ByteString } from '../names/names.js'
import { quirksOf, type Quirks, type ServerKind } from './quirks.js'
import type { Reply } from '../reply/replies.js'
import { ServerClock, type ClockOptions } from './server-clock.js'

/** What the options say of a server. */
export interface ProfileOptions extends ClockOptions {
  readonly transferType?: 'binary' | 'ascii' | undefined
}

/** What the sessions of one pool know of their server, told by it or learnt the hard way. */
export class ServerProfile {
  kind: ServerKind = 'unknown'
  /** A login has shown whether the server is of the kind that its greeting names. */
  isKindShown = false
  /** What it says of itself: in its greeting, and to SYST. */
  readonly said = { greeting: '', system: '' }
  features = new Features()
  /**
   * The absolute remote path at login (PWD), for paths that are relative to it; empty where the server
   * does not tell.
   */
  loginDirectory: ByteString = '/'
  /** PWD has told it. */
  isDirectoryTold = false
  readonly can = new Capabilities(this)
  /** Files go in TYPE A (option `transferType`). */
  readonly isAscii: boolean
  /**
   * It has sent a reply that fits no command that was sent: each flight ends with a question whose
   * answer is known, and nothing is handed on before that has come.
   */
  outOfStep = false
  /** What is asked there. */
  fence: FenceKind = 'untried'
  /** A passive data connection has come about: no firewall is in its way. */
  reachable = false
  /** PASV has named another address than that of the control connection. */
  namesOtherHost = false
  /**
   * The 1xx of a transfer comes only when TLS is up on its data connection: seen, on a server that
   * is not known.
   */
  handshakesFirst = false
  /** Whether listings over TLS end with close_notify. */
  announcesEnd: 'yes' | 'untried' | 'no' = 'untried'
  /** The last line of a listing comes without a line end: NLST has shown that it was whole. */
  leavesLineOpen = false
  /** The working directories of the open sessions. */
  readonly directories = new Set<{ leave(path: ByteString): void }>()
  /** SYST is answered by 215, as nothing else is. */
  tellsSystem = false
  /** SYST says Windows, where `\` parts folders as `/` does. */
  isWindows = false
  /** In the place of bytes that are not UTF-8 it takes U+FFFD: pyftpdlib 1.5.7. */
  replacesInvalidUtf8 = false
  /** Resolves when the names that are being tried have been. */
  tryingNames: Promise<unknown> | undefined
  /** Whether names keep what servers change in them, by its kind, as far as it was tried. */
  readonly keptNames = new Map<string, boolean>()
  /** The kinds of names that were seen to reach what they name: enough to read, not to change. */
  readonly reachedNames = new Set<string>()
  /** Of two bytes FF in a command the server takes one, and of one it takes none (RFC 854). */
  wantsDoubledIac = false
  /** CWD succeeds for paths that do not exist; undefined: not tried yet. */
  entersAnything: boolean | undefined
  /** SIZE answers for folders, too: ftp-srv 4.6.3. */
  sizesFolders = false
  /** Whether these commands refuse a folder in which something is; undefined: not tried yet. */
  sparesFullFolders: { readonly DELE: boolean; readonly RMD: boolean } | undefined
  /**
   * How far the times in LIST are ahead of UTC, in milliseconds; `unknown`: it could not be found
   * out.
   */
  listingOffset: number | 'untried' | 'unknown' = 'untried'
  /** How many files did not tell it. */
  listingOffsetMisses = 0
  /** In which zones it tells times. */
  readonly clock: ServerClock
  /** Bytes of data connections since the beginning, those of lost sessions too. */
  readonly traffic = { sent: 0, received: 0 }
  /** Odd replies, and the session that had each first; `way`: seen on two, and taken for the server's way. */
  readonly #odd = new Map<string, number | 'way'>()

  constructor(options: ProfileOptions = {}) {
    this.isAscii = options.transferType === 'ascii'
    this.clock = new ServerClock(options, () => this.quirks)
  }

  get quirks(): Quirks {
    return quirksOf[this.kind]
  }

  /**
   * Nothing goes in one write with the commands of a transfer: what is written in one go is not
   * answered in order, or stray replies have to be told from its own.
   */
  get setsTransfersApart(): boolean {
    return this.can.pipelining.failed || this.outOfStep
  }

  /** Paths are sent as relative ones, and no session leaves the login directory. */
  get namesAreRelative(): boolean {
    return this.loginDirectory === ''
  }

  /** Whether a reply can be that to the command on this server. */
  fits(command: Command, reply: Reply): boolean {
    return fits(command, reply) || this.#odd.get(oddity(command, reply)) === 'way'
  }

  /**
   * A command that was sent alone has had a reply that does not fit. Returns whether the same has
   * been seen on another session before: it is the server's way then.
   */
  learnOdd(session: number, command: Command, reply: Reply): boolean {
    const key = oddity(command, reply)
    const first = this.#odd.get(key) ?? session
    const way = first === 'way' || first !== session
    this.#odd.set(key, way ? 'way' : session)
    return way
  }

  /** The path was removed, renamed or replaced: no session may take itself to be there any more. */
  moved(path: ByteString): void {
    for (const directory of this.directories) directory.leave(path)
  }
}

const oddity = ({ verb }: Command, { code }: Reply): string => `${verb.split(' ', 1)[0]} ${code}`
