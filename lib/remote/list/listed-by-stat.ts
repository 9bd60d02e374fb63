import type { Call } from '../../pool/call.js'
import type { FlightKind } from '../../pool/flight-kind.js'
import type { Question } from '../../pool/question.js'
import { command } from '../../wire/session/command.js'
import { parseStatReplyLines, type ListedEntry } from '../../wire/listing/listing.js'
import type { ByteString } from '../../wire/names/names.js'
import type { Reply } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import type { Remote } from '../remote.js'
import type { FolderSizes } from './folder-sizes.js'
import { mergedEntries } from './merged-entries.js'

// A name with a newline can look like the end of a reply: hence the fence. A flight of such replies
// takes long, so that other questions do not wait for it.
const listings: FlightKind = { minShare: 16, maxShare: 64, expected: 64, patience: 0, fenced: true }

// A folder that was being listed when a session was lost may be the cause.
const maxAttempts = 2

/** The listing of one folder. */
interface Listed {
  readonly entries: ListedEntry[]
  readonly lines: number
}

/**
 * A folder whose listing may be cut at the server's limit. `settle`: reports whether it is
 * complete.
 */
interface Doubtful {
  readonly path: ByteString
  readonly lines: number
  readonly settle: (isWhole: boolean) => void
}

/** Lists folders by STAT on the control connection, many in a flight. */
export class ListedByStat {
  /** Listings that may be cut, from the flights answered in this turn of the event loop. */
  readonly #doubtful = new Set<Doubtful>()
  /** Folders being listed another way, to learn which lengths are below the server's limit. */
  readonly #measuring = new Map<ByteString, () => void>()

  constructor(
    readonly remote: Remote,
    readonly sizes: FolderSizes,
  ) {}

  /**
   * Returns the entries; undefined if the folder has to be listed on a data connection. `unseen`:
   * its size is unknown, and alone it does not justify a long reply that blocks the session.
   */
  async list(call: Call, path: ByteString, unseen: boolean): Promise<ListedEntry[] | undefined> {
    const listed = await this.#ask(call, path, unseen)
    if (!listed) return undefined
    const { entries, lines } = listed
    const { cuts } = this.remote.pool.server.quirks.listsByStat!
    if (cuts && lines > this.sizes.wholeLines && !(await this.#isWhole(call, path, lines))) return undefined
    this.sizes.learn(path, entries)
    this.sizes.learnLines(path, lines)
    return entries
  }

  /** Called when a folder has been listed another way, successfully or not. */
  ended(path: ByteString): void {
    this.#measuring.get(path)?.()
  }

  async #ask(call: Call, path: ByteString, unseen: boolean): Promise<Listed | undefined> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const answer = await ask(this.remote, call, question(path, unseen && attempt === 1))
      if (answer !== 'lost') return answer
    }
    return undefined
  }

  /**
   * The longest listing that may be cut is repeated on a data connection, where the server reports
   * whether its limit is reached. The others wait for the result.
   */
  #isWhole(call: Call, path: ByteString, lines: number): Promise<boolean> {
    return call.settle(resolve => {
      const doubtful = { path, lines, settle: resolve }
      if (this.#doubtful.size === 0) setImmediate(() => this.#measure())
      this.#doubtful.add(doubtful)
      return () => void this.#doubtful.delete(doubtful)
    })
  }

  #measure(): void {
    const all = [...this.#doubtful].sort((one, other) => other.lines - one.lines)
    const [longest, ...others] = all
    this.#doubtful.clear()
    if (!longest) return
    const before = this.#measuring.get(longest.path)
    this.#measuring.set(longest.path, () => {
      this.#measuring.delete(longest.path)
      before?.()
      for (const { lines, settle } of others) settle(lines <= this.sizes.wholeLines)
    })
    longest.settle(false)
  }
}

/** Answers undefined if STAT does not suit the folder. `lost`: it may be asked once more. */
function question(path: ByteString, unseen: boolean): Question<Listed | 'lost' | undefined> {
  return {
    flight: listings,
    ...(unseen && { alone: () => undefined }),
    commands: ({ quirks }) => [command(quirks.listsByStat!.verb, path)],
    answer: ([reply]) => listedIn(reply!),
    lost: (_replies, _reason, counts) => (counts ? undefined : 'lost'),
  }
}

/**
 * Returns the entries of a reply that lists a folder beyond doubt: it contains `.` and `..`, and
 * nothing but entries. vsftpd 3.0.3 shows a file with `.`, too, if the working directory is a
 * folder of the same name.
 */
function listedIn({ code, lines }: Reply): Listed | undefined {
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
    const entries = mergedEntries(all.filter(({ name }) => name !== '.' && name !== '..'))
    return { entries, lines: lines.length - 2 }
  } catch {
    // The listing on a data connection shows what is wrong.
    return undefined
  }
}
