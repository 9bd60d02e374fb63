import type { Call } from '../pool/call.js'
import type { EntryInfo } from '../remote/entry.js'
import { list } from '../remote/list/list.js'
import { join } from '../remote/paths.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import { statPath } from '../remote/stat/stat.js'
import { basename, type ByteString } from '../wire/names/names.js'
import type { CallPath } from './call-path.js'
import { walk } from './walk.js'

/** What has happened to a name; of what lies deeper, to a path from the watched folder on. */
export interface TreeChange {
  /** `rename`: it has appeared or is gone. */
  eventType: 'rename' | 'change'
  name: ByteString
}

/** The state at one moment. A watched file is an entry of its own name, a missing one is none. */
interface Snapshot {
  isFolder: boolean
  entries: ReadonlyMap<ByteString, EntryInfo>
}

const nothing: Snapshot = { isFolder: false, entries: new Map() }

/** A file, or a folder with its entries, that is inspected from time to time. */
export class WatchedTree {
  #last: Snapshot | undefined

  constructor(
    readonly remote: Remote,
    readonly target: CallPath,
    readonly recursive: boolean,
  ) {}

  /**
   * Inspects it, and resolves with the changes since the last inspection: none the first time.
   * Throws ENOENT the first time only.
   */
  async inspect(call: Call): Promise<TreeChange[]> {
    const before = this.#last
    const now = await this.#see(call, before)
    this.#last = now
    return before ? changes(before, now, basename(this.target.path)) : []
  }

  async #see(call: Call, before: Snapshot | undefined): Promise<Snapshot> {
    const { path, folder } = this.target
    if (before?.isFolder) {
      const entries = await ifThere(this.#entries(call))
      if (entries) return { isFolder: true, entries }
    }
    const asked = statPath(this.remote, call, path)
    const info = before ? await ifThere(asked) : await asked
    if (info?.type === 'directory') {
      const entries = before ? await ifThere(this.#entries(call)) : await this.#entries(call)
      return entries ? { isFolder: true, entries } : nothing
    }
    if (folder && !before) throw new RefusedError('ENOTDIR')
    return info ? { isFolder: false, entries: new Map([[basename(path), info]]) } : nothing
  }

  async #entries(call: Call): Promise<Map<ByteString, EntryInfo>> {
    const { remote, recursive } = this
    const { path } = this.target
    const { can, quirks } = remote.pool.server
    // Always the same command, so that the facts of a file change only with the file.
    const from = can.mlsd.usable && !(recursive && quirks.mixesLinks) ? 'facts' : 'usual'
    const found = new Map<ByteString, EntryInfo>()
    if (!recursive) {
      for (const entry of await list(remote, call, path, from, true)) found.set(entry.name, entry)
      return found
    }
    const above = path === '/' ? 1 : path.length + 1
    for await (const { folder, entries } of walk(remote, call, path, from)) {
      for (const entry of entries) found.set(join(folder, entry.name).slice(above), entry)
    }
    return found
  }
}

function changes(before: Snapshot, now: Snapshot, own: ByteString): TreeChange[] {
  const all: TreeChange[] = []
  for (const [name, info] of before.entries) {
    const found = now.entries.get(name)
    if (!found) all.push({ eventType: 'rename', name })
    else if (differs(info, found)) all.push({ eventType: 'change', name })
  }
  for (const name of now.entries.keys()) {
    if (!before.entries.has(name)) all.push({ eventType: 'rename', name })
  }
  // The watched folder itself has appeared or disappeared.
  const [folder, other] = before.isFolder ? [before, now] : [now, before]
  if (folder.isFolder && !other.isFolder && other.entries.size === 0)
    all.push({ eventType: 'rename', name: own })
  return all
}

/**
 * The size and the time of a folder concern its entries. A missing fact is no change: the file was
 * removed between SIZE and MDTM, or the listing came by another command.
 */
function differs(one: EntryInfo, other: EntryInfo): boolean {
  if (one.type !== other.type || areUnlike(one.mode, other.mode)) return true
  return one.type !== 'directory' && (areUnlike(one.size, other.size) || hasOtherTime(one, other))
}

function areUnlike(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other
}

/** A time of LIST, in the zone of the server, cannot be compared with MLSD, MLST or MDTM. */
function hasOtherTime(one: EntryInfo, other: EntryInfo): boolean {
  return isRounded(one) === isRounded(other) && areUnlike(timeOf(one, other), timeOf(other, one))
}

function isRounded({ mtimePrecision }: EntryInfo): boolean {
  return mtimePrecision === 'minute' || mtimePrecision === 'day'
}

const day = 24 * 60 * 60_000

/** LIST omits the time of day of an old file: then only the days are compared. */
function timeOf({ mtime, mtimePrecision }: EntryInfo, other: EntryInfo): number | undefined {
  const byDay = mtimePrecision === 'day' || other.mtimePrecision === 'day'
  return byDay && mtime !== undefined ? Math.floor(mtime / day) : mtime
}

async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof RefusedError && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}
