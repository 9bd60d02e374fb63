import type { Call } from '../../pool/call.js'
import type { Lease } from '../../pool/lease.js'
import { ListingParser, type ListedEntry, type ListingError } from '../../wire/listing.js'
import type { ByteString } from '../../wire/names.js'
import { isPassing } from '../refused.js'
import type { Remote } from '../remote.js'
import { learnWhole, receive } from './receive.js'
import { CutListing, ListRefused, NothingCame, OpenListing, UnsureListing } from './broken-listing.js'
import { lastNameProof, type ShownNames } from './last-name.js'
import { listCommand, type EntriesFrom, type ListCommand } from './list-command.js'
import { unusable } from './unusable.js'

export interface ListingOptions {
  readonly from?: EntriesFrom | undefined
  /**
   * Gets each line in which no name can be found, where `listErrors` lets them be skipped. Without it they are
   * errors in any case: the listing is needed whole.
   */
  readonly onSkip?: ((error: ListingError) => void) | undefined
  /**
   * What a refusal means, as an error: one that may pass (EBUSY, EIO) is asked for again. Default:
   * the ListRefused itself, and it is not.
   */
  readonly explain?: ((refused: ListRefused) => Promise<Error>) | undefined
}

/** Some entries of a listing. */
export interface Some {
  readonly entries: ListedEntry[]
  /**
   * What came before was of a listing that broke off: this one begins again, with its first entry.
   */
  readonly anew: boolean
}

/**
 * The entries of a folder as they come. A listing that breaks off is asked for again, whole. Throws
 * ListRefused, or what `explain` makes of it.
 */
export function attempts(
  remote: Remote,
  call: Call,
  path: ByteString,
  options: ListingOptions = {},
): AsyncGenerator<Some> {
  return new Attempts(remote, call, path, options).run()
}

type Doubt = 'no' | 'for once' | 'for good'

class Attempts {
  /** Of the attempt under way, and of one before it. */
  #shown = 0
  #plain = 0
  #plainBytes = 0
  #given = false
  /** An empty listing over a data connection that was made ahead may come of one that is dead. */
  #ahead = true
  #deadAhead = false
  // What `LIST -a` says is believed once it has shown something: some servers take `-a` for a name.
  #doubted: Doubt = 'no'
  /** 4yz to `LIST -a`. */
  #refusals = 0
  #verb: ListCommand | undefined
  /** The last line of the listing before, which had no line end. */
  #open: ByteString | undefined

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly options: ListingOptions,
  ) {}

  async *run(): AsyncGenerator<Some> {
    const { remote, call } = this
    for (;;) {
      const lease = await remote.pool.acquire(call, 'metadata')
      const verb = this.#choose(lease)
      const parser = this.#parser(lease, verb)
      let failure: unknown
      try {
        if (this.#given) yield { entries: [], anew: true }
        yield* this.#receive(lease, verb, parser)
        if (this.#settle(lease, verb, parser)) return
        continue
      } catch (error) {
        failure = error
      } finally {
        lease.release()
        this.#given ||= this.#shown > 0
      }
      const rest = await this.#recover(failure, lease, verb, parser)
      if (!rest) continue
      yield { entries: rest, anew: false }
      this.#settle(lease, verb, parser)
      return
    }
  }

  #choose({ session: { server } }: Lease): ListCommand {
    const { from = 'usual' } = this.options
    return this.#verb ?? (this.#doubted === 'no' ? listCommand(server, from) : 'LIST')
  }

  #parser({ session: { server } }: Lease, verb: ListCommand): ListingParser {
    const { remote, path } = this
    const onServer = remote.pool.options.remotePath(path, server.loginDirectory)
    const folders = [path, onServer].map(each => each.replace(/\/$/, ''))
    return new ListingParser(verb === 'MLSD' ? 'mlsd' : 'list', {
      folders: [...folders, ...folders.map(each => each.slice(1)).filter(each => each !== '')],
      exact: server.kind !== 'unknown',
      onSkip: this.#skipping(),
    })
  }

  #skipping(): ((error: ListingError) => void) | undefined {
    const { remote, path } = this
    const { onSkip } = this.options
    if (!onSkip || remote.options.listErrors !== 'skip') return undefined
    return found => {
      const error = found.as(said => remote.pool.log.masked(said))
      remote.pool.log.skippedLine({ path, line: error.line })
      onSkip(error)
    }
  }

  async *#receive(lease: Lease, verb: ListCommand, parser: ListingParser): AsyncGenerator<Some> {
    const { remote, call, path } = this
    const ahead = this.#ahead
    this.#shown = this.#plain = this.#plainBytes = 0
    for await (const entries of receive(remote, call, lease, { path, verb, parser, ahead })) {
      this.#count(entries)
      yield { entries, anew: false }
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

  /** A listing is whole. False: it may be so for another reason than that the folder is empty. */
  #settle({ session: { server } }: Lease, verb: ListCommand, { lines }: ListingParser): boolean {
    const all = verb === 'LIST -a'
    // ProFTPD 1.3.8 shows an unreadable folder as one without `.`; MLSD refuses it.
    if (all && lines === 0 && server.quirks.mixesLinks && server.can.mlsd.usable) {
      this.#verb = 'MLSD'
      return false
    }
    if (this.#deadAhead && lines > 0) server.can.dataAhead.fail()
    if (this.#shown === 0) {
      if (!this.#isDoubtful(server, verb)) return true
      this.#doubted = 'for good'
      return false
    }
    if (all) server.can.listAll.succeed()
    else if (this.#doubted === 'for good') server.can.listAll.fail()
    return true
  }

  #isDoubtful({ can }: Lease['session']['server'], verb: ListCommand): boolean {
    return verb === 'LIST -a' && can.listAll.untested
  }

  /**
   * Returns the last entries, where they were all that was missing; else there is to be another
   * attempt, or it throws.
   */
  async #recover(
    failure: unknown,
    { session: { server } }: Lease,
    verb: ListCommand,
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
    if (failure instanceof ListRefused && this.#shown === 0 && this.#isDoubtful(server, verb)) {
      this.#doubted = this.#doubt(failure)
      if (this.#doubted !== 'no') return undefined
    }
    const reason = failure instanceof ListRefused ? await this.#explain(failure) : failure
    if (!(isPassing(reason) || reason instanceof CutListing)) throw reason
    await this.#retry(reason)
    return undefined
  }

  /** 4yz may pass, and then says nothing of `-a`. */
  #doubt({ reply }: ListRefused): Doubt {
    if (reply.code >= 500 || this.#refusals++ > 0) return 'for good'
    return this.options.explain ? 'no' : 'for once'
  }

  async #explain(refused: ListRefused): Promise<Error> {
    return (await this.options.explain?.(refused)) ?? refused
  }

  /** The entries of a last line without a line end, once it is known to be whole. */
  async #complete(
    failure: OpenListing,
    server: Lease['session']['server'],
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
      // MLST alone is enough only for what has come twice.
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
