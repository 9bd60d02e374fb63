import type { ServerKind } from '../../wire/server/quirks.js'

/** What is known of a listing when its data connection has closed and the final reply has come. */
export interface ListingEnd {
  /** The code of the final reply. */
  readonly code: number
  /** What the reply says, without the folder's path. */
  readonly words: string
  /** Bytes that came. */
  readonly bytes: number
  /** Line ends that came. */
  readonly lines: number
  /** The last line came without its end. */
  readonly open: boolean
  readonly kind: ServerKind
  /** The data connection was made ahead of the command. */
  readonly ahead: boolean
  /** TLS ended without close_notify, from a server that sends it, or may do so. */
  readonly broken: 'no' | 'perhaps' | 'yes'
}

/**
 * `whole`: it is what is in the folder. `limited`: the server leaves out what is beyond its limit,
 * and says so. `open`: whole, if the last line is. `cut`: bytes are missing. `nothing`: no byte
 * came, which a folder has at least for itself: the data connection was dead. `unsure`: another one
 * may tell more. `refused`: the server has no listing to give.
 */
export type ListingOutcome = 'whole' | 'limited' | 'open' | 'cut' | 'nothing' | 'unsure' | 'refused'

/** What a listing is worth, from how it ended. */
export function outcomeOf(end: ListingEnd): ListingOutcome {
  return end.code < 400 ? completed(end) : failed(end)
}

function completed({ words, bytes, lines, open, kind, ahead, broken }: ListingEnd): ListingOutcome {
  if (ahead && bytes === 0) return 'nothing'
  // vsftpd 3.0.3 and ProFTPD 1.3.8 put each line into a record of its own, and say 226 when all
  // have been written.
  if (broken !== 'no') return broken === 'yes' ? 'cut' : 'unsure'
  // Small servers that were told to stop, or think so, say 226 all the same.
  if (/\babor/i.test(words)) return 'cut'
  // Pure-FTPd 1.0.50 does not look at whether its writes succeed, and counts each line, that of `.`
  // too.
  const counted = kind === 'pure-ftpd' ? /\b(\d+) matches\b/.exec(words)?.[1] : undefined
  if (counted !== undefined && Number(counted) !== lines) return 'cut'
  if (open) return 'open'
  return /truncated/i.test(words) ? 'limited' : 'whole'
}

function failed({ code, words, bytes }: ListingEnd): ListingOutcome {
  const brokenOff = code === 425 || code === 426
  // Several servers answer 450 or 550 for a folder without files.
  if (bytes <= 'total 0\r\n'.length && !brokenOff && saysEmpty(words)) return 'whole'
  // 551 is what ftp-srv 4.6.3 says when it cannot go on.
  if (bytes > 0 && (code < 500 || code === 551)) return 'cut'
  return brokenOff ? 'cut' : 'refused'
}

function saysEmpty(words: string): boolean {
  return /no (?:such )?files?\b|not found|empty/i.test(words)
}
