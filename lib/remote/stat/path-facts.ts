import type { Reply } from '../../wire/reply/replies.js'
import type { EntryInfo } from '../entry.js'

/** What the server reports of a path, with links followed. */
export interface PathFacts {
  info?: EntryInfo
  refusal: Reply
  /** The result is MLST's answer. */
  byMlst?: boolean
  /** The server has no CWD, so that a folder looks missing. */
  noCwd?: boolean
  /** MLST was the only command, and gave no answer. */
  mute?: boolean
  /** The size from SIZE of a path for which CWD succeeded, in bytes. */
  size?: number | undefined
  /** The time from MDTM of a path for which SIZE and CWD failed, in milliseconds. */
  mtime?: number | undefined
}
