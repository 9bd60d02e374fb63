import { randomInt } from 'node:crypto'
import { Call } from '../../pool/call.js'
import type { Lease } from '../../pool/lease.js'
import type { Pool } from '../../pool/pool.js'
import { command } from '../../wire/session/command.js'
import { ConnectionLostError, OutOfStepError } from '../../wire/ftp-errors.js'
import { parseStatReplyLines, type ListedEntry } from '../../wire/listing/listing.js'
import type { ByteString } from '../../wire/names/names.js'
import { replyText, type Reply } from '../../wire/reply/replies.js'
import type { FolderSizes } from './folder-sizes.js'
import { mergedEntries } from './merged-entries.js'

// Bounds what is lost, and listed anew, with a session.
const foldersPerFlight = 64
// So many folders go to one session before another one that is idle takes a part of them.
const minShare = 16
// What a login takes, at least.
const loginRoundTrips = 5
// A folder that was asked for when a session was lost may have been the reason.
const maxAttempts = 2

interface WaitingFolder {
  readonly path: ByteString
  /**
   * Nothing is known of its size: alone it is not worth a long reply that nothing else can pass.
   */
  readonly unseen: boolean
  attempts: number
  /** Nobody waits for it any more. */
  unwanted: boolean
  begun: () => void
  /** With undefined where it has to be listed in another way. */
  resolve: (entries: ListedEntry[] | undefined) => void
  reject: (reason: Error) => void
}

/** What a server says of one folder. */
interface Listed {
  readonly folder: WaitingFolder
  readonly entries: ListedEntry[]
  readonly lines: number
}

/**
 * Folders listed by STAT, on the control connection, many in a flight.
 *
 * A name that holds a newline can look like the end of a reply, so that every reply behind it would
 * be taken for that to the next command. So nothing else is asked in these flights, and at the end
 * of each stands a question whose answer no name can foresee.
 */
export class ListedByStat {
  readonly #waiting = new Set<WaitingFolder>()
  /** What waits for a session on behalf of the folders. */
  readonly #turns = new Set<Call>()
  /** Folders that are being listed in another way, to learn what the server's limit is not. */
  readonly #measuring = new Map<ByteString, () => void>()
  #gathering = false

  constructor(
    readonly pool: Pool,
    readonly sizes: FolderSizes,
  ) {}

  /** The entries; undefined where the folder has to be listed on a data connection. */
  list(call: Call, path: ByteString, unseen: boolean): Promise<ListedEntry[] | undefined> {
    return call.settle((resolve, reject) => {
      const begun = (): void => void (call.started = true)
      const folder: WaitingFolder = { path, unseen, attempts: 0, unwanted: false, begun, resolve, reject }
      this.#waiting.add(folder)
      this.#gather()
      return () => {
        folder.unwanted = true
        if (this.#waiting.delete(folder)) this.#dismiss()
      }
    })
  }

  /** A folder that had to be listed in another way has been, or has failed. */
  ended(path: ByteString): void {
    this.#measuring.get(path)?.()
  }

  /** How many should wait for a session on behalf of the folders. */
  get #needed(): number {
    const { size } = this.#waiting
    const shares = Math.min(Math.ceil(size / minShare), this.#idle)
    const worthwhile = Math.floor(size / foldersPerFlight / loginRoundTrips)
    return Math.min(size, this.pool.options.connections, Math.max(1, shares, worthwhile))
  }

  /** How many sessions nobody uses, or somebody is about to. */
  get #idle(): number {
    const { sessions, busy } = this.pool.stats
    return Math.max(0, sessions - busy)
  }

  /** Who has a session takes so many, when others are about to take their parts. */
  get #share(): number {
    const others = Math.min(this.#turns.size, this.#idle)
    return Math.min(foldersPerFlight, Math.ceil(this.#waiting.size / (others + 1)))
  }

  #gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    setImmediate(() => {
      this.#gathering = false
      const [first, ...others] = this.#waiting
      if (first?.unseen && others.length === 0 && this.#turns.size === 0) first.resolve(undefined)
      else this.#arrange()
    })
  }

  #dismiss(): void {
    for (const turn of [...this.#turns].slice(this.#needed)) turn.cancel(dismissed)
  }

  #arrange(): void {
    this.#dismiss()
    while (this.#turns.size < this.#needed) {
      const turn = new Call()
      this.#turns.add(turn)
      void this.#takeTurn(turn)
    }
  }

  async #takeTurn(turn: Call): Promise<void> {
    let lease: Lease
    try {
      lease = await this.pool.acquire(turn, 'metadata')
    } catch (reason) {
      this.#turns.delete(turn)
      if (reason === dismissed || this.#turns.size > 0) return
      for (const folder of [...this.#waiting]) folder.reject(reason as Error)
      return
    }
    this.#turns.delete(turn)
    const folders = [...this.#waiting].slice(0, this.#share)
    try {
      if (folders.length > 0) await this.#ask(lease, folders)
    } finally {
      lease.release()
      this.#arrange()
    }
  }

  async #ask({ session }: Lease, folders: readonly WaitingFolder[]): Promise<void> {
    const { listsByStat } = session.server.quirks
    for (const folder of folders) {
      this.#waiting.delete(folder)
      folder.attempts += 1
      folder.begun()
    }
    const fence = String(randomInt(2 ** 20, 2 ** 31))
    const questions = folders.map(({ path }) => command(listsByStat!.verb, path))
    let replies: Reply[]
    try {
      replies = await session.flight([...questions, command(`REST ${fence}`), command('REST 0')])
    } catch (error) {
      if (error instanceof OutOfStepError) for (const folder of folders) folder.resolve(undefined)
      else if (error instanceof ConnectionLostError) this.#lost(folders, error.answered.length)
      else for (const folder of folders) folder.reject(error as Error)
      return
    }
    if (!isInStep(replies, questions.length, fence)) {
      session.close(new ConnectionLostError('The replies to STAT do not fit the questions'))
      for (const folder of folders) folder.resolve(undefined)
      return
    }
    const listed: Listed[] = []
    for (const [index, folder] of folders.entries()) {
      const entries = entriesIn(replies[index]!)
      const lines = replies[index]!.lines.length - 2
      if (entries) listed.push({ folder, entries, lines })
      else folder.resolve(undefined)
    }
    this.#give(listed, listsByStat!.cuts)
  }

  /**
   * A connection was lost: what was asked for may be asked for once more, but for the folder at
   * which it happened.
   */
  #lost(folders: readonly WaitingFolder[], at: number): void {
    for (const [index, folder] of folders.entries()) {
      if (index === at || folder.attempts >= maxAttempts) folder.resolve(undefined)
      else if (!folder.unwanted) this.#waiting.add(folder)
    }
  }

  #give(listed: readonly Listed[], cuts: boolean): void {
    const { sizes } = this
    const doubtful: Listed[] = []
    for (const each of listed) {
      if (!cuts || each.lines <= sizes.wholeLines) this.#believe(each)
      else if (!each.folder.unwanted) doubtful.push(each)
    }
    const longest = doubtful.reduce<Listed | undefined>(
      (max, each) => (max && max.lines >= each.lines ? max : each),
      undefined,
    )
    if (!longest) return
    // On a data connection the server says whether its limit is reached; the others then show what
    // it allows.
    const { path } = longest.folder
    const others = doubtful.filter(each => each !== longest)
    const before = this.#measuring.get(path)
    this.#measuring.set(path, () => {
      this.#measuring.delete(path)
      before?.()
      for (const each of others) {
        if (each.lines > sizes.wholeLines) each.folder.resolve(undefined)
        else this.#believe(each)
      }
    })
    longest.folder.resolve(undefined)
  }

  #believe({ folder, entries, lines }: Listed): void {
    const { sizes } = this
    sizes.learn(folder.path, entries)
    sizes.learnLines(folder.path, lines)
    folder.resolve(entries)
  }
}

// Nobody sees it.
const dismissed = new Error('Not needed any more')

/** Each question has its own answer, the last two as none can be that was not meant for them. */
function isInStep(replies: readonly Reply[], questions: number, fence: string): boolean {
  const [set, unset] = replies.slice(questions)
  return (
    replies.length === questions + 2 &&
    set!.code === 350 &&
    replyText(set!).split(/\D+/).includes(fence) &&
    unset!.code === 350 &&
    !replyText(unset!).split(/\D+/).includes(fence)
  )
}

/**
 * The entries in a reply that lists a folder beyond doubt: `.` and `..` are among them, and there
 * is nothing else. vsftpd 3.0.3 shows a file with `.`, too, when the working directory is a folder
 * of the same name.
 */
function entriesIn({ code, lines }: Reply): ListedEntry[] | undefined {
  if (code < 211 || code > 213 || lines.length < 3 || lines[0]![3] !== '-') return undefined
  try {
    const all = parseStatReplyLines(lines.slice(1, -1), { dotEntries: true })
    const folders = new Set(all.filter(({ type }) => type === 'directory').map(({ name }) => name))
    if (
      !folders.has('.') ||
      !folders.has('..') ||
      all.length !== lines.length - 2 ||
      all.some(({ name }) => name.includes('/'))
    )
      return undefined
    return mergedEntries(all.filter(({ name }) => name !== '.' && name !== '..'))
  } catch {
    // The listing on a data connection tells what is wrong.
    return undefined
  }
}
