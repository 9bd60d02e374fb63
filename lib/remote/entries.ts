import type { Call } from '../pool/call.js'
import type { Lease } from '../pool/lease.js'
import { command } from '../wire/commands.js'
import { ConnectionLostError, FtpError, FtpReplyError } from '../wire/errors.js'
import { Incoming } from '../wire/incoming.js'
import { ListingParser, type ListedEntry } from '../wire/listing.js'
import type { ByteString } from '../wire/names.js'
import { isPositive, type Reply } from '../wire/replies.js'
import type { ServerProfile } from '../wire/server-profile.js'
import { folderSizes } from './folder-sizes.js'
import { ListingFlow } from './listing-flow.js'
import { refuseMistakenNames } from './mistaken-names.js'
import type { Remote } from './remote.js'
import { replyWords } from './reply-words.js'
import { withShownLine } from './shown-line.js'

/**
 * `usual`: as the server does it best. `facts`: MLSD where the server has it, be LIST better. `ls`: LIST. Neither shows all links
 * on every server.
 */
export type EntriesFrom = 'usual' | 'facts' | 'ls'

const nothingCame = new Error('Nothing came over the data connection that was made ahead')

/** The folder cannot be entered, or not be listed. */
export class ListRefused extends Error {
  constructor(readonly reply: Reply) {
    super(new FtpReplyError(reply).message)
  }
}

/**
 * The entries of a folder as they come. While nobody takes them, or when others wait for the session, the rest
 * is put by: a listing cannot be gone on with later. Throws ListRefused.
 */
export async function* entries(
  remote: Remote,
  call: Call,
  path: ByteString,
  from: EntriesFrom = 'usual',
): AsyncGenerator<ListedEntry[]> {
  let hasLost = false
  let proof: string | undefined
  // An empty listing over a data connection that was made ahead may come of one that is dead.
  let ahead = true
  // What `LIST -a` says is believed once it has shown something: some servers take `-a` for a name.
  for (let doubted = false; ;) {
    const lease = await remote.pool.acquire(call, 'metadata')
    const { server } = lease.session
    const verb = proof ?? (doubted ? 'LIST' : listCommand(server, from))
    const parser = new ListingParser(verb === 'MLSD' ? 'mlsd' : 'list')
    const doubtful = verb === 'LIST -a' && server.quirks.listAll === 'try' && server.listAll === 'untried'
    let given = false
    let lost: ConnectionLostError | undefined
    try {
      for await (const some of once(remote, call, lease, path, verb, parser, ahead && !hasLost)) {
        given ||= some.length > 0
        yield some
      }
      // ProFTPD 1.3.8 shows an unreadable folder as one without `.`; MLSD refuses it.
      if (verb === 'LIST -a' && parser.lines === 0 && server.quirks.mixesLinks && server.listsFacts) {
        proof = 'MLSD'
        continue
      }
      if (given && verb === 'LIST -a') server.listAll = 'works'
      if (given && doubted) server.listAll = 'fails'
      if (given || !doubtful) return
      doubted = true
    } catch (error) {
      if (error === nothingCame) ahead = false
      else if (error instanceof ListRefused && doubtful) doubted = true
      else if (given || !(error instanceof ConnectionLostError)) throw error
      else lost = error
    } finally {
      lease.release()
    }
    if (!lost) continue
    hasLost = true
    await remote.pool.retry(call, lost)
  }
}

/** Whether a folder is empty, as far as it shows: one that cannot be listed shows nothing. */
export async function isEmpty(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  try {
    for await (const some of entries(remote, call, path)) if (some.length > 0) return false
  } catch (error) {
    if (!(error instanceof ListRefused)) throw error
  }
  return true
}

/** Whether a listing is MLSD's, whose times are UTC and exact. */
export function tellsFacts({ listsFacts, quirks }: ServerProfile, from: EntriesFrom = 'usual'): boolean {
  return listsFacts && (from === 'facts' || (from === 'usual' && !quirks.mixesLinks))
}

function listCommand(server: ServerProfile, from: EntriesFrom): string {
  const { listAll } = server.quirks
  if (tellsFacts(server, from)) return 'MLSD'
  return listAll === 'yes' || (listAll === 'try' && server.listAll !== 'fails') ? 'LIST -a' : 'LIST'
}

/** One attempt. Gives the session back when the listing has come, and the caller does in any case. */
async function* once(
  remote: Remote,
  call: Call,
  lease: Lease,
  path: ByteString,
  verb: string,
  parser: ListingParser,
  ahead: boolean,
): AsyncGenerator<ListedEntry[]> {
  const { session } = lease
  const sizes = folderSizes(remote.pool)
  const flow = new ListingFlow(remote.options.spoolDirectory)
  const forget = call.onCancel(reason => flow.fail(reason))
  let incoming: Incoming | Reply | undefined
  let bytes = 0
  try {
    refuseMistakenNames(remote, path)
    incoming = await Incoming.open(session, {
      // A bare command in the folder: names with spaces, brackets or a leading `-` mean something else as arguments.
      // CWD even where the session is there already: that folder may have got another name, or be gone.
      along: [command('CWD', path)],
      judge: replies => replies.find(reply => !isPositive(reply)),
      commands: [command(verb)],
      onData(chunk) {
        bytes += chunk.length
        flow.push(chunk)
      },
      timeout: remote.options.listTimeout,
      ahead,
    })
    if (!(incoming instanceof Incoming)) throw new ListRefused(incoming)
    flow.attach(incoming, lease)
    lease.onWanted = () => flow.putBy()
    if (remote.pool.wanted) flow.putBy()
    for await (const chunk of flow) {
      const some = parser.push(chunk)
      sizes.learn(path, some)
      if (some.length > 0) yield some
    }
    const rest = parser.end()
    if (rest.length > 0) yield rest
    const reply = (await incoming.done).at(-1)!
    // What there is shows itself at least, as `.` or as `type=cdir`.
    if (incoming.ahead && bytes === 0 && isPositive(reply)) throw nothingCame
    judge(remote, path, reply)
    if (isCut(remote, path, reply)) return
    sizes.learnLines(path, parser.lines)
    sizes.wholeLines = Math.max(sizes.wholeLines, parser.lines)
  } catch (error) {
    throw withShownLine(remote, error)
  } finally {
    forget()
    lease.onWanted = undefined
    await flow.dispose()
  }
}

function judge(remote: Remote, path: ByteString, reply: Reply): void {
  const text = replyWords(remote, reply, path)
  // Several servers answer 450 or 550 for a folder without files.
  if (!isPositive(reply) && !/no (?:such )?files?\b|not found|empty/i.test(text)) throw new ListRefused(reply)
  if (!remote.options.ignorePureftpdLimitIssue && isCut(remote, path, reply)) {
    throw new FtpError(
      'ERR_FTP_LISTING_TRUNCATED',
      `The server cut the listing: ${new FtpReplyError(reply).message}. Raise its limit (Pure-FTPd: -L, LimitRecursion), ` +
        'or set `ignorePureftpdLimitIssue` to take what it gives',
    )
  }
}

function isCut(remote: Remote, path: ByteString, reply: Reply): boolean {
  return /truncated/i.test(replyWords(remote, reply, path))
}
