import type { DataConnectionType } from '../wire/session/session-options.js'
import { tmpdir } from 'node:os'
import type { SecureContextOptions } from 'node:tls'
import { checkOptions, refuseContradictions } from './check.js'
import { invalidArgument, invalidType } from './option-errors.js'
import type { CheckedOptions } from './table.js'
import type { PortRange } from './values.js'
import type { SslProtocol, TlsVersions } from './tls-values.js'
import { parseFtpUrl, refuseOtherEncryption } from './url.js'
import type { NameEncoding } from '../wire/names/names.js'

export type { DataConnectionType, SslProtocol, TlsVersions }

/** When a connection turns to TLS. */
export type EncryptionMode = 'None' | 'Implicit' | 'Explicit' | 'Auto'

/**
 * Every option, by its name in code. Each can be left out, or be undefined, which is the same.
 *
 * Most can stand in the query of a URL as well, under the name given with each: Duplicati's where it has one. `aftp:` URLs
 * write `aftp-` where others write `ftp-`. Times are milliseconds in code; in a URL they are Duplicati's time spans: a
 * whole number is seconds, `2s`, `1m`, `1h30m` say their units (`s m h D W M Y`, in which case matters), and so does
 * `500ms`. Yes or no is `true` or `false` in code; in a URL also `1`, `0`, `on`, `off`, `yes`, `no`, or the name alone
 * for yes. Other words are taken in any case. An option that does not exist and a value that is not allowed are errors.
 */
export interface FtpVfsOptions {
  /**
   * The server: a host name, an IPv4 address, or an IPv6 address, with or without brackets. Required; in a URL the host.
   * International names become punycode.
   *
   * @example { host: 'ftp.example.com' }
   */
  host?: string | undefined

  /**
   * The port of the control connection, 1 to 65535. In a URL the port.
   *
   * @default 21; 990 with `encryptionMode: 'Implicit'` (Duplicati: 21)
   * @example { port: 2121 }
   */
  port?: number | undefined

  /**
   * The user's name, not empty. In a URL the user part, or `auth-username`; the user part wins.
   *
   * @default 'anonymous' (RFC 1635; Duplicati does not log in at all then)
   * @example { user: 'alice', password: 'secret' }
   */
  user?: string | undefined

  /**
   * The user's password. In a URL the user part, or `auth-password`; the user part wins. Without a user it is an error.
   * An empty one in the user part (`alice:@host`) counts as none.
   *
   * @default 'anonymous@' for the user `anonymous`, else ''
   * @example { user: 'alice', password: 'secret' }
   */
  password?: string | undefined

  /**
   * The account, for servers that ask for one after the password (ACCT, RFC 959 section 4.1.1). In a URL `account`.
   *
   * @default none
   * @example { account: 'billing' }
   */
  account?: string | undefined

  /**
   * The folder on the server that is `/` of this file system. It lies under the login directory; with `absolutePath`, or
   * if it begins with `//`, under the server's root. `.` and `..` are resolved and lead no higher than where it begins.
   * In a URL the path, percent-decoded once; there `/%2F` is another way to write `//` (RFC 1738 section 3.2.2).
   *
   * @default '/': the login directory itself
   * @example { path: '/backups/2026' }
   */
  path?: string | undefined

  /**
   * Whether `path` counts from the server's root, not from the login directory. In a URL `ftp-absolute-path`; `aftp:` has
   * `aftp-relative-path`, which says the opposite. `false` for a path that begins with `//` is an error.
   *
   * @default false; true for `aftp:` URLs, and for a path that begins with `//`
   * @example { path: '/srv/ftp', absolutePath: true }
   */
  absolutePath?: boolean | undefined

  /**
   * Whether commands name files by their bare names, inside the right working directory, instead of by absolute paths: for
   * servers that take no paths. In a URL `ftp-use-cwd-names`.
   *
   * @default false
   * @example { useCwdNames: true }
   */
  useCwdNames?: boolean | undefined

  /**
   * The encoding in which the server keeps names: `utf8`, `latin1`, or another one that iconv-lite knows and that writes
   * ASCII as itself (`windows-1251`, `iso-8859-2`, `koi8-r`, `cp437`, `gbk`, `gb18030`, `big5`, `shift_jis`, `euc-jp`,
   * `euc-kr` and more, but not UTF-16 or UTF-7), in any of its spellings. User, password, account and path must fit in
   * it, and so must every path that is given as text: a character that it does not have is an error
   * (ERR_INVALID_ARG_VALUE), never sent as `?`. Bytes that it does not know read as U+FFFD; a Buffer holds what no text
   * can. In a URL `encoding`; percent escapes in a URL are UTF-8 all the same.
   *
   * A server that has its names in UTF-8 whatever the client wants (pyftpdlib) needs `utf8`.
   *
   * @default 'utf8'
   * @example { encoding: 'windows-1251' }
   */
  encoding?: NameEncoding | undefined

  /**
   * The time zone in which the server writes its listings (LIST): `UTC`, an offset such as `+02:00`, or a name of the
   * IANA database such as `Europe/Berlin`, which knows summer time. In a URL `server-timezone`. Only folders, and files
   * on servers without MDTM, get their times from LIST, and only where there is no MLST: times in MLST and MDTM are UTC
   * (RFC 3659), and are taken as they are.
   *
   * Without this option the zone is found out when such a time is first needed, by one MDTM of a file in the same
   * listing: the difference, in quarters of an hour, counts from then on. It is that of one moment: times on the other
   * side of a change to summer time are an hour off. In a folder without files, and on a server without MDTM, the time
   * stays as it is listed.
   *
   * vsftpd has one clock for LIST and MDTM: UTC as a rule, or with `use_localtime=YES` local time in both. There this
   * option is the zone of both, and a place counts with the offset that it has now, since vsftpd keeps the one with which
   * it began. On servers that are not known a file that both show tells whether MDTM is in this zone, too.
   *
   * @default found out as above
   * @example { serverTimezone: 'Europe/Berlin' }
   */
  serverTimezone?: string | undefined

  /**
   * How far MDTM is ahead of UTC, on servers that break the rule (RFC 3659 section 2.3) and tell local time there, as
   * vsftpd does with `use_localtime=YES`: an offset, `+02:00` where MDTM says 14:00 at 12:00 UTC and `-05:00` where it
   * says 7:00, or the name of a zone, as for `serverTimezone`. It counts for all times that MDTM tells, and for those that
   * `utimes` sets by MDTM or MFMT; not for MLST, and for LIST on vsftpd alone. In a URL `mdtm-offset`.
   *
   * Nothing on such a server shows what its times mean, but a file that has just been stored: where its time is off by
   * quarters of an hour from the clock of this machine, the process is warned once (FTP_VFS_MDTM_OFFSET).
   *
   * @default 'UTC'; on vsftpd `serverTimezone`, where that is given
   * @example { mdtmOffset: '+02:00' }
   */
  mdtmOffset?: string | undefined

  /**
   * How files go over the wire: `binary`, byte by byte (TYPE I), or `ascii` (TYPE A), for servers that keep text in a form
   * of their own, as z/OS and IBM i do. There the lines of a transfer end with CR LF and the server converts them, and the
   * characters maybe; this library converts nothing: what is read has CR LF, and so should what is written. Some servers
   * take TYPE A and convert nothing (vsftpd without `ascii_upload_enable` and `ascii_download_enable`).
   *
   * Sizes and positions prove nothing then. No upload or download is checked by its size (`verifyUploads` has no effect): a
   * file that comes or goes in part, and that the server calls whole, is not noticed. Nothing is resumed or read by several
   * connections (`parallel` has no effect), what is lost is sent or read again from the beginning, and write streams are
   * collected to their end before they are sent. What needs a position is ENOTSUP, before anything is sent: `open`,
   * `appendFile`, `truncate`, `openAsBlob`, and `start`, `end` and the flags `a` and `r+` of streams. In a URL
   * `transfer-type`.
   *
   * @default 'binary'
   * @example { transferType: 'ascii' }
   */
  transferType?: 'binary' | 'ascii' | undefined

  /**
   * Whether a file is checked after its upload: by its size, and by a hash or the bytes read back where the size
   * proves nothing, since size and time are as before, or the file was changed in place. Without it the server's word
   * counts; what is lost with a connection is still found out. In a URL `disable-upload-verify`, which says the opposite.
   *
   * @default true
   * @example { verifyUploads: false }
   */
  verifyUploads?: boolean | undefined

  /**
   * How long to wait after an upload before it is verified, for servers that show a file late; milliseconds. It is waited
   * with `verifyUploads: false`, too. In a URL `ftp-upload-delay`.
   *
   * @default 0
   * @example { uploadDelay: 500 }
   */
  uploadDelay?: number | undefined

  /**
   * Whether a file is uploaded under a temporary name and gets its own when it is complete. The temporary name is
   * `.ftp-vfs-<12 hex digits>-<name>` in the same folder, with as much of the name as 255 bytes hold; without the dot
   * where the server refuses dot files. In a URL `atomic-uploads`.
   *
   * @default false
   * @example { atomicUploads: true }
   */
  atomicUploads?: boolean | undefined

  /**
   * How long `stat` and `lstat` may answer from what the server has told before, in a `stat`, an `lstat` or a listing
   * (`readdir`, `opendir`); milliseconds, 0 for never. In a URL `stat-cache-ttl`. A time from a listing is only as precise as
   * the listing: to the minute or the day where that is LIST (vsftpd, ProFTPD, servers without MLSD), and in a zone that is
   * found out as `serverTimezone` says. What is missing is not remembered, and no more than 100,000 entries are.
   *
   * What this FtpVfs changes itself counts at once: a path that is written, renamed, removed, made or given another time
   * or mode, all below it, and the folder that it is in. What others change, and what is changed by another path of the
   * same file (a link), is seen when the time is over.
   *
   * @default 0
   * @example { statCacheTtl: 2_000 }
   */
  statCacheTtl?: number | undefined

  /**
   * What `chown`, `chmod` and `utimes`, and those of links and file handles, do where the server has no command for it: `throw`
   * ENOTSUP, or `ignore` it, with one warning of the process (FTP_VFS_UNSUPPORTED_METADATA). FTP has none for the owner of a
   * file; some servers have none for mode and times. Archivers that run as root set the owner of every file. In a URL
   * `unsupported-metadata`.
   *
   * @default undefined: the methods of FtpVfs throw, those of `vfs.fs` ignore
   * @example { unsupportedMetadata: 'ignore' }
   */
  unsupportedMetadata?: 'throw' | 'ignore' | undefined

  /**
   * How many bytes an upload collects in memory before it begins to send, and keeps until the server has begun to store them: up to
   * here it can start over after a lost connection, whatever its source. What is collected beyond, since no connection is
   * free, goes to a temporary file. In a URL `replay-buffer`. Bytes, from 4096 to 1 GiB.
   *
   * @default 1048576
   * @example { replayBuffer: 256 * 1024 }
   */
  replayBuffer?: number | undefined

  /**
   * How much memory all streams, open files and listings of this FtpVfs may hold together for bytes
   * that wait: what has been read ahead of their readers, and what writes have collected. They share
   * it: each may hold as much as it leaves free for others. What finds no room is not read ahead, or
   * goes to a temporary file (`spoolDirectory`). Each connection needs memory for its current chunk
   * besides: up to 512 KiB, and two chunks (`chunkSize`) for each running `upload`. In a URL
   * `memory-limit`. Bytes, from 1 MiB to 1 TiB.
   *
   * @default 67_108_864 (64 MiB)
   * @example { memoryLimit: 256 * 2 ** 20 }
   */
  memoryLimit?: number | undefined

  /**
   * The folder on this machine for temporary files: write streams that must wait for a connection collect there, and what
   * `memoryLimit` has no room for. In a URL `spool-directory`.
   *
   * @default os.tmpdir()
   * @example { spoolDirectory: '/var/spool/backup' }
   */
  spoolDirectory?: string | undefined

  /**
   * How many connections to the server may be open at once, 1 to 1000. In a URL `connections`.
   *
   * @default 4
   * @example { connections: 8 }
   */
  connections?: number | undefined

  /**
   * How long a connection that nobody uses stays open; milliseconds. In a URL `idle-timeout`.
   *
   * @default 60_000
   * @example { idleTimeout: 10_000 }
   */
  idleTimeout?: number | undefined

  /**
   * How long connecting, and the reply to a command, may take; milliseconds, not 0. In a URL `short-timeout`.
   *
   * @default 30_000
   * @example { shortTimeout: 5_000 }
   */
  shortTimeout?: number | undefined

  /**
   * How long the listing of a folder may take as a whole; milliseconds, not 0. In a URL `list-timeout`.
   *
   * @default 600_000 (10 minutes)
   * @example { listTimeout: 60_000 }
   */
  listTimeout?: number | undefined

  /**
   * How long a transfer may stand still because of the server or the network; milliseconds, not 0. In a URL
   * `read-write-timeout`.
   *
   * @default 30_000
   * @example { readWriteTimeout: 120_000 }
   */
  readWriteTimeout?: number | undefined

  /**
   * How long a call may wait for a connection; milliseconds, not 0, or `Infinity` for no limit. What it waits for earlier
   * calls on the same path does not count. In a URL `queue-timeout`, where no limit is `none`.
   *
   * @default Infinity
   * @example { queueTimeout: 60_000 }
   */
  queueTimeout?: number | undefined

  /**
   * How often what failed for a reason that may pass is tried again: a connection that is refused,
   * reset or silent, a server that restarts, and the replies 421, 425, 426, 450 and 451. It counts
   * for the call as a whole, 0 to 100; 0 is never. A read counts anew with each MiB that it has
   * brought, and each file of a tree for itself. In a URL `number-of-retries`, as Duplicati calls it
   * (its default is 5).
   *
   * @default 3
   * @example { retries: 10 }
   */
  retries?: number | undefined

  /**
   * How long to wait before the first retry; milliseconds. Each further one waits twice as long, and
   * up to a quarter less by chance: the default ones wait 10 s in all. A session that was lost is
   * replaced at once the first time. In a URL `retry-delay`, as Duplicati calls it (its default is
   * 10 s).
   *
   * @default 1_500
   * @example { retryDelay: 5_000 }
   */
  retryDelay?: number | undefined

  /**
   * How data connections are made. In a URL `ftp-data-connection-type`. The old names `ftp-passive` (AutoPassive) and
   * `ftp-regular` (AutoActive) are understood there, with a DeprecationWarning.
   *
   * - `AutoPassive`: EPSV, or PASV where that is refused or brings no connection. `EPSV`: that command only (RFC 2428)
   * - `PASV`, and `PASVEX` or `PassiveExtended`, which is the same: PASV, to the host of the control connection, whatever
   *   address the server names; that it names another one is said once in the log. (Duplicati's PASV follows public
   *   addresses, so that a server can point its clients at somebody else.)
   * - `PASVUSE` or `PassiveAllowUnroutable`: PASV, to the address that the server names, be it private or not
   * - `AutoActive`: EPRT, or PORT where the server refuses that. `EPRT`, `PORT`: that command only. This machine listens,
   *   see `activePorts` and `activeAddress`, and takes a connection from the server's own address only
   *
   * Over IPv6 there are neither PASV nor PORT: EPSV and EPRT are sent instead.
   *
   * @default 'AutoPassive'
   * @example { dataConnectionType: 'PASV' }
   */
  dataConnectionType?: DataConnectionType | 'PassiveExtended' | 'PassiveAllowUnroutable' | undefined

  /**
   * The ports on which active data connections (`AutoActive`, `EPRT`, `PORT`) are awaited, for firewalls that let only
   * some in: a range, the lower one first, or one port, 1 to 65535. A transfer takes one until the server has connected,
   * and waits for one up to `shortTimeout`. In a URL `active-ports`.
   *
   * @default any port that is free
   * @example { dataConnectionType: 'AutoActive', activePorts: '50000-50100' }
   */
  activePorts?: string | number | undefined

  /**
   * The address that the server is told in active mode, where it is not that of this machine because of NAT: IPv4 or
   * IPv6, as the control connection has it, not a name. In a URL `active-address`.
   *
   * @default the address that the control connection has here
   * @example { dataConnectionType: 'AutoActive', activeAddress: '203.0.113.7' }
   */
  activeAddress?: string | undefined

  /**
   * When a connection turns to TLS. In a URL `ftp-encryption-mode`, or the scheme: `ftps:` is Implicit, `ftpes:` Explicit,
   * and any other mode with them is an error. The old name `use-ssl` (Explicit) is understood there, with a
   * DeprecationWarning. Data connections are over TLS as well (PROT P), with the same checks.
   *
   * - `None`: never. User, password and files are sent in the clear
   * - `Implicit`: from the first byte, on port 990
   * - `Explicit`: by AUTH TLS on port 21, before the login (RFC 4217)
   * - `Auto`: as Explicit, but in the clear if the server refuses AUTH TLS, with a warning (FTP_VFS_PLAINTEXT): not safe
   *   against an attacker in between. A handshake or a certificate that fails is an error here, too
   *
   * A server that refuses TLS is ERR_FTP_TLS, and nothing of the login is sent. So it is when it refuses PROT P; only
   * `Auto` goes on then with files and listings in the clear, with a warning (FTP_VFS_PLAINTEXT_DATA).
   *
   * @default 'None'
   * @example { encryptionMode: 'Explicit' }
   */
  encryptionMode?: EncryptionMode | undefined

  /**
   * The TLS versions allowed: `None` for Node's default (1.2 and 1.3), or a comma-separated list or an array of `Tls` (1.0),
   * `Tls11`, `Tls12`, `Tls13` without a gap. In a URL `ftp-ssl-protocols`. With `Tls` or `Tls11` OpenSSL's security level
   * is lowered to 0, since it does not speak them otherwise, with a warning (FTP_VFS_OLD_TLS).
   *
   * @default 'None'
   * @example { sslProtocols: 'Tls12,Tls13' }
   */
  sslProtocols?: 'None' | SslProtocol | readonly SslProtocol[] | (string & {}) | undefined

  /**
   * The hashes of certificates of which the server has to show one: SHA-1 or SHA-256 in hex, in any case, with or without
   * colons and spaces. Several are separated by commas or semicolons, or stand in an array. In a URL
   * `accept-specified-ssl-hash`. (Duplicati takes SHA-1 without separators only.)
   *
   * The hash is that of the server's own certificate, or of an authority's in its chain. It replaces the checks of chain
   * and host name, so that a self-signed certificate can be trusted, but not that of the dates: one that has expired is
   * refused all the same. A server that shows no certificate of these is refused, ERR_FTP_CERTIFICATE, even if Node
   * would trust it: who names a certificate wants that one, not any that some authority has signed. (Duplicati takes
   * those that the system trusts as well.) The error holds the hashes of the server's certificate, ready to paste.
   *
   * @default none
   * @example { acceptSpecifiedSslHash: '9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B' }
   */
  acceptSpecifiedSslHash?: string | readonly string[] | undefined

  /**
   * Whether to accept every certificate, expired ones too, which lets anybody in between read and change all. For tests:
   * it warns once (FTP_VFS_ANY_CERTIFICATE). It goes before `acceptSpecifiedSslHash`. In a URL
   * `accept-any-ssl-certificate`.
   *
   * @default false
   * @example { acceptAnySslCertificate: true }
   */
  acceptAnySslCertificate?: boolean | undefined

  /**
   * Whether to accept a certificate of which it cannot be found out if it was revoked. This changes nothing, and is
   * understood for Duplicati's URLs only: Node fetches neither revocation lists (CRL) nor answers to OCSP, so nothing is
   * asked, with this option or without it, and a revoked certificate is accepted until it expires. What helps:
   * `acceptSpecifiedSslHash`, which is changed when the certificate is, or certificates that are valid for days only. In
   * a URL `ignore-revocation-failure`.
   *
   * @default false
   * @example { ignoreRevocationFailure: true }
   */
  ignoreRevocationFailure?: boolean | undefined

  /**
   * Certificates of authorities to trust, in PEM: see `tls.createSecureContext`. They replace those that Node trusts by
   * itself; to add to them, give `[...tls.rootCertificates, own]`. Chain, name and dates are checked. Not in a URL.
   *
   * @default those that Node trusts: its own list, or the system's with `--use-system-ca`; NODE_EXTRA_CA_CERTS adds to it
   * @example { ca: fs.readFileSync('ca.pem') }
   */
  ca?: SecureContextOptions['ca'] | undefined

  /**
   * The client's certificate, in PEM, for servers that ask for one; `key` belongs to it. Not in a URL.
   *
   * @default none
   * @example { cert: fs.readFileSync('client.pem'), key: fs.readFileSync('client.key') }
   */
  cert?: SecureContextOptions['cert'] | undefined

  /**
   * The private key of `cert`, in PEM; with a passphrase as `[{ pem, passphrase }]`. Not in a URL.
   *
   * @default none
   * @example { cert: fs.readFileSync('client.pem'), key: fs.readFileSync('client.key') }
   */
  key?: SecureContextOptions['key'] | undefined

  /**
   * Whether to take the listing of a Pure-FTPd server for whole although the server cut it short (its `LimitRecursion`).
   * In a URL `ignore-pureftpd-limit-issue`.
   *
   * @default false
   * @example { ignorePureftpdLimitIssue: true }
   */
  ignorePureftpdLimitIssue?: boolean | undefined

  /**
   * The command that lists a folder: `MLSD` (RFC 3659), `LIST -a` with names that begin with a dot, `LIST` or `NLST` (RFC 959),
   * which tells names alone, so that the rest is asked for. It is found out, and where one fails the next one is taken; what is
   * named here is the only one that is sent. MLSD may show links as what they lead to. In a URL `list-command`.
   *
   * @default undefined
   * @example { listCommand: 'LIST' }
   */
  listCommand?: 'MLSD' | 'LIST -a' | 'LIST' | 'NLST' | undefined

  /**
   * What becomes of a line of a listing in which no name can be found: `throw` an `ERR_FTP_LISTING` that names the line, or
   * `skip` it and go on. Skipped lines are on the diagnostics channel `ftp-vfs:listing`. It counts for `readdir`, `opendir`,
   * `glob` and `watch`; `cp`, `rm` and whatever else takes a listing for whole throw in any case. In a URL `list-errors`.
   *
   * @default 'throw'
   * @example { listErrors: 'skip' }
   */
  listErrors?: 'throw' | 'skip' | undefined

  /**
   * Whether `rm` and `rmdir` with `recursive` remove what is in a folder that may be a link to one. Servers that show such a
   * link as a folder may not tell them apart; without this option that is an error (`ENOTSUP`), and nothing is removed behind
   * it. No effect on vsftpd, ProFTPD and Pure-FTPd, which show links. In a URL `remove-unsure-folders`.
   *
   * @default false
   * @example { removeUnsureFolders: true }
   */
  removeUnsureFolders?: boolean | undefined

  /**
   * Whether to write the dialog with the server, and what becomes of connections and transfers, to the console: to
   * stderr, so that output stays clean (Duplicati: stdout). User, password, account, host and addresses are masked, paths
   * are not. In a URL `ftp-log-to-console`. `NODE_DEBUG=ftp-vfs` does the same without the option.
   *
   * @default false
   * @example { logToConsole: true }
   */
  logToConsole?: boolean | undefined

  /**
   * Whether the log, and the diagnostics channels, show what they mask otherwise. It does not turn logging on. Errors
   * mask user, password and account all the same. In a URL `ftp-log-privateinfo-to-console`.
   *
   * @default false
   * @example { logToConsole: true, logPrivateInfoToConsole: true }
   */
  logPrivateInfoToConsole?: boolean | undefined

  /**
   * Whether to publish the lines of `logToConsole` on Node's diagnostics channel `ftp-vfs` (`node:diagnostics_channel`),
   * for the program's own log. In a URL `ftp-log-diagnostics`, also with `aftp:`. The channels `ftp-vfs:command`,
   * `ftp-vfs:reply`, `ftp-vfs:session` and `ftp-vfs:transfer`, which get objects, need no option.
   *
   * @default false
   * @example { logDiagnostics: true }
   */
  logDiagnostics?: boolean | undefined
}

/** Every option with its value, checked and in its canonical form. Names and meanings are those of FtpVfsOptions. */
export interface ResolvedOptions {
  /** In lower case and punycode; IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly account: string | undefined
  /** Names joined by single slashes, without one at either end and without `.` and `..`; `''` is the place it begins. */
  readonly path: string
  /** Whether `path` counts from the server's root, not from the login directory. */
  readonly pathIsAbsolute: boolean
  readonly useCwdNames: boolean
  readonly encoding: NameEncoding
  readonly serverTimezone: string | undefined
  /** Undefined: UTC, or what was found out. */
  readonly mdtmOffset: string | undefined
  readonly transferType: 'binary' | 'ascii'
  /** False with `ascii`. */
  readonly verifyUploads: boolean
  readonly uploadDelay: number
  readonly atomicUploads: boolean
  /** 0: nothing is remembered. */
  readonly statCacheTtl: number
  /** Undefined: `throw`, but `ignore` in `vfs.fs`. */
  readonly unsupportedMetadata: 'throw' | 'ignore' | undefined
  readonly replayBuffer: number
  readonly memoryLimit: number
  /** An absolute path. */
  readonly spoolDirectory: string
  readonly connections: number
  readonly idleTimeout: number
  readonly shortTimeout: number
  readonly listTimeout: number
  readonly readWriteTimeout: number
  /** Undefined for no limit. */
  readonly queueTimeout: number | undefined
  readonly retries: number
  readonly retryDelay: number
  readonly dataConnectionType: DataConnectionType
  readonly activePorts: PortRange | undefined
  readonly activeAddress: string | undefined
  readonly encryptionMode: EncryptionMode
  readonly sslProtocols: TlsVersions
  /** Lower-case hex digits, 40 or 64 each. */
  readonly acceptSpecifiedSslHash: readonly string[]
  readonly acceptAnySslCertificate: boolean
  readonly ignoreRevocationFailure: boolean
  readonly ca: SecureContextOptions['ca']
  readonly cert: SecureContextOptions['cert']
  readonly key: SecureContextOptions['key']
  readonly ignorePureftpdLimitIssue: boolean
  /** Undefined: found out. */
  readonly listCommand: 'MLSD' | 'LIST -a' | 'LIST' | 'NLST' | undefined
  readonly listErrors: 'throw' | 'skip'
  readonly removeUnsureFolders: boolean
  readonly logToConsole: boolean
  readonly logPrivateInfoToConsole: boolean
  readonly logDiagnostics: boolean
}

/**
 * The options of a URL or an object, with those of a second object before them, each on its own, and with the defaults
 * behind them.
 *
 * @throws TypeError `ERR_INVALID_URL` for a malformed URL
 * @throws TypeError `ERR_INVALID_ARG_TYPE` for a value of the wrong type, and if there is no host
 * @throws TypeError `ERR_INVALID_ARG_VALUE` for an unknown option, a value that is not allowed, and for options that
 *   contradict each other or the scheme of the URL
 * @throws RangeError `ERR_OUT_OF_RANGE` for a number outside its range
 *
 * No error shows a user, password, account or key.
 */
export function resolveOptions(
  urlOrOptions: string | URL | FtpVfsOptions,
  options: FtpVfsOptions = {},
): ResolvedOptions {
  const byUrl = isUrl(urlOrOptions)
  if (!byUrl && (typeof urlOrOptions !== 'object' || urlOrOptions === null)) {
    throw invalidArgument('url', 'of type string, an instance of URL, or an object of options', urlOrOptions)
  }
  const first: FtpVfsOptions = byUrl ? parseFtpUrl(urlOrOptions) : urlOrOptions
  const second = checkOptions(options)
  if (byUrl) refuseOtherEncryption(urlOrOptions, second.encryptionMode)
  const given: CheckedOptions = { ...checkOptions(first), ...second }
  refuseContradictions(given)

  const { host, user = 'anonymous', encryptionMode = 'None', path = '', queueTimeout = Infinity } = given
  const { transferType = 'binary' } = given
  if (host === undefined) throw invalidType({ name: 'host' }, "be the server's name or address", host)
  return Object.freeze({
    host,
    port: given.port ?? (encryptionMode === 'Implicit' ? 990 : 21),
    user,
    password: given.password ?? (user === 'anonymous' ? 'anonymous@' : ''),
    account: given.account,
    path: folderNames(path).join('/'),
    pathIsAbsolute: path.startsWith('//') || (given.absolutePath ?? false),
    useCwdNames: given.useCwdNames ?? false,
    encoding: given.encoding ?? 'utf8',
    serverTimezone: given.serverTimezone,
    mdtmOffset: given.mdtmOffset,
    transferType,
    verifyUploads: transferType === 'binary' && (given.verifyUploads ?? true),
    uploadDelay: given.uploadDelay ?? 0,
    atomicUploads: given.atomicUploads ?? false,
    statCacheTtl: given.statCacheTtl ?? 0,
    unsupportedMetadata: given.unsupportedMetadata,
    replayBuffer: given.replayBuffer ?? 2 ** 20,
    memoryLimit: given.memoryLimit ?? 64 * 2 ** 20,
    spoolDirectory: given.spoolDirectory ?? tmpdir(),
    connections: given.connections ?? 4,
    idleTimeout: given.idleTimeout ?? 60_000,
    shortTimeout: given.shortTimeout ?? 30_000,
    listTimeout: given.listTimeout ?? 600_000,
    readWriteTimeout: given.readWriteTimeout ?? 30_000,
    queueTimeout: queueTimeout === Infinity ? undefined : queueTimeout,
    retries: given.retries ?? 3,
    retryDelay: given.retryDelay ?? 1_500,
    dataConnectionType: given.dataConnectionType ?? 'AutoPassive',
    activePorts: given.activePorts,
    activeAddress: given.activeAddress,
    encryptionMode,
    sslProtocols: given.sslProtocols ?? {},
    acceptSpecifiedSslHash: given.acceptSpecifiedSslHash ?? [],
    acceptAnySslCertificate: given.acceptAnySslCertificate ?? false,
    ignoreRevocationFailure: given.ignoreRevocationFailure ?? false,
    ca: given.ca,
    cert: given.cert,
    key: given.key,
    ignorePureftpdLimitIssue: given.ignorePureftpdLimitIssue ?? false,
    listCommand: given.listCommand,
    listErrors: given.listErrors ?? 'throw',
    removeUnsureFolders: given.removeUnsureFolders ?? false,
    logToConsole: given.logToConsole ?? false,
    logPrivateInfoToConsole: given.logPrivateInfoToConsole ?? false,
    logDiagnostics: given.logDiagnostics ?? false,
  })
}

/** As Node's fs tells URL objects from others: those of another realm count, those of `url.parse` do not. */
function isUrl(value: unknown): value is string | URL {
  if (typeof value === 'string') return true
  const { href, protocol, auth, path } = (value ?? {}) as Record<string, unknown>
  return Boolean(href && protocol) && auth === undefined && path === undefined
}

/** The names of a folder's path, `.` and `..` resolved. */
function folderNames(path: string): string[] {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names
}
