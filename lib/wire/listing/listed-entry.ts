import { FtpError } from '../ftp-errors.js'
import type { ByteString } from '../names/names.js'
import { decodeName } from '../names/names.js'
import type { Shown } from '../reply/replies.js'

/** One entry of a listing, as the server described it; what it did not say is absent. */
export interface ListedEntry {
  /** The name; in an answer to MLST or `STAT file` it may be a path. */
  name: ByteString
  /** `other` is a device, a socket, a fifo, or a type that only the server knows. */
  type: 'file' | 'directory' | 'link' | 'other'
  /** The server did not say the type, or it cannot be read: `type` is `other` then. */
  typeUntold?: true
  /** Bytes. Of a link: of the link itself. */
  size?: number
  /**
   * Milliseconds since the epoch, UTC. A listing in `ls` or DOS format gives the server's local time and no zone: it is
   * taken for UTC here, and made UTC where somebody gets to see it (remote/server-time.ts).
   */
  mtime?: number
  /** What `mtime` was rounded down to. */
  mtimePrecision?: 'second' | 'minute' | 'day'
  /** Permission bits, 0o0000 to 0o7777: setuid, setgid and sticky are included. */
  mode?: number
  /** Owner, when the server gives a number. */
  uid?: number
  /** Group, when the server gives a number. */
  gid?: number
  /** Number of hard links. */
  nlink?: number
  /** Where a link points, as far as the listing says it. */
  target?: ByteString
  /** The fact `unique` (RFC 3659, section 7.5.2): equal for two names of one file. */
  unique?: string
}

/** How much of a line an error quotes. */
const QUOTED = 500

/** A line of a listing in which no name can be found, or one that must not be used. */
export class ListingError extends FtpError {
  override readonly name = 'ListingError'
  override readonly code = 'ERR_FTP_LISTING'
  /** The line, decoded, without user name, password and account; a very long one is cut. */
  readonly line: string
  /** It is no entry, and says that something could not be listed. */
  readonly refused: boolean
  readonly #sent: ByteString
  readonly #expected: string

  constructor(
    sent: ByteString,
    expected: string,
    { shown = decodeName, refused = false }: { shown?: Shown; refused?: boolean } = {},
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

  /** The same, with the line shown in another way. */
  as(shown: Shown): ListingError {
    return new ListingError(this.#sent, this.#expected, { shown, refused: this.refused })
  }
}
