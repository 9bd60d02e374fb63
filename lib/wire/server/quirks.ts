/** A server software that this library has been measured with, or any other. */
export type ServerKind = 'vsftpd' | 'proftpd' | 'pure-ftpd' | 'unknown'

/** How a server lists folders on the control connection, many in a flight. */
export interface ListsByStat {
  readonly verb: 'STAT' | 'STAT -a'
  /** The largest folder to list so, in bytes as the listing of its parent shows them. */
  readonly maxBytes: number
  /** Whether to list folders of unknown size so. */
  readonly unseen: boolean
  /** Whether it silently omits entries beyond a limit in the server's configuration. */
  readonly cuts: boolean
}

/** The measured behaviour of a kind of server; whatever was not measured is off. */
export interface Quirks {
  /** USER, PASS and the next commands may share a write, once the greeting names the server. */
  readonly loginInOneFlight: boolean
  /** SIZE and EPSV may follow a transfer's command, but only in the same write. */
  readonly commandsBehindTransfer: boolean
  /** The maximum of unanswered commands, in bytes. */
  readonly flightBytes: number
  /**
   * The maximum of commands in one write, in bytes; the rest of a flight follows when the first
   * reply to the last write shows that the server has read it. ProFTPD 1.3.8 takes a line feed at
   * the start of a read as part of a command, and merges two commands into one, with one reply:
   * with more than a segment to read, a read may end between CR and LF.
   */
  readonly writeBytes?: number
  /**
   * RETR after REST n sends the file from position n on; other servers may accept REST and still
   * send the whole file.
   */
  readonly restartsDownloads: boolean
  /** STOR after REST n changes the file from n on and keeps the bytes after the new ones. */
  readonly patchesInPlace: boolean
  /**
   * A refused transfer also uses up the position of REST: vsftpd 3.0.3, ProFTPD 1.3.8 and Pure-FTPd
   * 1.0.50. pyftpdlib 1.5.7 keeps it after APPE, ftp-srv 4.6.3 always.
   */
  readonly forgetsRefusedPosition: boolean
  /**
   * APPE may replace the file: Pure-FTPd 1.0.50 with its options `-0` (no truncation) and `-r`
   * (autorename). The server does not reveal these settings.
   */
  readonly mayReplaceAtAppend?: boolean
  /** Whether `LIST -a` shows dot files; `try`: use it and check the result (unknown servers). */
  readonly listAll: 'yes' | 'no' | 'try'
  /** LIST takes `-a` as a name if the folder holds an entry `-a`: ProFTPD 1.3.8. */
  readonly mistakesOptions?: boolean
  /**
   * `STAT folder` lists the folder, as measured; other servers may reply anything (RFC 959, section
   * 4.1.3).
   */
  readonly listsByStat?: ListsByStat
  /** `MDTM time path` sets the time. */
  readonly setsTimeByMdtm: boolean
  /**
   * LIST and MDTM use the same clock, UTC or local time (`use_localtime`): vsftpd 3.0.3. It
   * determines its offset from UTC when it starts, and keeps it through summer and winter.
   */
  readonly hasOneClock?: boolean
  /** A stopped transfer gets exactly one final reply, so that no NOOP is needed after it. */
  readonly answersStoppedTransferOnce: boolean
  /** That reply may have the code 150, as the preliminary one has. */
  readonly endsStoppedTransferWith150: boolean
  /**
   * That reply is missing if the server has counted no byte as sent: Pure-FTPd 1.0.50, if a
   * download is reset within its first block, which is frequent over TLS.
   */
  readonly mayIgnoreStoppedTransfer?: boolean
  /**
   * The 257 reply to PWD doubles quotation marks (RFC 959, appendix II); that of Pure-FTPd 1.0.50
   * does not.
   */
  readonly doublesQuotes: boolean
  /**
   * RNFR, which fails for a missing path, detects entries that can be neither opened nor entered.
   * It changes nothing by itself; but ProFTPD 1.3.8 then refuses one command unless it is RNTO.
   */
  readonly probesByRnfr: boolean
  /**
   * MLST gives a link the type of its target, but the link's own size and mode: ProFTPD 1.3.8. The
   * mode of a link is 777, so that any entry with this mode may be a link. MLSD omits dangling
   * links, and takes twice as long as LIST, which omits only links to `.` and `..`.
   */
  readonly mixesLinks: boolean
  /**
   * A passive data connection may open, start TLS and carry the first bytes of an upload before the
   * 1xx: pyftpdlib 1.5.7 loses bytes that arrive before its 1xx.
   */
  readonly dataBeforeReply: boolean
  /**
   * The server reads the byte FF in commands as Telnet's IAC, so that it must be doubled (RFC 854);
   * other servers take it as it is.
   */
  readonly takesIac: boolean
  /** 257 replies double the byte FF. */
  readonly sendsIac: boolean
  /**
   * The rest of an aborted listing precedes the next one: Pure-FTPd 1.0.50, and LIST of ProFTPD
   * 1.3.8.
   */
  readonly spoilsNextListing?: boolean
  /**
   * `STAT folder/{name}` shows the line of that entry, whatever its type: vsftpd 3.0.3. Its STAT
   * takes the last name of a path as a pattern unless it is a folder, and reads the whole folder
   * for it. In Debian's build, an entry with the name of a link in the working directory, even an
   * entry of another folder, is shown under the path of that link's target.
   */
  readonly picksByBraces?: boolean
  /**
   * An argument of SITE may be in quotation marks, with `\` before quotation marks inside it:
   * ProFTPD 1.3.8. The next argument begins right after the closing one.
   */
  readonly quotesWords?: boolean
  /**
   * The server sleeps before its reply to a failed CWD, 0.1 s for each failure since the last
   * success: Pure-FTPd 1.0.50.
   */
  readonly delaysFailedCwd?: boolean
  /** Paths that the server resolves to others, whatever the command. */
  readonly mistakes?: RegExp
  /** Names that the server changes when it creates them. */
  readonly rewrites?: RegExp
}

// One TCP segment, and one TLS record.
const oneSegment = 1200

// ftp-srv 4.6.3 and other small servers assume that one read returns whole commands.
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

// File systems need 12 to 40 bytes per entry, so that this is some hundred entries; ZFS counts 1.
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
    // The time of STAT grows with the square of the entries, 40 ms for 1,000 and 4 s for 12,000,
    // and the session is blocked meanwhile.
    listsByStat: { verb: 'STAT', maxBytes: smallFolder / 4, unseen: false, cuts: false },
    flightBytes: 8 * oneSegment,
    writeBytes: oneSegment,
    mixesLinks: true,
    takesIac: true,
    spoilsNextListing: true,
    quotesWords: true,
  },
  // Control characters become `_`; so do trailing spaces in the name of a new entry.
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

/** The kind of server that a text of its own names: its greeting or its reply to SYST. */
export function recognise(text: string): ServerKind {
  if (/\bvsftpd\b/i.test(text)) return 'vsftpd'
  if (/\bproftpd\b/i.test(text)) return 'proftpd'
  if (/\bpure-?ftpd\b/i.test(text)) return 'pure-ftpd'
  return 'unknown'
}
