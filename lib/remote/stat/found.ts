import type { Reply } from '../../wire/reply/replies.js'
import type { EntryInfo } from '../entry.js'

/** What the server has told of a path, links followed. */
export interface Found {
  info?: EntryInfo
  refusal: Reply
  /** It is MLST's answer. */
  byMlst?: boolean
  /** There is no CWD, so that a folder looks as if it were missing. */
  noCwd?: boolean
  /** MLST was the only question, and has not told. */
  mute?: boolean
  /** What SIZE said of what CWD has entered. */
  size?: number | undefined
  /** What MDTM said, where SIZE and CWD found nothing. */
  mtime?: number | undefined
}
