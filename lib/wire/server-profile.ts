import type { Command } from './commands.js'
import { Distrust } from './distrust.js'
import { Features } from './features.js'
import type { FenceKind } from './fence.js'
import { fits } from './fitting-replies.js'
import { Learnt } from './learnt.js'
import type { ByteString } from './names.js'
import { quirksOf, type Quirks, type ServerKind } from './quirks.js'
import type { Reply } from './replies.js'
import { RestartTrust } from './restart-trust.js'
import { Warmth } from './warmth.js'

/** What the sessions of one pool know of their server, told by it or learnt the hard way. */
export class ServerProfile {
  kind: ServerKind = 'unknown'
  features = new Features()
  /** The absolute remote path at login (PWD), for paths that are relative to it. */
  loginDirectory: ByteString = '/'
  /**
   * Replies to several commands written in one go: seen to come, seen to fail, or not known yet.
   */
  pipelining: 'proven' | 'untried' | 'broken' = 'untried'
  /**
   * It has sent a reply that fits no command that was sent: each flight ends with a question whose
   * answer is known, and nothing is handed on before that has come.
   */
  outOfStep = false
  /** What is asked there. */
  fence: FenceKind = 'untried'
  /** EPSV was refused, PASV is used. */
  epsvRefused = false
  /** EPSV names ports to which no connection comes about, where those of PASV are reached. */
  readonly epsvDistrust = new Distrust()
  /** A passive data connection has come about: no firewall is in its way. */
  reachable = false
  /** Whether data connections are made ahead. */
  readonly warmth = new Warmth()
  /** Whether RETR begins where REST says. */
  readonly restart = new RestartTrust(() => this.quirks.restartsDownloads)
  /** What is written behind a transfer's command is answered behind it. */
  keepsOrder = true
  /** PASV has named another address than that of the control connection. */
  namesOtherHost = false
  /** EPRT was refused, PORT is used. */
  eprtRefused = false
  /**
   * The 1xx of a transfer comes only when TLS is up on its data connection: seen, on a server that
   * is not known.
   */
  handshakesFirst = false
  /** What `LIST -a` turned out to do on a server that is not known. */
  listAll: 'works' | 'untried' | 'fails' = 'untried'
  /** Whether listings over TLS end with close_notify. */
  announcesEnd: 'yes' | 'untried' | 'no' = 'untried'
  /** The last line of a listing comes without a line end: NLST has shown that it was whole. */
  leavesLineOpen = false
  /** The working directories of the open sessions. */
  readonly directories = new Set<{ leave(path: ByteString): void }>()
  /** APPE has been seen to go on with a file, or the server names it in HELP. */
  appends = false
  /** The 1xx of an upload did not come: the server may send none, and wait for the bytes. */
  readonly beginsSilently = new Learnt()
  /** APPE is refused, or replaces the file. */
  readonly refusesAppend = new Learnt()
  /** STOR behind REST is refused: ProFTPD 1.3.8 does so with HiddenStores. */
  readonly refusesPatch = new Learnt()
  /** A name that begins with a dot is refused where the same without it is not. */
  readonly refusesDotFiles = new Learnt()
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
  /** Of two bytes FF in a command the server takes one, and of one it takes none (RFC 854). */
  wantsDoubledIac = false
  /** CWD succeeds for paths that do not exist; undefined: not tried yet. */
  entersAnything: boolean | undefined
  /** SIZE answers for folders, too: ftp-srv 4.6.3. */
  sizesFolders = false
  /** Whether these commands refuse a folder in which something is; undefined: not tried yet. */
  sparesFullFolders: { readonly DELE: boolean; readonly RMD: boolean } | undefined
  /** SIZE does not tell the size of a file that was just stored. */
  readonly hidesSizes = new Learnt()
  /**
   * How far the times in LIST are ahead of UTC, in milliseconds; `unknown`: it could not be found
   * out.
   */
  listingOffset: number | 'untried' | 'unknown' = 'untried'
  /** How many files did not tell it. */
  listingOffsetMisses = 0
  /** Bytes of data connections since the beginning, those of lost sessions too. */
  readonly traffic = { sent: 0, received: 0 }
  /** Odd replies, and the session that had each first; `way`: seen on two, and taken for the server's way. */
  readonly #odd = new Map<string, number | 'way'>()
  readonly #lacking = new Set<string>()
  readonly #known = new Set<string>()

  get quirks(): Quirks {
    return quirksOf[this.kind]
  }

  /**
   * Nothing goes in one write with the commands of a transfer: what is written in one go is not
   * answered in order, or stray replies have to be told from its own.
   */
  get setsTransfersApart(): boolean {
    return this.pipelining === 'broken' || this.outOfStep
  }

  /** MLST and MLSD are offered (RFC 3659, section 7.8: FEAT names MLST for both). */
  get listsFacts(): boolean {
    return this.features.has('MLST')
  }

  /** The server has answered that it does not know the command. */
  lacks(verb: string): boolean {
    return this.#lacking.has(verb)
  }

  learnLack(verb: string): void {
    this.#lacking.add(verb)
  }

  /** The server has done what the command asks for. */
  knows(verb: string): boolean {
    return this.#known.has(verb)
  }

  learnKnown(verb: string): void {
    this.#known.add(verb)
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
