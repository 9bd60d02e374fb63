import type { Call } from '../pool/call.js'
import type { Lease } from '../pool/lease.js'
import { mayRetry } from '../pool/retry.js'
import { command } from '../wire/commands.js'
import { ConnectionLostError, FtpError } from '../wire/errors.js'
import { Incoming } from '../wire/incoming.js'
import { ListingParser, type ListedEntry } from '../wire/listing.js'
import type { ByteString } from '../wire/names.js'
import { isPositive, replyText, type Reply } from '../wire/replies.js'
import type { ServerProfile } from '../wire/server-profile.js'
import { explain } from './refusal.js'
import type { Remote } from './remote.js'
import { Spool } from './spool.js'

/** All entries of a folder. Throws a RefusedError: ENOENT, ENOTDIR, EACCES. */
export async function list(remote: Remote, call: Call, path: ByteString): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = []
  for await (const some of listing(remote, call, path)) entries.push(...some)
  return entries
}

export async function isEmpty(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  for await (const some of listing(remote, call, path)) if (some.length > 0) return false
  return true
}

/** Whether the server's listings tell links from what they point to, as far as is known. */
export function showsLinks(server: ServerProfile): boolean {
  return server.kind !== 'unknown'
}

/**
 * The entries of a folder as they come. While nobody takes them the server waits, unless others wait for
 * the session: then the rest is put by, since a listing cannot be gone on with later.
 */
export async function* listing(remote: Remote, call: Call, path: ByteString): AsyncGenerator<ListedEntry[]> {
  const { server } = remote.pool
  let verb = listCommand(server)
  // What `LIST -a` says is believed once it has shown something: some servers take `-a` for a name.
  const doubtful = (): boolean =>
    verb === 'LIST -a' && server.quirks.listAll === 'try' && server.listAll === 'untried'
  let doubted = false
  for (let attempts = 1; ; attempts++) {
    const lease = await remote.pool.acquire(call, 'metadata')
    let given = false
    try {
      for await (const entries of once(remote, call, lease, path, verb)) {
        given ||= entries.length > 0
        yield entries
      }
      if (given && verb === 'LIST -a') server.listAll = 'works'
      if (given && doubted) server.listAll = 'fails'
      if (given || !doubtful()) return
    } catch (error) {
      lease.release()
      if (error instanceof ListRefused && (doubted || !doubtful())) {
        throw await explain(remote, call, 'list', error.reply, path)
      }
      if (
        !(error instanceof ListRefused) &&
        (given || !(error instanceof ConnectionLostError) || !mayRetry(attempts))
      ) {
        throw error
      }
      if (!(error instanceof ListRefused)) continue
    } finally {
      lease.release()
    }
    doubted = true
    verb = 'LIST'
  }
}

function listCommand(server: ServerProfile): string {
  if (server.listsFacts) return 'MLSD'
  const { listAll } = server.quirks
  return listAll === 'yes' || (listAll === 'try' && server.listAll !== 'fails') ? 'LIST -a' : 'LIST'
}

/** The folder cannot be entered, or not be listed. */
class ListRefused extends Error {
  constructor(readonly reply: Reply) {
    super(replyText(reply))
  }
}

const pauseAbove = 256 * 1024

async function* once(
  remote: Remote,
  call: Call,
  lease: Lease,
  path: ByteString,
  verb: string,
): AsyncGenerator<ListedEntry[]> {
  const { session } = lease
  const parser = new ListingParser(verb === 'MLSD' ? 'mlsd' : 'list')
  const flow = new ListingFlow(remote.options.spoolDirectory)
  const forget = call.onCancel(() => flow.fail(call.cancelled!))
  let incoming: Incoming | Reply | undefined
  try {
    incoming = await Incoming.open(session, {
      // A bare command in the folder: names with spaces, brackets or a leading `-` mean something else as arguments.
      along: session.into(path),
      judge: replies => replies.find(reply => !isPositive(reply)),
      commands: [command(verb)],
      onData: chunk => flow.push(chunk),
      timeout: remote.options.listTimeout,
    })
    if (!(incoming instanceof Incoming)) throw new ListRefused(incoming)
    flow.attach(incoming, lease)
    lease.onWanted = () => flow.putBy()
    if (remote.pool.wanted) flow.putBy()
    for await (const chunk of flow) {
      const entries = parser.push(chunk)
      if (entries.length > 0) yield entries
    }
    const [reply] = (await incoming.done).slice(-1)
    // Several servers answer 450 or 550 for a folder without files.
    if (!isPositive(reply!) && !/no (?:such )?files?\b|not found|empty/i.test(replyText(reply!)))
      throw new ListRefused(reply!)
    if (!remote.options.ignorePureftpdLimitIssue && /truncated/i.test(replyText(reply!)))
      throw truncated(reply!)
    const rest = parser.end()
    if (rest.length > 0) yield rest
  } finally {
    forget()
    lease.onWanted = undefined
    if (incoming instanceof Incoming && !flow.ended) await incoming.stop()
    await flow.dispose()
  }
}

function truncated(reply: Reply): FtpError {
  return new FtpError(
    'ERR_FTP_LISTING_TRUNCATED',
    `The server cut the listing: ${reply.code} ${replyText(reply)}. Raise its limit (Pure-FTPd: -L, LimitRecursion), ` +
      'or set `ignorePureftpdLimitIssue` to take what it gives',
  )
}

/** The bytes of a listing between the data connection and the parser. */
class ListingFlow {
  ended = false
  readonly #spool: Spool
  #chunks: Buffer[] = []
  #bytes = 0
  #incoming: Incoming | undefined
  #lease: Lease | undefined
  #puttingBy = false
  #spooling: Promise<void> = Promise.resolve()
  #wake: (() => void) | undefined
  #failure: Error | undefined

  constructor(spoolDirectory: string) {
    this.#spool = new Spool(spoolDirectory)
  }

  attach(incoming: Incoming, lease: Lease): void {
    this.#incoming = incoming
    this.#lease = lease
    void incoming.done.then(
      () => this.#end(),
      (error: Error) => this.fail(error),
    )
  }

  push(chunk: Buffer): void {
    if (this.#puttingBy) {
      this.#spooling = this.#spooling
        .then(() => this.#spool.append(chunk))
        .catch((error: Error) => this.fail(error))
      return
    }
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes > pauseAbove) this.#incoming?.pause()
    this.#wake?.()
  }

  /** Others wait: takes the rest at once, so that the session can be given back. */
  putBy(): void {
    if (this.#puttingBy || this.ended) return
    this.#puttingBy = true
    this.#incoming?.resume()
  }

  fail(error: Error): void {
    this.#failure ??= error
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      if (this.#failure) throw this.#failure
      const chunk = this.#chunks.shift()
      if (chunk) {
        this.#bytes -= chunk.length
        if (this.#bytes <= pauseAbove) this.#incoming?.resume()
        yield chunk
      } else if (this.ended) {
        await this.#spooling
        yield* this.#spool.read()
        return
      } else {
        await new Promise<void>(resolve => (this.#wake = resolve))
      }
    }
  }

  dispose(): Promise<void> {
    return this.#spooling.then(() => this.#spool.dispose())
  }

  #end(): void {
    this.ended = true
    this.#lease?.release()
    this.#wake?.()
  }
}
