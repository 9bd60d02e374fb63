import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from '../names/names.js'

/** Reads the lines of NLST: every line is a name, and nothing else is told (RFC 959). */
export class NameLines {
  read(line: ByteString): ListedEntry {
    return { name: line, type: 'other', typeUntold: true }
  }

  /** Each line says all of itself. */
  end(): ListedEntry[] {
    return []
  }
}
