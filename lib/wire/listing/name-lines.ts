import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from '../names/names.js'

/** Reads the lines of NLST: each line is a name and nothing else (RFC 959, section 4.1.3). */
export class NameLines {
  read(line: ByteString): ListedEntry {
    return { name: line, type: 'other', typeUnknown: true }
  }

  /** No entry depends on later lines. */
  end(): ListedEntry[] {
    return []
  }
}
