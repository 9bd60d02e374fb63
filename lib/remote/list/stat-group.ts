import { setImmediate as nextTurn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { Call } from '../../pool/call.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { attempts } from './attempts.js'
import type { Remote } from '../remote.js'
import { canShowOffset } from '../time/server-time.js'

// vsftpd 3.0.3 reads the whole folder for each requested entry: from this number of entries on, one
// listing costs less.
const fewest = 32

// Slightly more than the number of files whose exact times may be requested.
const maxFiles = 50

/** What the listing of a folder shows to the calls that asked together. */
export interface ListedStats {
  /**
   * The requested entries. A name with several lines that differ has none: a name with a newline
   * can produce an extra line.
   */
  readonly lines: ReadonlyMap<ByteString, ListedEntry>
  /** Some files, which can show how far the server's time is ahead. */
  readonly files: readonly ListedEntry[]
}

/** The calls that request entries of one folder in one turn of the event loop. */
class StatGroup {
  readonly names = new Set<ByteString>()
  readonly complete = nextTurn()
  #shown: Promise<ListedStats | undefined> | undefined

  /** Lists the folder once for all calls; undefined if no listing is available. */
  shown(remote: Remote, folder: ByteString): Promise<ListedStats | undefined> {
    this.#shown ??= this.#list(remote, folder).catch(() => undefined)
    return this.#shown
  }

  async #list(remote: Remote, folder: ByteString): Promise<ListedStats> {
    const lines = new Map<ByteString, ListedEntry>()
    const doubtful = new Set<ByteString>()
    const files: ListedEntry[] = []
    // Uses a Call of its own: no waiting call can cancel the listing for the others.
    for await (const { entries, restarted } of attempts(remote, new Call(), folder, { from: 'ls' })) {
      if (restarted) {
        lines.clear()
        doubtful.clear()
        files.length = 0
      }
      for (const entry of entries) {
        if (files.length < maxFiles && canShowOffset(entry)) files.push(entry)
        if (!this.names.has(entry.name)) continue
        const known = lines.get(entry.name)
        if (entry.typeUnknown || (known && !isDeepStrictEqual(known, entry))) doubtful.add(entry.name)
        lines.set(entry.name, entry)
      }
    }
    for (const name of doubtful) lines.delete(name)
    return { lines, files }
  }
}

/** The groups of an FtpVfs that are still gathering, by folder. */
export class StatGroups {
  readonly #gathering = new Map<ByteString, StatGroup>()

  /**
   * Waits for all calls of this turn. Resolves with whether they are many, and with a function that
   * gets the listing of the folder.
   */
  async join(
    remote: Remote,
    folder: ByteString,
    name: ByteString,
  ): Promise<{ shown: () => Promise<ListedStats | undefined>; many: boolean }> {
    const group = this.#gathering.get(folder) ?? new StatGroup()
    this.#gathering.set(folder, group)
    group.names.add(name)
    await group.complete
    this.#gathering.delete(folder)
    return { shown: () => group.shown(remote, folder), many: group.names.size >= fewest }
  }
}
