import type { Call } from '../../pool/call.js'
import type { Lease } from '../../pool/lease.js'
import type { Ability } from '../../wire/capabilities/ability.js'
import type { Capabilities } from '../../wire/capabilities/capabilities.js'
import { ListingParser, ListingError, type ListedEntry } from '../../wire/listing/listing.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import { kindsOf } from '../stat/probe-kinds.js'
import { notSupported } from '../not-supported.js'
import { join } from '../paths.js'
import { isPassing, RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { serverPath } from '../server-file.js'
import { isAmbiguous } from './ambiguous.js'
import { learnWhole, needsPath, receive } from './receive.js'
import { CutListing, ListRefused, NothingCame, OpenListing, UnsureListing } from './broken-listing.js'
import { faultIn } from './fault.js'
import { kindByListing } from './kind-by-listing.js'
import { lastNameProof, type ShownNames } from './last-name.js'
import { listCommands, type EntriesFrom, type ListCommand } from './list-command.js'
import { unusable } from './unusable.js'
import { abilityOf, firstWay, nextWay, type Fault, type Way } from './listing-way.js'

export interface ListingOptions {
  readonly from?: EntriesFrom | undefined
  /**
   * Receives each line without a recognizable name, if `listErrors` allows skipping it. Without
   * this function such a line is always an error: the listing must be complete.
   */
  readonly onSkip?: ((error: ListingError) => void) | undefined
  /**
   * Converts a refusal into an error; a temporary one (EBUSY, EIO) is retried. Default: the
   * ListRefused itself, without a retry.
   */
  readonly explain?: ((refused: ListRefused) => Promise<Error>) | undefined
  /**
   * Receives the command of each attempt before its entries: the times of MLSD are UTC and exact.
   */
  readonly onVerb?: ((verb: ListCommand) => void) | undefined
}

/** Some entries of a listing. */
export interface EntryChunk {
  readonly entries: ListedEntry[]
  /**
   * The earlier entries are of a listing that broke off; this one starts again with its first
   * entry.
   */
  readonly restarted: boolean
}

/**
 * Yields the entries of a folder as they arrive. A listing that breaks off is repeated as a whole.
 * Throws ListRefused, or the error that `explain` makes of it.
 */
export function attempts(
  remote: Remote,
  call: Call,
  path: ByteString,
  options: ListingOptions = {},
): AsyncGenerator<EntryChunk> {
  return new Attempts(remote, call, path, options).list()
}

/** A way that was abandoned for the next one. */
interface LeftWay {
  /** Undefined if the way showed nothing. */
  readonly failure: unknown
  readonly fault: Fault
  /** The ability that the server seems to lack. */
  readonly ability: Ability | undefined
}

class Attempts {
  /** Counts of the attempt under way. `#given`: an attempt before it has shown entries. */
  #shown = 0
  #plain = 0
  #plainBytes = 0
  #given = false
  /** Allows a data connection opened ahead. An empty listing over it may mean that it is dead. */
  #ahead = true
  #deadAhead = false
  /** The number of 4yz replies to `LIST -a`. */
  #refusals = 0
  /** The way that replaces the first one. */
  #way: Way | undefined
  /** The ways abandoned so far, each with its fault. */
  readonly #left: LeftWay[] = []
  /** Unreadable lines, to be skipped if others can be read. */
  #unread: ListingError[] = []
  /** The last line of the previous listing, if it had no line end. */
  #open: ByteString | undefined

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly options: ListingOptions,
  ) {}

  async *list(): AsyncGenerator<EntryChunk> {
    const { remote, call } = this
    for (;;) {
      const lease = await remote.pool.acquire(call, 'metadata')
      const way = this.#choose(lease)
      const parser = this.#parser(lease, way)
      const mayBeFile = needsPath(lease.session, way, serverPath(remote, this.path))
      const mayBeOption = this.#mayTakeOption(lease.session.server, way)
      // A single line may be that of a file itself, and all lines may be of a folder named `-a`.
      const held: ListedEntry[] = []
      let failure: unknown
      let whole = false
      try {
        if (way.byPath) this.#checkArgument(lease)
        this.options.onVerb?.(way.verb)
        if (this.#given) yield { entries: [], restarted: true }
        for await (const entries of this.#receive(lease, way, parser)) {
          held.push(...entries)
          const sure = (!mayBeFile || this.#shown > 1) && (!mayBeOption || parser.showsItself)
          if (sure) yield { entries: held.splice(0), restarted: false }
        }
        this.#skipUnread(parser)
        lease.release()
        const doubted = mayBeOption && !parser.showsItself && (await this.#hasOptionsName(held))
        const next = doubted && this.#next(lease.session.server, way, 'no command')
        if (next) {
          this.#way = next
          continue
        }
        whole = this.#settle(lease, way, parser)
      } catch (error) {
        failure = error
      } finally {
        lease.release()
        this.#given ||= this.#shown > 0
      }
      if (failure !== undefined) {
        const rest = await this.#recover(failure, lease, way, parser)
        if (!rest) continue
        held.push(...rest)
        this.#settle(lease, way, parser)
      } else if (!whole) continue
      if (mayBeFile && !parser.showsItself) await this.#checkFolder(held)
      if (held.length > 0) yield { entries: held, restarted: false }
      return
    }
  }

  #choose({ session: { server } }: Lease): Way {
    return this.#way ?? firstWay(server.can, this.#commands(server))
  }

  #commands(server: ServerProfile): readonly ListCommand[] {
    return listCommands(server, this.options.from ?? 'usual', this.remote.options.listCommand)
  }

  #parser({ session }: Lease, way: Way): ListingParser {
    const { remote, path } = this
    const { server } = session
    const onServer = serverPath(remote, path)
    const folders = [path, onServer].map(each => each.replace(/\/$/, ''))
    const parser = new ListingParser(formats[way.verb], {
      folders: [...folders, ...folders.map(each => each.slice(1)).filter(each => each !== '')],
      mayBeFile: needsPath(session, way, onServer),
      exact: server.kind !== 'unknown',
      onSkip: this.#skipping(error => {
        if (mayBeNone(way, server) && parser.lines === 0) this.#unread.push(error)
        else this.#skip(error)
      }),
    })
    return parser
  }

  #skipping(skip: (error: ListingError) => void): ((error: ListingError) => void) | undefined {
    return this.options.onSkip && this.remote.options.listErrors === 'skip' ? skip : undefined
  }

  #skip(found: ListingError): void {
    const { remote, path } = this
    const error = found.as(said => remote.pool.log.masked(said))
    remote.pool.log.skippedLine({ path, line: error.line })
    this.options.onSkip!(error)
  }

  /** Skips the lines before the first readable one; throws if there is none. */
  #skipUnread({ lines }: ListingParser): void {
    const [first] = this.#unread
    if (first && lines === 0) throw unusable(this.remote, first)
    for (const error of this.#unread.splice(0)) this.#skip(error)
  }

  /** Throws EINVAL for a path that would mean something else as an argument. */
  #checkArgument({ session }: Lease): void {
    if (this.remote.options.useCwdNames) throw notSupported('CWD, which the option useCwdNames needs')
    if (!needsPath(session, { byPath: true }, serverPath(this.remote, this.path))) return
    if (!isAmbiguous(serverPath(this.remote, this.path))) return
    const detail =
      'the server has no CWD that leads into folders, and as the argument of a listing this path may mean another'
    throw new RefusedError('EINVAL', undefined, detail)
  }

  /**
   * Throws if a listing by path is not that of a folder: it also shows files, and is empty for
   * missing paths.
   */
  async #checkFolder([only]: readonly ListedEntry[]): Promise<void> {
    const { remote, call, path } = this
    // No listing shows the root itself.
    if (path === '/' || this.#shown > 1 || (only && only.name !== basename(path))) return
    const above = attempts(remote, call, dirname(path), { from: 'ls' })
    const kind = await kindByListing(remote, call, path, above)
    if (kind === 'missing') throw new RefusedError('ENOENT')
    // A line with the path's own name is that of a file, if nothing shows that it is in a folder.
    if (kind === 'file' || (only && kind === undefined)) throw new RefusedError('ENOTDIR')
  }

  async *#receive(lease: Lease, way: Way, parser: ListingParser): AsyncGenerator<ListedEntry[]> {
    const { remote, call, path } = this
    const ahead = this.#ahead
    this.#shown = this.#plain = this.#plainBytes = 0
    this.#unread = []
    for await (const entries of receive(remote, call, lease, { path, way, parser, ahead })) {
      this.#count(entries)
      yield entries
    }
  }

  #count(entries: readonly ListedEntry[]): void {
    this.#shown += entries.length
    for (const { name } of entries) {
      if (name.startsWith('.')) continue
      this.#plain += 1
      this.#plainBytes += name.length
    }
  }

  /**
   * Learns from a complete listing. Returns false if it may be empty for another reason than an
   * empty folder, and the next way is to be tried.
   */
  #settle({ session: { server } }: Lease, way: Way, { lines }: ListingParser): boolean {
    const { can, quirks } = server
    const all = way.verb === 'LIST -a'
    // ProFTPD 1.3.8 lists an unreadable folder as empty, without `.`; its MLSD refuses it.
    const mayBeClosed = way.verb !== 'MLSD' && lines === 0 && quirks.mixesLinks
    if (mayBeClosed && can.mlsd.usable && this.#left.length === 0) {
      this.#way = { ...way, verb: 'MLSD' }
      return false
    }
    if (this.#deadAhead && lines > 0) can.dataAhead.fail()
    const next = this.#shown === 0 && this.#isDoubtful(server, way) && this.#next(server, way, 'no command')
    if (next) {
      this.#left.push({ failure: undefined, fault: 'no command', ability: can.listAll })
      this.#way = next
      return false
    }
    // A listing that shows an empty folder as empty proves nothing about `-a`.
    for (const { ability } of this.#left.splice(0))
      if (ability !== can.listAll || this.#shown > 0) ability?.fail()
    if (lines > 0) {
      if (!way.ascii) can.binaryListing.succeed()
      if (!way.byPath) can.cwd.succeed()
      if (!all) abilityOf(can, way.verb)?.succeed()
    }
    if (this.#shown > 0 && all) can.listAll.succeed()
    return true
  }

  /** `LIST -a` is trusted only after it has shown entries: some servers take `-a` as a name. */
  #isDoubtful({ can }: ServerProfile, { verb }: Way): boolean {
    return this.#triesOption(verb) && !can.listAll.certain
  }

  /** Unknown servers may take `-a` as the name of a file or folder. */
  #mayTakeOption({ kind }: ServerProfile, { verb, byPath }: Way): boolean {
    return this.#triesOption(verb) && kind === 'unknown' && !byPath
  }

  #triesOption(verb: ListCommand): boolean {
    return verb === 'LIST -a' && this.remote.options.listCommand === undefined
  }

  /** Whether the folder has an entry `-a`: a listing without `.` may be of that entry. */
  async #hasOptionsName(shown: readonly ListedEntry[]): Promise<boolean> {
    if (shown.length === 0) return false
    if (shown.some(({ name }) => name === '-a')) return true
    const [kind] = await ask(this.remote, this.call, kindsOf([join(this.path, '-a')]))
    return kind !== 'missing'
  }

  #next(server: ServerProfile, way: Way, fault: Fault): Way | undefined {
    return nextWay(way, fault, server.can, this.#commands(server))
  }

  /**
   * Returns the last entries if only they were missing, or undefined to request another attempt;
   * otherwise throws.
   */
  async #recover(
    failure: unknown,
    { session: { server } }: Lease,
    way: Way,
    parser: ListingParser,
  ): Promise<ListedEntry[] | undefined> {
    if (failure instanceof NothingCame) {
      this.#ahead = false
      this.#deadAhead = true
      return undefined
    }
    if (failure instanceof UnsureListing) return undefined
    if (failure instanceof OpenListing) return this.#complete(failure, server, parser)
    this.#open = undefined
    if (this.#shown === 0 && this.#turn(failure, server, way, parser)) return undefined
    const reason = await this.#mostTelling(failure)
    if (!(isPassing(reason) || reason instanceof CutListing)) throw reason
    await this.#retry(reason)
    return undefined
  }

  /** Switches to the next way if the last one is at fault and another one is left. */
  #turn(failure: unknown, server: ServerProfile, way: Way, parser: ListingParser): boolean {
    const seen = this.#fault(failure, server, way, parser)
    const doubt = seen ? 'for good' : this.#doubt(failure, server, way)
    const fault = seen ?? (doubt === 'no' ? undefined : 'no command')
    const next = fault && this.#next(server, way, fault)
    if (!next) return false
    this.#left.push({
      failure,
      fault,
      ability: doubt === 'for good' ? abilityAt(server.can, way, fault) : undefined,
    })
    this.#way = next
    return true
  }

  /** A 4yz reply may be temporary, and then says nothing about `-a`. */
  #doubt(failure: unknown, server: ServerProfile, way: Way): 'no' | 'for once' | 'for good' {
    const refused = failure instanceof ListRefused && failure.step === 'listing'
    if (!refused || !this.#isDoubtful(server, way)) return 'no'
    if (failure.reply.code >= 500 || this.#refusals++ > 0) return 'for good'
    return this.options.explain ? 'no' : 'for once'
  }

  #fault(failure: unknown, server: ServerProfile, way: Way, parser: ListingParser): Fault | undefined {
    if (failure instanceof ListingError)
      return mayBeNone(way, server) && parser.lines === 0 ? 'unreadable' : undefined
    return failure instanceof ListRefused ? faultIn(this.remote, failure, this.path) : undefined
  }

  /** Returns the most informative failure of all ways. */
  async #mostTelling(failure: unknown): Promise<unknown> {
    let worst: unknown
    // The fault of TYPE I no longer matters unless TYPE A is refused too.
    const type = failure instanceof ListRefused && failure.step === 'TYPE'
    const left = this.#left.filter(({ fault }) => type || fault !== 'wants ASCII')
    for (const each of [failure, ...left.map(way => way.failure)]) {
      if (each === undefined) continue
      const reason = each instanceof ListRefused ? await this.#explain(each) : each
      if (!saysLittle(reason)) return reason
      worst ??= reason
    }
    return worst
  }

  async #explain(refused: ListRefused): Promise<Error> {
    return (await this.options.explain?.(refused)) ?? refused
  }

  /**
   * Returns the entries of a last line without a line end, once that line is known to be complete.
   */
  async #complete(
    failure: OpenListing,
    server: ServerProfile,
    parser: ListingParser,
  ): Promise<ListedEntry[] | undefined> {
    const { remote, call, path } = this
    const { open } = parser
    const same = open === this.#open
    const first = this.#open === undefined
    this.#open = open
    if (same || server.leavesLineOpen) {
      const rest = this.#lastEntries(parser, same)
      const proof = rest && (await lastNameProof(remote, call, path, this.#names(rest)))
      if (proof === 'names') server.leavesLineOpen = true
      // MLST alone is enough only for a line that came twice.
      if (proof === 'names' || (proof === 'facts' && same)) {
        learnWhole(remote, path, parser.lines)
        return rest
      }
      if (same) throw failure
    }
    if (!first) await this.#retry(failure)
    return undefined
  }

  #names(rest: readonly ListedEntry[]): ShownNames {
    return { last: rest.at(-1), all: this.#shown, plain: this.#plain, plainBytes: this.#plainBytes }
  }

  #lastEntries(parser: ListingParser, same: boolean): ListedEntry[] | undefined {
    try {
      const entries = parser.end()
      this.#count(entries)
      return entries
    } catch (error) {
      if (same) throw unusable(this.remote, error)
      return undefined
    }
  }

  async #retry(reason: Error): Promise<void> {
    this.#ahead = false
    await this.remote.pool.retry(this.call, reason)
  }
}

const formats = { MLSD: 'mlsd', 'LIST -a': 'list', LIST: 'list', NLST: 'names' } as const

/** Whether the reply may not be MLSD at all. */
function mayBeNone({ verb }: Way, { kind }: ServerProfile): boolean {
  return verb === 'MLSD' && kind === 'unknown'
}

/** The ability that the server lacks, if the next way works. */
function abilityAt(can: Capabilities, { verb }: Way, fault: Fault): Ability | undefined {
  if (fault === 'no CWD') return can.cwd
  if (fault === 'CWD stays') return can.entering
  return fault === 'wants ASCII' ? can.binaryListing : abilityOf(can, verb)
}

/** Whether an error says only that a command did not work. */
function saysLittle(reason: unknown): boolean {
  return reason instanceof ListRefused || (reason instanceof RefusedError && reason.code === 'ENOTSUP')
}
