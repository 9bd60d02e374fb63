import type { Call } from '../../pool/call.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { isAmbiguous } from './ambiguous.js'
import type { ListingOptions } from './attempts.js'
import { allEntries, entries } from './entries.js'
import type { ListRefused } from './broken-listing.js'
import { checkListed, mayBeNoFolder } from './check-listed.js'
import { faultIn, hasEntered } from './fault.js'
import type { EntriesFrom, ListCommand } from './list-command.js'
import { refuseUnsafeNames } from '../names/unsafe-names.js'
import { refuseOtherNames } from '../names/other-names.js'
import { cacheListed } from './cache-listed.js'
import { explain, isDenied } from '../refusal.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { serverPath } from '../server-file.js'
import { replyWords } from '../reply-words.js'

/** Whether the server's listings distinguish links from their targets, as far as is known. */
export function showsLinks(server: ServerProfile): boolean {
  return server.kind !== 'unknown'
}

/**
 * Yields the entries of a folder as they arrive, each once. Throws a RefusedError: ENOENT, ENOTDIR,
 * EACCES.
 */
export async function* listing(remote: Remote, call: Call, path: ByteString): AsyncGenerator<ListedEntry[]> {
  await refuseOtherNames(remote, call, path)
  const keeping = new Keeping(remote, path)
  const options = { ...explained(remote, call, path, 'usual', keeping), onSkip: ignored }
  let doubted: ListedEntry[] | undefined = []
  for await (const some of entries(remote, call, path, options)) {
    if (doubted) some.unshift(...doubted)
    doubted = doubted && mayBeNoFolder(remote, path, some) ? some : undefined
    if (doubted) continue
    keeping.keep(some)
    yield some
  }
  if (!doubted || !mayBeNoFolder(remote, path, doubted)) return
  await checkListed(remote, call, path)
  keeping.keep(doubted)
  yield doubted
}

/**
 * Returns all entries of a folder; a connection lost on the way is no error. Small folders are
 * listed together, by STAT on the control connection, on servers where that is reliable; others use
 * a data connection each. Throws like `listing`. `partial`: lines may be skipped (option
 * `listErrors`).
 */
export async function list(
  remote: Remote,
  call: Call,
  path: ByteString,
  from: EntriesFrom = 'usual',
  partial = false,
): Promise<ListedEntry[]> {
  await refuseOtherNames(remote, call, path)
  if (from !== 'usual') return onDataConnection(remote, call, path, from, partial)
  const asked = remote.statCache?.now
  const found = await byStat(remote, call, path)
  if (found && asked !== undefined) cacheListed(remote, path, found, asked, true)
  if (found) return found
  try {
    return await onDataConnection(remote, call, path, from, partial)
  } finally {
    remote.listedByStat.ended(path)
  }
}

/**
 * Like `list`, but with links as links even if MLSD shows their targets, or omits them (pyftpdlib
 * 1.5.7): then the folder is also listed by LIST.
 */
export async function listWithLinks(
  remote: Remote,
  call: Call,
  path: ByteString,
  partial = false,
): Promise<ListedEntry[]> {
  const { server } = remote.pool
  const { mlsd, listAll, list: plain } = server.can
  const both = mlsd.usable && (listAll.usable || plain.usable) && remote.options.listCommand === undefined
  if (showsLinks(server) || !both) return list(remote, call, path, 'usual', partial)
  const [all, shown] = await Promise.all([
    list(remote, call, path, 'usual', partial),
    list(remote, call, path, 'ls', partial),
  ])
  const links = shown.filter(({ type }) => type === 'link')
  const names = new Set(links.map(({ name }) => name))
  return [...all.filter(({ name }) => !names.has(name)), ...links]
}

async function onDataConnection(
  remote: Remote,
  call: Call,
  path: ByteString,
  from: EntriesFrom,
  partial: boolean,
): Promise<ListedEntry[]> {
  const keeping = new Keeping(remote, path)
  const options = explained(remote, call, path, from, keeping)
  const all = await allEntries(remote, call, path, partial ? { ...options, onSkip: ignored } : options)
  if (mayBeNoFolder(remote, path, all)) await checkListed(remote, call, path)
  keeping.keep(all)
  return all
}

/** The diagnostics channel reports the skipped lines. */
function ignored(): void {}

/** Caches the entries listed on a data connection, as of the time before the listing. */
class Keeping {
  readonly #asked: number | undefined
  #verb: ListCommand | undefined

  constructor(
    readonly remote: Remote,
    readonly path: ByteString,
  ) {
    this.#asked = remote.statCache?.now
  }

  /** Sets the command that the next entries come from. */
  by(verb: ListCommand): void {
    this.#verb = verb
  }

  keep(entries: readonly ListedEntry[]): void {
    const { remote, path } = this
    if (this.#asked !== undefined) cacheListed(remote, path, entries, this.#asked, this.#verb !== 'MLSD')
  }
}

function explained(
  remote: Remote,
  call: Call,
  path: ByteString,
  from: EntriesFrom,
  keeping: Keeping,
): ListingOptions {
  return {
    from,
    explain: refused => reason(remote, call, refused, path),
    onVerb: verb => keeping.by(verb),
  }
}

/**
 * Like `explain`, but ENOTSUP if the server lacks the listing command, and the folder was entered
 * or CWD has never worked.
 */
async function reason(
  remote: Remote,
  call: Call,
  refused: ListRefused,
  path: ByteString,
): Promise<RefusedError> {
  const { reply } = refused
  const words = replyWords(remote, reply, path)
  const lacks = faultIn(remote, refused, path) === 'no command' && !isDenied(words)
  // Without CWD, an existing folder looks missing.
  if (lacks && !hasEntered(remote)) return new RefusedError('ENOTSUP', reply)
  const error = await explain(remote, call, 'list', reply, path)
  // The command had no argument that could be at fault.
  return lacks && (error.code === 'EACCES' || error.code === 'EINVAL')
    ? new RefusedError('ENOTSUP', reply)
    : error
}

/** Undefined if STAT does not suit the folder. */
async function byStat(remote: Remote, call: Call, path: ByteString): Promise<ListedEntry[] | undefined> {
  const { pool } = remote
  await pool.firstLogin(call)
  const { listsByStat } = pool.server.quirks
  const { listCommand, useCwdNames } = remote.options
  if (!listsByStat || useCwdNames || listCommand !== undefined) return undefined
  if (isAmbiguous(serverPath(remote, path))) return undefined
  refuseUnsafeNames(remote, path)
  const size = remote.folderSizes.of(path)
  if (size === undefined ? !listsByStat.unseen : size > listsByStat.maxBytes) return undefined
  return remote.listedByStat.list(call, path, size === undefined)
}
