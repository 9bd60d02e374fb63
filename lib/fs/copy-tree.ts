import { posix } from 'node:path'
import PQueue from 'p-queue'
import type { Call } from '../pool/call.js'
import { setMode, setTime } from '../remote/change/metadata.js'
import { makeDirectory } from '../remote/change/make-directory.js'
import { copyContent } from '../remote/change/copy.js'
import type { EntryInfo } from '../remote/entry.js'
import { NotSupportedError } from '../remote/not-supported.js'
import { listWithLinks } from '../remote/list/list.js'
import { lstatPath } from '../remote/stat/lstat.js'
import { join } from '../remote/paths.js'
import { realPath } from '../remote/stat/real-path.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import { statPath } from '../remote/stat/stat.js'
import { storeOver } from '../remote/change/store-over.js'
import type { ListedEntry } from '../wire/listing/listed-entry.js'
import { dirname, type ByteString } from '../wire/names/names.js'
import { checkPair, checkPlaces, intoItself, isWithin, type Pair, type Side } from './copy-checks.js'
import { copyLink } from './copy-link.js'
import { fsError, systemError } from '../node/node-errors.js'
import { failure } from './failure.js'
import { all, inParts } from './in-parts.js'
import { makeTree } from './make-tree.js'

/** The options of a copy. */
export interface CopySettings {
  dereference: boolean
  errorOnExist: boolean
  force: boolean
  preserveTimestamps: boolean
  recursive: boolean
  verbatimSymlinks: boolean
  /** A path that was just found missing must still be missing (COPYFILE_EXCL). */
  exclusive: boolean
  filter: ((src: string, dest: string) => unknown) | undefined
}

/** What the copy needs from its call. */
export interface CopyTools {
  text: (name: ByteString) => string
  /** Sets times. If the server cannot, an option of the user decides. */
  metadata: (syscall: string, work: () => Promise<void>) => Promise<void>
}

/** An entry to be copied. `there`: the target exists, so that entries in it may be in the way. */
interface Step extends Pair {
  readonly info: EntryInfo
  readonly there: boolean
  /** The real paths of the links that led here. A repeated one would be an endless loop. */
  readonly entered: readonly ByteString[]
}

/** An entry of a folder that is copied. `other`: the existing entry at its target. */
interface Found extends Pair {
  readonly entry: ListedEntry
  readonly other: ListedEntry | undefined
}

/** A file whose bytes are copied. */
interface Copied extends Pair {
  readonly info: EntryInfo
}

// The number of folders that are listed and created together, in a few flights.
const maxFolders = 200
// The number of entries of a folder that are examined together.
const maxEntries = 100
// The number of files that may wait to be copied before more entries are examined.
const maxWaiting = 2_000
// The number of files, folders or links whose modes, times or targets are set together.
const maxCopied = 500

/**
 * Copies a file or link, and with `recursive` a folder and everything in it, as Node's cp does.
 *
 * Folders are listed and created level by level, those of a level together. Files are copied in
 * parallel. After a failure the work under way ends before the copy rejects.
 */
export class TreeCopy {
  readonly #files: PQueue
  readonly #made: Copied[] = []
  #copied: Copied[] = []
  /** Links whose targets are not copied yet. */
  #links: (() => Promise<void>)[] = []
  #failure: Error | undefined
  /** The real path of the copy. */
  #place: ByteString = ''

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly settings: CopySettings,
    readonly tools: CopyTools,
  ) {
    // A file is read, written and checked in turn. With a few more files, no session is idle.
    this.#files = new PQueue({ concurrency: remote.pool.options.connections + 2 })
  }

  async copy(src: Side, dest: Side): Promise<void> {
    const pair = { src, dest }
    if (!(await this.#isWanted(pair))) return
    const [info, there] = await Promise.all([this.#look(src), this.#lookIfThere(dest)])
    checkPair(pair, info, there)
    this.#place = await checkPlaces(this.remote, this.call, pair, info, there, side => this.#follows(side))
    // As in Node's copyFile. Such a path may only create a folder.
    if (!there && dest.folder && info.type !== 'directory')
      throw systemError({ code: 'EISDIR', syscall: 'copyfile', path: src.given, dest: dest.given })
    if (info.type === 'directory' && !this.settings.recursive) {
      const message = `${src.given} is a directory (not copied)`
      throw fsError('ERR_FS_EISDIR', { syscall: 'cp', path: src.given, message })
    }
    if (!there) await this.#makeParent(dest)
    try {
      const steps: Step[] = []
      this.#take({ ...pair, info, there: there !== undefined, entered: [] }, there, steps)
      await this.#copyFolders(steps)
      await this.#files.onIdle()
      await this.#finish()
    } catch (error) {
      this.#fail(error)
    }
    await this.#files.onIdle()
    if (this.#failure) throw this.#failure
  }

  async #copyFolders(steps: Step[]): Promise<void> {
    while (steps.length > 0 && !this.#failure) {
      const some = steps.splice(0, maxFolders)
      const expand = (step: Step): Promise<void> =>
        this.#expand(step, steps).catch((error: unknown) => this.#fail(error))
      await Promise.all(some.map(expand))
    }
  }

  /** Creates a folder, and starts to copy its entries. The folders in it become further steps. */
  async #expand(step: Step, steps: Step[]): Promise<void> {
    const { src, dest, info, there } = step
    const [entries, inTheWay] = await all([this.#list(src), there ? this.#list(dest) : this.#make(step)])
    if (!there) this.#made.push({ src, dest, info })
    const known = new Map(inTheWay.map(entry => [entry.name, entry]))
    for (let at = 0; at < entries.length && !this.#failure; at += maxEntries) {
      const wanted: Found[] = []
      for (const entry of entries.slice(at, at + maxEntries)) {
        const pair = { src: this.#within(src, entry.name), dest: this.#within(dest, entry.name) }
        if (this.settings.filter && !(await this.#isWanted(pair))) continue
        wanted.push({ ...pair, entry, other: known.get(entry.name) })
      }
      const isFollowed = ({ entry, other }: Found): boolean =>
        this.#mustFollow(entry) || this.#mustFollow(other)
      const followed = wanted.filter(isFollowed)
      const seen = await all(followed.map(found => this.#follow(step, found)))
      for (const found of wanted) {
        if (isFollowed(found)) this.#take(...seen.shift()!, steps)
        else this.#take(asListed(step, found), found.other, steps)
      }
      await this.#files.onSizeLessThan(maxWaiting)
      if (this.#copied.length >= maxCopied) await this.#finishFiles()
    }
  }

  /** The step for an entry if links are followed, with the facts of the targets. */
  async #follow(step: Step, { entry, other, ...pair }: Found): Promise<[Step, EntryInfo | undefined]> {
    const [info, there] = await Promise.all([
      this.#mustFollow(entry) ? this.#look(pair.src) : entry,
      this.#mustFollow(other) ? this.#lookIfThere(pair.dest) : other,
    ])
    checkPair(pair, info, there)
    const entered = await this.#enter(step, entry, info, pair.src)
    return [{ ...pair, info, there: there !== undefined, entered }, there]
  }

  #list({ path, given }: Side): Promise<ListedEntry[]> {
    return named(
      this.call.part(part => listWithLinks(this.remote, part, path)),
      'scandir',
      given,
    )
  }

  /** Starts to copy a file or a link. A folder becomes a further step. */
  #take(step: Step, there: EntryInfo | undefined, steps: Step[]): void {
    const { info, dest } = step
    const { errorOnExist, force } = this.settings
    if (info.type === 'directory') {
      steps.push(step)
    } else if (info.type === 'link') {
      this.#begin(() => this.#copyLink(step, there))
    } else if (info.type === 'other') {
      const message = `cannot copy an unknown file type: ${dest.given}`
      throw fsError('ERR_FS_CP_UNKNOWN', { syscall: 'cp', path: dest.given, message })
    } else if (!there || force) {
      this.#begin(() => this.#copyFile(step, there))
    } else if (errorOnExist) {
      const message = `${dest.given} already exists`
      throw fsError('ERR_FS_CP_EEXIST', { syscall: 'cp', path: dest.given, message })
    }
  }

  #begin(work: () => Promise<void>): void {
    if (this.#failure) return
    this.#files.add(work).catch((error: unknown) => this.#fail(error))
  }

  #fail(error: unknown): void {
    this.#failure ??= error as Error
    this.#files.clear()
  }

  async #copyFile({ src, dest, info }: Step, there: EntryInfo | undefined): Promise<void> {
    const { remote } = this
    // The copy replaces a link itself, not its target. It can also replace a read-only file.
    const inPlace = there?.type === 'file' && ((there.mode ?? 0o200) & 0o200) !== 0
    const work = this.call.part(part =>
      there && !inPlace
        ? storeOver(remote, part, dest.path, there.type, temporary =>
            copyContent(remote, part, src.path, temporary, { isNew: true }),
          )
        : copyContent(remote, part, src.path, dest.path, {
            exclusive: this.settings.exclusive && !there,
            isNew: !there,
          }),
    )
    await named(work, 'copyfile', src.given, dest.given)
    this.#copied.push({
      src,
      dest,
      info: inPlace && there.mode === info.mode ? { ...info, mode: undefined } : info,
    })
  }

  async #copyLink(step: Step, there: EntryInfo | undefined): Promise<void> {
    const { src, dest } = step
    const { verbatimSymlinks } = this.settings
    const make = (): Promise<void> =>
      this.call.part(part => copyLink(this.remote, part, step, there, verbatimSymlinks))
    const later = (): number => this.#links.push(() => named(make(), 'symlink', src.given, dest.given))
    // ProFTPD 1.3.8 creates no link to a file that is not yet copied.
    if (verbatimSymlinks) return void later()
    try {
      await make()
    } catch (error) {
      const mayBeLater = error instanceof RefusedError && error.code === 'ENOTSUP'
      if (!mayBeLater || error instanceof NotSupportedError)
        throw failure(error, 'symlink', src.given, dest.given)
      later()
    }
  }

  /** Does the work that requires all files to be copied. */
  async #finish(): Promise<void> {
    if (this.#failure) return
    while (this.#links.length > 0) {
      const links = this.#links
      const refused = new Map<() => Promise<void>, unknown>()
      await inParts(links, maxCopied, make => make().catch((error: unknown) => refused.set(make, error)))
      this.#links = links.filter(make => refused.has(make))
      // A link may lead to a link, so refused ones are retried until no further link succeeds.
      if (this.#links.length === links.length) throw refused.get(links[0]!)
    }
    await this.#finishFiles()
    await inParts(this.#made, maxCopied, folder => this.#setMode(folder))
  }

  async #finishFiles(): Promise<void> {
    const copied = this.#copied
    this.#copied = []
    const { preserveTimestamps } = this.settings
    await inParts(copied, maxCopied, file =>
      all([this.#setMode(file), ...(preserveTimestamps ? [this.#setTime(file)] : [])]),
    )
  }

  /** Sets the mode. The user has not requested it, so a refusal does not fail the copy. */
  async #setMode({ dest, info: { mode } }: Copied): Promise<void> {
    if (mode === undefined) return
    try {
      await this.call.part(part => setMode(this.remote, part, dest.path, mode))
    } catch (error) {
      if (!(error instanceof RefusedError)) throw failure(error, 'chmod', dest.given)
    }
  }

  async #setTime({ src, dest, info }: Copied): Promise<void> {
    const { remote, call } = this
    // LIST reports times in minutes, in the zone of the server.
    const ask = (): Promise<EntryInfo> => call.part(part => statPath(remote, part, src.path))
    const exact = info.mtimePrecision === 'second' ? info : await named(ask(), 'stat', src.given)
    const { mtime } = exact
    if (mtime === undefined) return
    const work = (): Promise<void> => call.part(part => setTime(remote, part, dest.path, mtime))
    await named(this.tools.metadata('cp', work), 'utime', dest.given)
  }

  async #isWanted({ src, dest }: Pair): Promise<boolean> {
    const { filter } = this.settings
    return !filter || Boolean(await filter(src.given, dest.given))
  }

  #within(folder: Side, name: ByteString): Side {
    return { path: join(folder.path, name), given: posix.join(folder.given, this.tools.text(name)) }
  }

  /** Whether the entry is a link that the copy follows. */
  #mustFollow(entry: ListedEntry | undefined): boolean {
    return entry?.type === 'link' && this.settings.dereference
  }

  #follows({ folder }: Side): boolean {
    return this.settings.dereference || folder === true
  }

  async #look(side: Side): Promise<EntryInfo> {
    const { path, given, folder } = side
    const { dereference } = this.settings
    const look = this.#follows(side) ? statPath : lstatPath
    const syscall = dereference ? 'stat' : 'lstat'
    const info = await named(
      this.call.part(part => look(this.remote, part, path)),
      syscall,
      given,
    )
    if (folder && info.type !== 'directory') throw systemError({ code: 'ENOTDIR', syscall, path: given })
    return info
  }

  async #lookIfThere(side: Side): Promise<EntryInfo | undefined> {
    try {
      return await this.#look(side)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Records a followed link to a folder. Throws ELOOP if the link is inside that folder. */
  async #enter(
    step: Step,
    entry: ListedEntry,
    info: EntryInfo,
    { path, given }: Side,
  ): Promise<readonly ByteString[]> {
    if (entry.type !== 'link' || info.type !== 'directory') return step.entered
    const real = await named(realPath(this.remote, this.call, path), 'realpath', given)
    const above = await named(realPath(this.remote, this.call, step.src.path), 'realpath', given)
    const again =
      step.entered.includes(real) || above === real || above.startsWith(real === '/' ? '/' : `${real}/`)
    if (again) throw systemError({ code: 'ELOOP', syscall: 'cp', path: given })
    if (isWithin(this.#place, real)) throw intoItself({ src: { path, given }, dest: step.dest })
    return [...step.entered, real]
  }

  async #make({ dest }: Step): Promise<ListedEntry[]> {
    const work = this.call.part(part =>
      makeDirectory(this.remote, part, dest.path, { isNew: true, hasParent: true }),
    )
    await named(work, 'mkdir', dest.given)
    return []
  }

  async #makeParent(dest: Side): Promise<void> {
    const { remote, call } = this
    const folder = dirname(dest.path)
    const given = posix.dirname(dest.given)
    try {
      await statPath(remote, call, folder)
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code !== 'ENOENT') throw failure(error, 'stat', given)
      await named(makeTree(remote, call, folder), 'mkdir', given)
    }
  }
}

/** The step for an entry with the facts of its listing. */
function asListed({ entered }: Step, { entry, other, src, dest }: Found): Step {
  checkPair({ src, dest }, entry, other)
  return { src, dest, info: entry, there: other !== undefined, entered }
}

async function named<T>(work: Promise<T>, syscall: string, path: string, dest?: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw failure(error, syscall, path, dest)
  }
}
