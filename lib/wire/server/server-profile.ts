import { Capabilities } from '../capabilities/capabilities.js'
import type { Command } from '../session/command.js'
import { Features } from './features.js'
import type { FenceKind } from '../session/fence.js'
import { fits } from '../reply/fitting-replies.js'
import type { ByteString } from '../names/names.js'
import { FlightTimes } from '../session/flight-times.js'
import { quirksOf, type Quirks, type ServerKind } from './quirks.js'
import type { Reply } from '../reply/replies.js'
import { ServerClock, type ClockOptions } from './server-clock.js'

/** The options that concern the server itself. */
export interface ProfileOptions extends ClockOptions {
  readonly transferType?: 'binary' | 'ascii' | undefined
}

/** What the sessions of a pool know of their server: from its replies and from experience. */
export class ServerProfile {
  kind: ServerKind = 'unknown'
  /** A login has shown whether the server is of the kind that its greeting names. */
  isKindShown = false
  /** The text of its greeting and of its reply to SYST. */
  readonly said = { greeting: '', system: '' }
  features = new Features()
  /**
   * The working directory after login (PWD), an absolute remote path to which paths may be
   * relative; empty if the server does not report it.
   */
  loginDirectory: ByteString = '/'
  /** PWD has reported the login directory. */
  isDirectoryTold = false
  readonly can = new Capabilities(this)
  /** How long its replies take; measured on unknown servers. */
  readonly flightTimes = new FlightTimes(this.can.promptPipelining)
  /** Files use TYPE A (option `transferType`). */
  readonly isAscii: boolean
  /**
   * It has sent a reply that fits no command: each flight ends with a fence, and its replies are
   * held until the fence has its own.
   */
  outOfStep = false
  /** The kind of that fence. */
  fence: FenceKind = 'untried'
  /** A passive data connection has opened: no firewall blocks them. */
  reachable = false
  /** PASV has named an address that is not that of the control connection. */
  namesOtherHost = false
  /** An unknown server sends the 1xx of a transfer only after the TLS handshake of its data. */
  handshakesFirst = false
  /** Whether listings over TLS end with close_notify. */
  announcesEnd: 'yes' | 'untried' | 'no' = 'untried'
  /** The last line of a listing has no line end: NLST has shown that it was complete. */
  leavesLineOpen = false
  /** The working directories of the open sessions. */
  readonly directories = new Set<{ leave(path: ByteString): void }>()
  /** The reply to SYST is 215, which no other command has. */
  answersSyst = false
  /** SYST names Windows, where `\` separates folders as `/` does. */
  isWindows = false
  /** It replaces bytes that are not UTF-8 with U+FFFD: pyftpdlib 1.5.7. */
  replacesInvalidUtf8 = false
  /** Resolves when the current test of names is complete. */
  tryingNames: Promise<unknown> | undefined
  /** Whether the server keeps names of a kind that servers may change, as far as tested. */
  readonly keptNames = new Map<string, boolean>()
  /** The kinds of names that have reached their files: enough for reads, not for changes. */
  readonly reachedNames = new Set<string>()
  /** The name of the URL's folder has reached that folder. */
  isFolderReached = false
  /** It reads two bytes FF in a command as one, and a single one as none (RFC 854). */
  wantsDoubledIac = false
  /** CWD succeeds for paths that do not exist; undefined: not tried yet. */
  entersAnything: boolean | undefined
  /** MKD creates missing parent folders too, as ftp-srv 4.6.3 does; undefined: not tried yet. */
  makesParents: boolean | undefined
  /** SIZE succeeds for folders too: ftp-srv 4.6.3. */
  sizesFolders = false
  /** Whether these commands refuse a folder that is not empty; undefined: not tried yet. */
  sparesFullFolders: { readonly DELE: boolean; readonly RMD: boolean } | undefined
  /** PWD resolves links, as the system does; undefined: not tried yet. */
  resolvesLinks: boolean | undefined
  /** The offset of the times in LIST from UTC, in milliseconds; `unknown`: detection failed. */
  listingOffset: number | 'untried' | 'unknown' = 'untried'
  /** The number of files that did not show the offset. */
  listingOffsetMisses = 0
  /** The time zones of the server. */
  readonly clock: ServerClock
  /** Bytes on data connections since the start, with those of lost sessions. */
  readonly traffic = { sent: 0, received: 0 }
  /**
   * Odd replies, each with the first session that had it; `way`: seen on two sessions, and so the
   * server's way.
   */
  readonly #odd = new Map<string, number | 'way'>()

  constructor(options: ProfileOptions = {}) {
    this.isAscii = options.transferType === 'ascii'
    this.clock = new ServerClock(options, () => this.quirks)
  }

  get quirks(): Quirks {
    return quirksOf[this.kind]
  }

  /**
   * Whether no other command shares a write with a transfer: replies to one write do not come in
   * order, or stray replies must be distinguishable from the transfer's.
   */
  get setsTransfersApart(): boolean {
    return this.can.pipelining.failed || this.outOfStep
  }

  /** Whether paths are sent relative to the login directory, which no session leaves. */
  get namesAreRelative(): boolean {
    return this.loginDirectory === ''
  }

  /** Whether a reply can be the reply to the command on this server. */
  fits(command: Command, reply: Reply): boolean {
    return fits(command, reply) || this.#odd.get(oddity(command, reply)) === 'way'
  }

  /**
   * Records a reply that does not fit the only command of a flight. Returns whether another session
   * has had the same: then it is the server's way.
   */
  learnOdd(session: number, command: Command, reply: Reply): boolean {
    const key = oddity(command, reply)
    const first = this.#odd.get(key) ?? session
    const way = first === 'way' || first !== session
    this.#odd.set(key, way ? 'way' : session)
    return way
  }

  /** Makes every session in a removed, renamed or replaced folder forget its working directory. */
  moved(path: ByteString): void {
    for (const directory of this.directories) directory.leave(path)
  }
}

const oddity = ({ verb }: Command, { code }: Reply): string => `${verb.split(' ', 1)[0]} ${code}`
