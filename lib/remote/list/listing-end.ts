import type { ServerKind } from '../../wire/server/quirks.js'

/** What is known of a listing after its data connection has closed and the final reply has come. */
export interface ListingEnd {
  /** The code of the final reply. */
  readonly code: number
  /** The text of the reply, without the folder's path. */
  readonly words: string
  /** The number of bytes received. */
  readonly bytes: number
  /** The number of line ends received. */
  readonly lines: number
  /** The last line has no line end. */
  readonly open: boolean
  readonly kind: ServerKind
  /** The data connection was opened ahead of the command. */
  readonly ahead: boolean
  /** TLS ended without close_notify. `yes`: the server sends it; `perhaps`: it may do so. */
  readonly broken: 'no' | 'perhaps' | 'yes'
}

/**
 * `whole`: the listing is complete. `limited`: the server omits the entries beyond its limit, and
 * says so. `open`: complete if the last line is. `cut`: bytes are missing. `nothing`: no byte came,
 * although each folder has at least a line for itself: the data connection was dead. `unsure`:
 * another listing may show more. `refused`: the server has no listing to send.
 */
export type ListingOutcome = 'whole' | 'limited' | 'open' | 'cut' | 'nothing' | 'unsure' | 'refused'

/** Judges a listing by how it ended. */
export function outcomeOf(end: ListingEnd): ListingOutcome {
  return end.code < 400 ? completed(end) : failed(end)
}

function completed({ words, bytes, lines, open, kind, ahead, broken }: ListingEnd): ListingOutcome {
  if (ahead && bytes === 0) return 'nothing'
  // vsftpd 3.0.3 and ProFTPD 1.3.8 write each line in a TLS record of its own, and reply 226 when
  // all are written.
  if (broken !== 'no') return broken === 'yes' ? 'cut' : 'unsure'
  // Small servers that were told to stop, or assume so, reply 226 all the same.
  if (/\babor/i.test(words)) return 'cut'
  // Pure-FTPd 1.0.50 does not check whether its writes succeed. It counts each line, including that
  // of `.`.
  const counted = kind === 'pure-ftpd' ? /\b(\d+) matches\b/.exec(words)?.[1] : undefined
  if (counted !== undefined && Number(counted) !== lines) return 'cut'
  if (open) return 'open'
  return /truncated/i.test(words) ? 'limited' : 'whole'
}

function failed({ code, words, bytes }: ListingEnd): ListingOutcome {
  const brokenOff = code === 425 || code === 426
  // Several servers reply 450 or 550 for a folder without files.
  if (bytes <= 'total 0\r\n'.length && !brokenOff && saysEmpty(words)) return 'whole'
  // ftp-srv 4.6.3 replies 551 when it cannot continue.
  if (bytes > 0 && (code < 500 || code === 551)) return 'cut'
  return brokenOff ? 'cut' : 'refused'
}

function saysEmpty(words: string): boolean {
  return /no (?:such )?files?\b|not found|empty/i.test(words)
}
