import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from '../names/names.js'

/**
 * Parses a line of Bernstein's Easily Parsed LIST Format:
 * `+i8388621.48594,m825718503,r,s280,up755`, a tab, and the name. The time is UTC. Unknown or
 * invalid facts are ignored.
 *
 * @param line one line without its line end
 * @returns undefined for a line in another format
 */
export function parseEplfLine(line: ByteString): ListedEntry | undefined {
  const tab = line.indexOf('\t')
  if (!line.startsWith('+') || tab < 0 || tab + 1 === line.length) return undefined
  const entry: ListedEntry = { name: line.slice(tab + 1), type: 'other', typeUnknown: true }
  for (const fact of line.slice(1, tab).split(',')) {
    const number = parseDigits(fact, 1)
    if (fact === 'r' || fact === '/') {
      entry.type = fact === 'r' ? 'file' : 'directory'
      delete entry.typeUnknown
    } else if (fact.startsWith('s') && number >= 0) {
      entry.size = number
    } else if (fact.startsWith('m') && number >= 0 && number < 2 ** 42) {
      entry.mtime = number * 1000
      entry.mtimePrecision = 'second'
    } else if (/^up[0-7]{1,4}$/.test(fact)) {
      entry.mode = parseInt(fact.slice(2), 8)
    } else if (fact.startsWith('i')) {
      entry.unique = fact.slice(1)
    }
  }
  return entry
}
