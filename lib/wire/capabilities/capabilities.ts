import type { Features } from '../server/features.js'
import type { Quirks, ServerKind } from '../server/quirks.js'
import { Ability, type AbilityState, type Basis } from './ability.js'

/** The evidence about a server before anything has been tried. */
export interface ServerEvidence {
  readonly kind: ServerKind
  readonly features: Features
  readonly quirks: Quirks
  /** Paths are sent relative to the login directory, so that CWD would change their meaning. */
  readonly namesAreRelative: boolean
  /** The server converts line ends (TYPE A), so that positions and sizes mean nothing. */
  readonly isAscii: boolean
}

/**
 * What a server can do, as far as is known: its features and its kind are evidence for an ability,
 * and the outcome of the last attempts decides.
 */
export class Capabilities {
  /** Replies come in order to several commands in one write; the fallback is one command each. */
  readonly pipelining: Ability
  /** These replies come without pauses; the fallback is one command each, where that is faster. */
  readonly promptPipelining: Ability
  /** Commands after a transfer's in the same write get their replies after the transfer's. */
  readonly behindTransfer: Ability
  /** A data connection opens ahead of the next transfer (see WarmConnection). */
  readonly dataAhead = new Ability({ patience: 'forgiving' })
  /** EPSV (RFC 2428); the fallback is PASV. */
  readonly epsv: Ability
  /** EPRT (RFC 2428); the fallback is PORT. */
  readonly eprt = new Ability()
  /** MLST (RFC 3659, section 7); the fallback is SIZE, MDTM and CWD. */
  readonly mlst: Ability
  /** MLSD, which FEAT announces as MLST (RFC 3659, section 7.8); the fallback is LIST. */
  readonly mlsd: Ability
  /** `LIST -a` shows dot files; the fallback is LIST. */
  readonly listAll: Ability
  /** LIST (RFC 959); the fallback is NLST. */
  readonly list = new Ability()
  /** CWD (RFC 959); the fallback of a listing is the pathname as an argument. */
  readonly cwd: Ability
  /** An accepted CWD enters the folder; the fallback is the pathname as an argument. */
  readonly entering = new Ability({ patience: 'once' })
  /** Listings work in TYPE I; the fallback is TYPE A. */
  readonly binaryListing = new Ability()
  /** `STAT folder` lists it on the control connection; the fallback is a data connection. */
  readonly statListing: Ability
  /** RETR starts at the position of REST. Several embedded servers reply 350 and send all. */
  readonly restartDownload: Ability
  /** STOR after REST changes the file from there on; ProFTPD 1.3.8 refuses it with HiddenStores. */
  readonly patch: Ability
  /** APPE extends the file, rather than being refused or replacing the file. */
  readonly append = new Ability({ patience: 'once' })
  /** MKD takes full paths; the fallback is CWD and the bare name (Serv-U). */
  readonly makeByPath = new Ability({ patience: 'once' })
  /** SIZE reports the size of a file that was just stored. */
  readonly storedSize = new Ability({ patience: 'once' })
  /** Names that begin with a dot work like others. */
  readonly dotFiles = new Ability({ patience: 'once' })
  /** The 1xx of an upload comes before its bytes. */
  readonly uploadReply = new Ability({ patience: 'once' })
  readonly #commands = new Map<string, Ability>()

  constructor(told: ServerEvidence) {
    const isKnown = (): boolean => told.kind !== 'unknown'
    const facts = (): Basis => (!told.features.has('MLST') ? 'absent' : isKnown() ? 'measured' : 'said')
    const said = (feature: string): Basis => (told.features.has(feature) ? 'said' : 'untried')
    const measured = (holds: (quirks: Quirks) => unknown, otherwise: Basis) => (): Basis =>
      holds(told.quirks) ? 'measured' : otherwise

    this.pipelining = new Ability({ basis: measured(isKnown, 'untried'), patience: 'once' })
    this.promptPipelining = new Ability({ basis: measured(isKnown, 'untried'), patience: 'once' })
    this.behindTransfer = new Ability({
      basis: measured(quirks => quirks.commandsBehindTransfer, 'absent'),
      patience: 'once',
    })
    this.epsv = new Ability({ basis: () => said('EPSV') })
    this.cwd = new Ability({ basis: () => (told.namesAreRelative ? 'absent' : 'untried') })
    this.mlst = new Ability({ basis: facts })
    this.mlsd = new Ability({ basis: facts })
    this.listAll = new Ability({ basis: () => listAllBasis[told.quirks.listAll], patience: 'once' })
    this.statListing = new Ability({ basis: measured(quirks => quirks.listsByStat, 'absent') })
    this.restartDownload = new Ability({
      basis: () => (told.isAscii ? 'absent' : told.quirks.restartsDownloads ? 'measured' : said('REST')),
      patience: 'once',
    })
    this.patch = new Ability({ basis: measured(quirks => quirks.patchesInPlace, 'absent'), patience: 'once' })
  }

  /**
   * The ability of a command that many servers lack, such as `MFMT` or `SITE CHMOD`; it also shows
   * whether a 500 is about the command or its argument. Arguments after the name are ignored.
   */
  command(verb: string): Ability {
    const name = /^(?:SITE )?\S+/i.exec(verb)![0]
    let ability = this.#commands.get(name)
    if (!ability) this.#commands.set(name, (ability = new Ability({ patience: 'once' })))
    return ability
  }

  /** The state of each ability, by its name. */
  get states(): Record<string, AbilityState> {
    const named: readonly (readonly [string, Ability])[] = [
      ['pipelining', this.pipelining],
      ['pipelining without a pause', this.promptPipelining],
      ['commands behind a transfer', this.behindTransfer],
      ['data connections made ahead', this.dataAhead],
      ['EPSV', this.epsv],
      ['EPRT', this.eprt],
      ['MLST', this.mlst],
      ['MLSD', this.mlsd],
      ['LIST -a', this.listAll],
      ['LIST', this.list],
      ['CWD', this.cwd],
      ['CWD that moves', this.entering],
      ['listings in TYPE I', this.binaryListing],
      ['STAT listings', this.statListing],
      ['REST with RETR', this.restartDownload],
      ['REST with STOR', this.patch],
      ['APPE', this.append],
      ['MKD with a path', this.makeByPath],
      ['SIZE of a stored file', this.storedSize],
      ['names with a dot first', this.dotFiles],
      ['1xx before an upload', this.uploadReply],
    ]
    return Object.fromEntries([...named, ...this.#commands].map(([name, { state }]) => [name, state]))
  }
}

const listAllBasis = { yes: 'measured', no: 'absent', try: 'untried' } as const
