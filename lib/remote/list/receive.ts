import type { Call } from '../../pool/call.js'
import type { Lease } from '../../pool/lease.js'
import { command, type Command } from '../../wire/session/command.js'
import { FtpError, FtpReplyError } from '../../wire/ftp-errors.js'
import { Incoming } from '../../wire/data/incoming.js'
import { ListingError, type ListedEntry, type ListingParser } from '../../wire/listing/listing.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import type { Session } from '../../wire/session/session.js'
import { refuseUnsafeNames } from '../names/unsafe-names.js'
import { staysPut } from '../../wire/session/working-directory.js'
import type { Remote } from '../remote.js'
import { serverFile, serverPath } from '../server-file.js'
import { replyWords } from '../reply-words.js'
import {
  CutListing,
  ListRefused,
  NothingCame,
  OpenListing,
  UnsureListing,
  type ListingStep,
} from './broken-listing.js'
import { listVerb } from './list-command.js'
import { outcomeOf, type ListingEnd, type ListingOutcome } from './listing-end.js'
import { inBinary, ListingFlow } from './listing-flow.js'
import { unusable } from './unusable.js'
import type { Way } from './listing-way.js'

export interface ReceiveOptions {
  readonly path: ByteString
  readonly way: Way
  /** A parser that has read nothing yet. */
  readonly parser: ListingParser
  /** Allows a data connection opened ahead. */
  readonly ahead: boolean
}

/**
 * Yields one listing as it arrives. While the consumer takes no entries, or others wait for the
 * session, the rest is spooled: a listing cannot be resumed later. The session is given back after
 * the last byte, and by the caller in any case.
 *
 * Throws, even after entries: ListRefused, CutListing, OpenListing, NothingCame, UnsureListing,
 * ListingError, ConnectionLostError, and an FtpError after `listTimeout`.
 */
export async function* receive(
  remote: Remote,
  call: Call,
  lease: Lease,
  { path, way, parser, ahead }: ReceiveOptions,
): AsyncGenerator<ListedEntry[]> {
  const { listTimeout, spoolDirectory } = remote.options
  const flow = new ListingFlow(spoolDirectory, remote.memory)
  const forget = call.onCancel(reason => flow.fail(reason))
  const { server } = lease.session
  let judged: ListingOutcome | undefined
  const outcome = (incoming: Incoming, reply: Reply): ListingOutcome =>
    (judged ??= outcomeOf({
      code: reply.code,
      words: replyWords(remote, reply, path),
      bytes: flow.bytes,
      lines: flow.lines,
      open: flow.open,
      kind: server.kind,
      ahead: incoming.ahead,
      broken: isPositive(reply) ? brokenTls(server, incoming.announcedEnd) : 'no',
    }))
  const begun = performance.now()
  let took = 0
  let attached = false
  const verb = listVerb(way.verb, server)
  const folder = serverPath(remote, path)
  // A bare command in the folder: as arguments, names with spaces, brackets or a leading `-` mean
  // something else. CWD is sent even if the session is there already: that folder may have been
  // renamed or removed.
  const along = [...(way.ascii ? [command('TYPE A')] : []), ...waysIn(lease.session, way, folder)]
  let refusedAt = -1
  try {
    refuseUnsafeNames(remote, path)
    const incoming = await Incoming.open(lease.session, {
      along,
      judge: replies => {
        refusedAt = replies.findIndex((reply, at) => along[at]?.verb !== 'PWD' && !isPositive(reply))
        if (refusedAt >= 0 || along.at(-1)?.verb !== 'PWD' || !lease.session.staysPut)
          return replies[refusedAt]
        refusedAt = along.length - 1
        return staysPut
      },
      commands: [
        needsPath(lease.session, way, folder) ? command(verb, serverFile(remote, path)) : command(verb),
      ],
      onData: chunk => flow.push(chunk),
      watchesEnd: true,
      timeout: listTimeout,
      ahead,
    })
    if (!(incoming instanceof Incoming)) throw new ListRefused(incoming, stepOf(along[refusedAt]))
    const ended = (): void => void (took = performance.now() - begun)
    incoming.done.then(ended, ended)
    attached = true
    flow.attach(incoming, lease, way.ascii, reply => isPositive(reply) && outcome(incoming, reply) !== 'cut')
    lease.onWanted = () => flow.spool()
    if (remote.pool.wanted) flow.spool()
    for await (const chunk of flow) {
      const some = parser.push(chunk)
      if (some.length > 0) yield some
    }
    const reply = (await incoming.done).at(-1)!
    finish(remote, path, parser, reply, outcome(incoming, reply))
    const rest = parser.end()
    if (rest.length > 0) yield rest
  } catch (error) {
    if (took >= listTimeout && !(error instanceof ListingError)) throw late(listTimeout, error)
    throw unusable(remote, error)
  } finally {
    forget()
    lease.onWanted = undefined
    await flow.dispose()
    if (way.ascii && !attached) await inBinary(lease.session)
  }
}

/** The commands before a listing that enter the folder. */
function waysIn(session: Session, { byPath, entersToo }: Way, path: ByteString): Command[] {
  if (!byPath) return session.entering(path)
  return entersToo ? [command('CWD', path)] : []
}

function stepOf(refused: Command | undefined): ListingStep {
  if (refused?.verb === 'TYPE A') return 'TYPE'
  return refused?.verb === 'PWD' ? 'PWD' : 'CWD'
}

/** Whether the command must name the folder: not if a session that never leaves it is there. */
export function needsPath(session: Session, { byPath }: Pick<Way, 'byPath'>, folder: ByteString): boolean {
  return byPath && session.into(folder).length > 0
}

/**
 * Learns whether the server ends its listings with close_notify. The first listing without it is
 * doubtful, and is repeated.
 */
function brokenTls(server: ServerProfile, announced: boolean | undefined): ListingEnd['broken'] {
  if (announced === undefined) return 'no'
  const before = server.announcesEnd
  if (announced || before !== 'yes') server.announcesEnd = announced ? 'yes' : 'no'
  if (announced || before === 'no') return 'no'
  return before === 'yes' ? 'yes' : 'perhaps'
}

/** Throws the error of an incomplete listing. */
function finish(
  remote: Remote,
  path: ByteString,
  { lines }: ListingParser,
  reply: Reply,
  outcome: ListingOutcome,
): void {
  switch (outcome) {
    case 'whole':
      return learnWhole(remote, path, lines)
    case 'limited':
      if (remote.options.ignorePureftpdLimitIssue) return
      throw truncated(reply)
    case 'open':
      throw new OpenListing(reply)
    case 'cut':
      throw new CutListing(reply, lines)
    case 'nothing':
      throw new NothingCame()
    case 'unsure':
      throw new UnsureListing()
    case 'refused':
      throw new ListRefused(reply, 'listing')
  }
}

/** Stores how many lines of a folder the server shows. */
export function learnWhole(remote: Remote, path: ByteString, lines: number): void {
  const { folderSizes: sizes } = remote
  sizes.learnLines(path, lines)
  sizes.wholeLines = Math.max(sizes.wholeLines, lines)
}

function late(milliseconds: number, cause: unknown): FtpError {
  const message = `The listing was not complete within ${milliseconds} ms (listTimeout)`
  return new FtpError('ERR_FTP_LISTING', message, { cause })
}

function truncated(reply: Reply): FtpError {
  return new FtpError(
    'ERR_FTP_LISTING_TRUNCATED',
    `The server cut the listing: ${new FtpReplyError(reply).message}. Raise its limit (Pure-FTPd: -L, LimitRecursion), ` +
      'or set `ignorePureftpdLimitIssue` to take what it gives',
  )
}
