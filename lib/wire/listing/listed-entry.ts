import { FtpError } from '../ftp-errors.js'
import type { ByteString } from '../names/names.js'
import { decodeName } from '../names/names.js'
import type { Formatter } from '../reply/replies.js'

/** One entry of a listing, as the server described it; facts that it omitted are absent. */
export interface ListedEntry {
  /** The name; in a reply to MLST or `STAT file` it may be a path. */
  name: ByteString
  /** `other` is a device, a socket, a fifo, or a type that only the server knows. */
  type: 'file' | 'directory' | 'link' | 'other'
  /** The listing shows no type, or an unreadable one; `type` is `other`. */
  typeUnknown?: true
  /** The size in bytes; for a link, the size of the link itself. */
  size?: number
  /**
   * Milliseconds since the epoch, UTC. The `ls` and DOS formats give the server's local time
   * without a zone: it counts as UTC here, and remote/server-time.ts converts it.
   */
  mtime?: number
  /** The unit that `mtime` was rounded down to. */
  mtimePrecision?: 'second' | 'minute' | 'day'
  /** Permission bits, 0o0000 to 0o7777, with setuid, setgid and sticky. */
  mode?: number
  /** The owner, if the listing shows a number. */
  uid?: number
  /** The group, if the listing shows a number. */
  gid?: number
  /** Number of hard links. */
  nlink?: number
  /** The target of a link, if the listing shows it. */
  target?: ByteString
  /** The fact `unique` (RFC 3659, section 7.5.2): equal for two names of the same file. */
  unique?: string
}

/** The characters of a line that an error quotes, at most. */
const QUOTED = 500

/** A line of a listing that has no certain name, or a name that is not safe to use. */
export class ListingError extends FtpError {
  override readonly name = 'ListingError'
  override readonly code = 'ERR_FTP_LISTING'
  /** The line, decoded, without user name, password and account; cut if very long. */
  readonly line: string
  /** The line is no entry, and reports that something could not be listed. */
  readonly refused: boolean
  readonly #sent: ByteString
  readonly #expected: string

  constructor(
    sent: ByteString,
    expected: string,
    { shown = decodeName, refused = false }: { shown?: Formatter; refused?: boolean } = {},
  ) {
    const line = shown(sent)
    const quoted = line.slice(0, QUOTED)
    super(
      'ERR_FTP_LISTING',
      `Cannot use this line of the listing: ${JSON.stringify(quoted)}${quoted === line ? '' : '…'}; expected ${expected}`,
    )
    this.line = quoted
    this.refused = refused
    this.#sent = sent
    this.#expected = expected
  }

  /** The same error with the line shown by another function. */
  as(shown: Formatter): ListingError {
    return new ListingError(this.#sent, this.#expected, { shown, refused: this.refused })
  }
}
