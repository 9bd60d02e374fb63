import type { Features } from '../server/features.js'
import type { Quirks, ServerKind } from '../server/quirks.js'
import { Ability, type AbilityState, type Basis } from './ability.js'

/** What tells of a server before anything was tried. */
export interface Told {
  readonly kind: ServerKind
  readonly features: Features
  readonly quirks: Quirks
  /** Paths are sent as relative ones, which CWD would change. */
  readonly namesAreRelative: boolean
  /** Line ends are converted, so that positions and sizes mean nothing. */
  readonly isAscii: boolean
}

/**
 * What a server can do, as far as is known: its features and its kind speak for an ability, and
 * what became of the last attempts decides.
 */
export class Capabilities {
  /** Several commands in one write, answered in order; the next way is one by one. */
  readonly pipelining: Ability
  /** What is written behind a transfer's command is answered behind it. */
  readonly behindTransfer: Ability
  /** A data connection for the next transfer is made ahead (see WarmConnection). */
  readonly dataAhead = new Ability({ patience: 'forgiving' })
  /** EPSV (RFC 2428); the next way is PASV. */
  readonly epsv: Ability
  /** EPRT (RFC 2428); the next way is PORT. */
  readonly eprt = new Ability()
  /** MLST (RFC 3659, section 7); the next way is SIZE, MDTM and CWD. */
  readonly mlst: Ability
  /** MLSD, for which FEAT names MLST (RFC 3659, section 7.8); the next way is LIST. */
  readonly mlsd: Ability
  /** `LIST -a` shows dot files; the next way is LIST. */
  readonly listAll: Ability
  /** LIST (RFC 959); the next way is NLST. */
  readonly list = new Ability()
  /** CWD (RFC 959); the next way of a listing is the path as an argument. */
  readonly cwd: Ability
  /** Listings come in TYPE I; the next way is TYPE A. */
  readonly binaryListing = new Ability()
  /** `STAT folder` lists it on the control connection; the next way is a data connection. */
  readonly statListing: Ability
  /** RETR begins where REST says. Several embedded servers say 350, and send it all. */
  readonly restartDownload: Ability
  /** STOR behind REST changes the file from there on; ProFTPD 1.3.8 refuses it with HiddenStores. */
  readonly patch: Ability
  /** APPE goes on with a file: it is neither refused, nor does it replace the file. */
  readonly append = new Ability({ patience: 'once' })
  /** MKD takes full paths; the next way is CWD and the bare name (Serv-U). */
  readonly makeByPath = new Ability({ patience: 'once' })
  /** SIZE tells the size of a file that was just stored. */
  readonly storedSize = new Ability({ patience: 'once' })
  /** Names that begin with a dot are no worse than others. */
  readonly dotFiles = new Ability({ patience: 'once' })
  /** The 1xx of an upload comes before its bytes. */
  readonly uploadReply = new Ability({ patience: 'once' })
  readonly #commands = new Map<string, Ability>()

  constructor(told: Told) {
    const isKnown = (): boolean => told.kind !== 'unknown'
    const facts = (): Basis => (!told.features.has('MLST') ? 'absent' : isKnown() ? 'measured' : 'said')
    const said = (feature: string): Basis => (told.features.has(feature) ? 'said' : 'untried')
    const measured = (holds: (quirks: Quirks) => unknown, otherwise: Basis) => (): Basis =>
      holds(told.quirks) ? 'measured' : otherwise

    this.pipelining = new Ability({ basis: measured(isKnown, 'untried'), patience: 'once' })
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
   * A command that many servers do not have, or of which it is to be told whether a 500 is about
   * the command: `MFMT`, `SITE CHMOD`. What stands behind its name does not count.
   */
  command(verb: string): Ability {
    const name = /^(?:SITE )?\S+/i.exec(verb)![0]
    let ability = this.#commands.get(name)
    if (!ability) this.#commands.set(name, (ability = new Ability({ patience: 'once' })))
    return ability
  }

  /** Each ability by its name, and its state. */
  get states(): Record<string, AbilityState> {
    const named: readonly (readonly [string, Ability])[] = [
      ['pipelining', this.pipelining],
      ['commands behind a transfer', this.behindTransfer],
      ['data connections made ahead', this.dataAhead],
      ['EPSV', this.epsv],
      ['EPRT', this.eprt],
      ['MLST', this.mlst],
      ['MLSD', this.mlsd],
      ['LIST -a', this.listAll],
      ['LIST', this.list],
      ['CWD', this.cwd],
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
