/** A server that this library knows, or any other. */
export type ServerKind = 'vsftpd' | 'proftpd' | 'pure-ftpd' | 'unknown'

/** How a server lists folders on the control connection, many in a flight. */
export interface ListsByStat {
  readonly verb: 'STAT' | 'STAT -a'
  /** For folders of so many bytes at most, as the listing of the folder above tells them. */
  readonly maxBytes: number
  /** For folders of which nothing is known, too. */
  readonly unseen: boolean
  /** It leaves out, and does not say so, what is beyond a limit that the server's owner has set. */
  readonly cuts: boolean
}

/** What may be done with a server of a kind: measured, and off where it was not. */
export interface Quirks {
  /**
   * USER, PASS and what follows may be written in one go, once the greeting has named the server.
   */
  readonly loginInOneFlight: boolean
  /** SIZE and EPSV may be written behind a transfer's command, in the same write only. */
  readonly commandsBehindTransfer: boolean
  /** Bytes of commands that may be unanswered. */
  readonly flightBytes: number
  /**
   * Bytes of commands in one write; what is more of a flight is written when the first reply to the
   * last write shows that it has been read. ProFTPD 1.3.8 takes a line feed that comes first in
   * what it reads for a part of the command, and so two commands for one, with one reply: where it
   * has more to read than a segment, a read may end between CR and LF.
   */
  readonly writeBytes?: number
  /**
   * RETR behind REST n sends the rest of the file from n on; others may answer REST and send it
   * all.
   */
  readonly restartsDownloads: boolean
  /** REST n with STOR changes the file from n on and keeps the rest of it. */
  readonly patchesInPlace: boolean
  /**
   * A transfer that is refused uses up the position of REST, too: vsftpd 3.0.3, ProFTPD 1.3.8 and
   * Pure-FTPd 1.0.50. pyftpdlib 1.5.7 keeps it behind APPE, ftp-srv 4.6.3 always.
   */
  readonly forgetsRefusedPosition: boolean
  /**
   * APPE may put what comes in the file's place: Pure-FTPd 1.0.50 with its options `-0` (no
   * truncation) and `-r` (autorename). Of its settings it says nothing.
   */
  readonly mayReplaceAtAppend?: boolean
  /**
   * The option that makes LIST show dot files; on a server that is not known, `LIST -a` is tried
   * and checked.
   */
  readonly listAll: 'yes' | 'no' | 'try'
  /**
   * LIST takes `-a` for a name where the folder holds one: ProFTPD 1.3.8.
   */
  readonly mistakesOptions?: boolean
  /**
   * `STAT folder` lists it, as measured; other servers may say anything (RFC 959, section 4.1.3).
   */
  readonly listsByStat?: ListsByStat
  /** `MDTM time path` sets the time. */
  readonly setsTimeByMdtm: boolean
  /**
   * LIST and MDTM tell the same time, be it UTC or local time (`use_localtime`): vsftpd 3.0.3. How
   * far that is ahead of UTC it finds out when it begins, and keeps to it through summer and winter.
   */
  readonly hasOneClock?: boolean
  /**
   * A transfer that was stopped gets one final reply, so that no NOOP is needed to tell that no
   * other comes.
   */
  readonly answersStoppedTransferOnce: boolean
  /** That reply may be coded 150, as the first one is. */
  readonly endsStoppedTransferWith150: boolean
  /**
   * That reply is left out where none of the file counts as sent: Pure-FTPd 1.0.50, when a download
   * is reset within its first block, as it often is over TLS.
   */
  readonly mayIgnoreStoppedTransfer?: boolean
  /**
   * A quotation mark in the 257 reply to PWD is doubled (RFC 959, appendix II); Pure-FTPd 1.0.50
   * does not.
   */
  readonly doublesQuotes: boolean
  /**
   * RNFR, refused for what does not exist, shows what can be neither opened nor entered. It changes
   * nothing by itself; but ProFTPD 1.3.8 then refuses all commands but RNTO, once.
   */
  readonly probesByRnfr: boolean
  /**
   * MLST gives a link the type of what it points to, and its own size and mode: ProFTPD 1.3.8. The
   * mode of a link is 777, so that whatever has this mode may be one. MLSD leaves out links to
   * nothing, and takes twice as long as LIST, which leaves out links to `.` and `..` alone.
   */
  readonly mixesLinks: boolean
  /**
   * A passive data connection may be made, turn to TLS and carry the first bytes of an upload while
   * the transfer's command is under way: pyftpdlib 1.5.7 loses what comes before its 1xx.
   */
  readonly dataBeforeReply: boolean
  /**
   * In commands the byte FF is Telnet's IAC to the server and goes doubled (RFC 854); others take
   * it as it is.
   */
  readonly takesIac: boolean
  /** In 257 replies FF comes doubled. */
  readonly sendsIac: boolean
  /**
   * What a listing that was broken off had still to say comes in front of the next one: Pure-FTPd
   * 1.0.50, and LIST of ProFTPD 1.3.8.
   */
  readonly spoilsNextListing?: boolean
  /**
   * `STAT folder/{name}` shows the line of that entry, whatever it is: vsftpd 3.0.3, whose STAT
   * takes the last name of a path for a pattern where that is no folder, and reads the whole folder
   * for it. In Debian's an entry whose name is that of a link in the working directory, be it
   * another folder, goes by the path that this link leads to.
   */
  readonly picksByBraces?: boolean
  /**
   * In the arguments of SITE a word may stand in quotation marks, and `\` in front of those in it:
   * ProFTPD 1.3.8. The next word begins right behind it.
   */
  readonly quotesWords?: boolean
  /**
   * Before the answer to a CWD that fails the server sleeps, 0.1 s for each that failed since the
   * last one that did not: Pure-FTPd 1.0.50.
   */
  readonly delaysFailedCwd?: boolean
  /** Paths that the server takes for others, whatever the command. */
  readonly mistakes?: RegExp
  /** Names that the server stores as others when it makes them. */
  readonly rewrites?: RegExp
}

// One TCP segment, and one TLS record.
const oneSegment = 1200

// ftp-srv 4.6.3 and other small servers take what one read gives for whole commands.
const careful: Quirks = {
  loginInOneFlight: false,
  commandsBehindTransfer: false,
  flightBytes: oneSegment,
  restartsDownloads: false,
  patchesInPlace: false,
  forgetsRefusedPosition: false,
  listAll: 'try',
  setsTimeByMdtm: false,
  answersStoppedTransferOnce: false,
  endsStoppedTransferWith150: false,
  doublesQuotes: true,
  probesByRnfr: false,
  mixesLinks: false,
  dataBeforeReply: false,
  takesIac: false,
  sendsIac: false,
}

const known: Quirks = {
  loginInOneFlight: true,
  commandsBehindTransfer: true,
  flightBytes: 32 * 1024,
  restartsDownloads: true,
  patchesInPlace: true,
  forgetsRefusedPosition: true,
  listAll: 'yes',
  setsTimeByMdtm: false,
  answersStoppedTransferOnce: true,
  endsStoppedTransferWith150: false,
  doublesQuotes: true,
  probesByRnfr: false,
  mixesLinks: false,
  dataBeforeReply: true,
  takesIac: false,
  sendsIac: false,
}

// File systems need 12 to 40 bytes for an entry, so that this is some hundred entries. ZFS counts
// 1.
const smallFolder = 16 * 1024

/** Measured with vsftpd 3.0.3, ProFTPD 1.3.8 and Pure-FTPd 1.0.50. */
export const quirksOf: Readonly<Record<ServerKind, Quirks>> = {
  vsftpd: {
    ...known,
    listsByStat: { verb: 'STAT', maxBytes: smallFolder, unseen: true, cuts: false },
    setsTimeByMdtm: true,
    hasOneClock: true,
    probesByRnfr: true,
    sendsIac: true,
    picksByBraces: true,
  },
  proftpd: {
    ...known,
    mistakesOptions: true,
    // The time that STAT takes grows with the square: 1,000 entries 40 ms, 12,000 4 s, and nobody
    // else is served meanwhile.
    listsByStat: { verb: 'STAT', maxBytes: smallFolder / 4, unseen: false, cuts: false },
    flightBytes: 8 * oneSegment,
    writeBytes: oneSegment,
    mixesLinks: true,
    takesIac: true,
    spoilsNextListing: true,
    quotesWords: true,
  },
  // A control character counts as `_`; when something is made, so do the spaces at the end of its
  // name.
  'pure-ftpd': {
    ...known,
    listsByStat: { verb: 'STAT -a', maxBytes: smallFolder, unseen: true, cuts: true },
    patchesInPlace: false,
    mayReplaceAtAppend: true,
    doublesQuotes: false,
    endsStoppedTransferWith150: true,
    mayIgnoreStoppedTransfer: true,
    spoilsNextListing: true,
    delaysFailedCwd: true,
    mistakes: /[\x01-\x1f\x7f]/,
    rewrites: / $/,
  },
  unknown: careful,
}

/** Recognises a server by what it says of itself, in its greeting or elsewhere. */
export function recognise(text: string): ServerKind {
  if (/\bvsftpd\b/i.test(text)) return 'vsftpd'
  if (/\bproftpd\b/i.test(text)) return 'proftpd'
  if (/\bpure-?ftpd\b/i.test(text)) return 'pure-ftpd'
  return 'unknown'
}
