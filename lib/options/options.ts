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

/** Whether and when a connection switches to TLS. */
export type EncryptionMode = 'None' | 'Implicit' | 'Explicit' | 'Auto'

/**
 * The options of an FtpVfs, by their names in code. An option may be absent; undefined means the
 * same.
 *
 * Most options can also stand in the query of a URL, under the name given with each: Duplicati's
 * name where Duplicati has the option. `aftp:` URLs write `aftp-` where others write `ftp-`.
 *
 * Times are milliseconds in code. In a URL they are Duplicati's time spans: a whole number is
 * seconds; `500ms`, `2s`, `1m` and `1h30m` name their units (`ms s m h D W M Y`, where case
 * matters). A boolean is `true` or `false` in code; a URL also takes `1`, `0`, `on`, `off`, `yes`,
 * `no`, and the name alone for true. Case does not matter in other words. An unknown option and an
 * invalid value are errors.
 */
export interface FtpVfsOptions {
  /**
   * The server: a host name, an IPv4 address, or an IPv6 address with or without brackets.
   * Required; in a URL the host. International names become punycode.
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
   * The user name, not empty. In a URL the user part, or `auth-username`; the user part takes
   * precedence.
   *
   * @default 'anonymous' (RFC 1635; Duplicati does not log in at all then)
   * @example { user: 'alice', password: 'secret' }
   */
  user?: string | undefined

  /**
   * The password of the user. In a URL the user part, or `auth-password`; the user part takes
   * precedence. A password without a user is an error. An empty password in the user part
   * (`alice:@host`) counts as absent.
   *
   * @default 'anonymous@' for the user `anonymous`, else ''
   * @example { user: 'alice', password: 'secret' }
   */
  password?: string | undefined

  /**
   * The account, for servers that ask for one after the password (ACCT, RFC 959 section 4.1.1). In
   * a URL `account`.
   *
   * @default none
   * @example { account: 'billing' }
   */
  account?: string | undefined

  /**
   * The folder on the server that is `/` of this file system. It is relative to the login
   * directory; with `absolutePath`, or if it begins with `//`, to the root of the server. `.` and
   * `..` are resolved, and `..` does not lead above that start. In a URL the path, percent-decoded
   * once, where `/%2F` is another way to write `//` (RFC 1738 section 3.2.2).
   *
   * @default '/': the login directory itself
   * @example { path: '/backups/2026' }
   */
  path?: string | undefined

  /**
   * Whether `path` is relative to the root of the server instead of the login directory. In a URL
   * `ftp-absolute-path`; `aftp:` has `aftp-relative-path`, with the opposite meaning. `false` with
   * a path that begins with `//` is an error.
   *
   * @default false; true for `aftp:` URLs, and for a path that begins with `//`
   * @example { path: '/srv/ftp', absolutePath: true }
   */
  absolutePath?: boolean | undefined

  /**
   * Whether commands use bare file names inside the right working directory instead of absolute
   * paths, for servers that accept no paths. In a URL `ftp-use-cwd-names`.
   *
   * @default false
   * @example { useCwdNames: true }
   */
  useCwdNames?: boolean | undefined

  /**
   * The encoding of file names on the server: `utf8`, `latin1`, or another encoding that iconv-lite
   * knows and that writes ASCII as itself (`windows-1251`, `iso-8859-2`, `koi8-r`, `cp437`, `gbk`,
   * `gb18030`, `big5`, `shift_jis`, `euc-jp`, `euc-kr` and more, but not UTF-16 or UTF-7), in any
   * spelling. In a URL `encoding`; percent escapes in a URL are UTF-8 in any case.
   *
   * User, password, account and path must be encodable, and so must every path given as text: a
   * character that the encoding lacks is an error (ERR_INVALID_ARG_VALUE), and is never sent as
   * `?`. Bytes that the encoding does not define read as U+FFFD; a Buffer can hold names that no
   * text can.
   *
   * A server that keeps UTF-8 names regardless of the client (pyftpdlib) needs `utf8`.
   *
   * @default 'utf8'
   * @example { encoding: 'windows-1251' }
   */
  encoding?: NameEncoding | undefined

  /**
   * The time zone of the server's listings (LIST): `UTC`, an offset such as `+02:00`, or a name
   * from the IANA database such as `Europe/Berlin`, which includes summer time. In a URL
   * `server-timezone`. On a server without MLST, the times of folders come from LIST, and without
   * MDTM those of files, too. Times in MLST and MDTM are UTC (RFC 3659) and need no zone.
   *
   * Without this option the library measures the zone when it first needs such a time, by one MDTM
   * of a file in the same listing: the difference, in quarters of an hour, applies from then on. It
   * is the difference of one moment: times on the other side of a change to summer time are an hour
   * off. In a folder without files, and on a server without MDTM, times stay as listed.
   *
   * vsftpd has one clock for LIST and MDTM: UTC by default, or local time in both with
   * `use_localtime=YES`. There this option is the zone of both, and a named zone applies with its
   * current offset, because vsftpd keeps the offset of its start. On unknown servers, a file that
   * both commands show reveals whether MDTM uses this zone, too.
   *
   * @default measured as above
   * @example { serverTimezone: 'Europe/Berlin' }
   */
  serverTimezone?: string | undefined

  /**
   * How far MDTM is ahead of UTC, on servers that report local time against RFC 3659 section 2.3,
   * as vsftpd does with `use_localtime=YES`: an offset, `+02:00` if MDTM says 14:00 at 12:00 UTC
   * and `-05:00` if it says 7:00, or a zone name, as for `serverTimezone`. It applies to all times
   * from MDTM, and to times that `utimes` sets by MDTM or MFMT; not to MLST, and to LIST on vsftpd
   * alone. In a URL `mdtm-offset`.
   *
   * Only a file that has just been stored reveals the offset of such a server. If its time differs
   * from the clock of this machine by quarters of an hour, the process gets one warning
   * (FTP_VFS_MDTM_OFFSET).
   *
   * @default 'UTC'; on vsftpd `serverTimezone`, if given
   * @example { mdtmOffset: '+02:00' }
   */
  mdtmOffset?: string | undefined

  /**
   * The form of files on the wire: `binary`, byte by byte (TYPE I), or `ascii` (TYPE A), for
   * servers that keep text in a form of their own, such as z/OS and IBM i. In ASCII, lines end with
   * CR LF on the wire, and the server converts them, and possibly the characters. This library
   * converts nothing: reads return CR LF, and writes should contain it. Some servers accept TYPE A
   * and convert nothing (vsftpd without `ascii_upload_enable` and `ascii_download_enable`). In a
   * URL `transfer-type`.
   *
   * In ASCII, sizes and positions prove nothing. No upload or download is checked by its size
   * (`verifyUploads` has no effect): a partial file that the server calls complete goes unnoticed.
   * Nothing is resumed, nor read by several connections (`parallel` has no effect): after a lost
   * connection, a transfer starts from the beginning, and a write stream collects all its bytes
   * before it sends any. Whatever needs a position fails with ENOTSUP before anything is sent:
   * `open`, `appendFile`, `truncate`, `openAsBlob`, and the options `start`, `end` and the flags
   * `a` and `r+` of streams.
   *
   * @default 'binary'
   * @example { transferType: 'ascii' }
   */
  transferType?: 'binary' | 'ascii' | undefined

  /**
   * Whether each uploaded file is checked: by its size, and, where the size proves nothing because
   * size and time are as before or the file is changed in place, by a hash or the bytes read back.
   * Without the check, the reply of the server counts; a lost connection is still detected. In a
   * URL `disable-upload-verify`, with the opposite meaning.
   *
   * @default true
   * @example { verifyUploads: false }
   */
  verifyUploads?: boolean | undefined

  /**
   * How long to wait after an upload before the check, for servers that show a file late;
   * milliseconds. Applies also with `verifyUploads: false`. In a URL `ftp-upload-delay`.
   *
   * @default 0
   * @example { uploadDelay: 500 }
   */
  uploadDelay?: number | undefined

  /**
   * Whether an upload goes to a temporary name, and is renamed when it is complete. The temporary
   * name is `.ftp-vfs-<12 hex digits>-<name>` in the same folder, with the name cut so that it fits
   * in 255 bytes; without the dot where the server refuses names that begin with a dot. In a URL
   * `atomic-uploads`.
   *
   * @default false
   * @example { atomicUploads: true }
   */
  atomicUploads?: boolean | undefined

  /**
   * How long `stat` and `lstat` may answer from earlier replies to `stat`, `lstat`, `readdir` and
   * `opendir`; milliseconds, 0 for never. In a URL `stat-cache-ttl`. A time from a listing is only
   * as precise as the listing: to the minute or the day for LIST (vsftpd, ProFTPD, servers without
   * MLSD), in a zone as described under `serverTimezone`. Missing paths are not cached, and the
   * cache holds at most 100,000 entries.
   *
   * Changes by this FtpVfs take effect at once: they drop the path that is written, renamed,
   * removed, created or given another time or mode, everything below it, and its folder. Changes by
   * others, and by another path of the same file (a link), are seen when the time is over.
   *
   * @default 0
   * @example { statCacheTtl: 2_000 }
   */
  statCacheTtl?: number | undefined

  /**
   * What `chown`, `chmod` and `utimes`, and their variants for links and file handles, do on a
   * server that has no command for them: `throw` ENOTSUP, or `ignore` the call, with one warning
   * per process (FTP_VFS_UNSUPPORTED_METADATA). FTP has no command for the owner of a file; some
   * servers have none for modes and times. Archivers that run as root set the owner of every file.
   * In a URL `unsupported-metadata`.
   *
   * @default undefined: the methods of FtpVfs throw, those of `vfs.fs` ignore
   * @example { unsupportedMetadata: 'ignore' }
   */
  unsupportedMetadata?: 'throw' | 'ignore' | undefined

  /**
   * How many bytes an upload collects in memory before it starts to send, and keeps until the
   * server has begun to store them; bytes, from 4096 to 1 GiB. Up to this size an upload can start
   * over after a lost connection, whatever its source. Bytes beyond it that wait for a free
   * connection go to a temporary file. In a URL `replay-buffer`.
   *
   * @default 1048576
   * @example { replayBuffer: 256 * 1024 }
   */
  replayBuffer?: number | undefined

  /**
   * How much memory the waiting bytes of all streams, open files and listings of this FtpVfs may
   * take together: bytes read ahead, and bytes collected for writes; bytes, from 1 MiB to 1 TiB.
   * They share it: each may hold as much as it leaves free for others. Without room, a reader does
   * not read ahead, and a writer uses a temporary file (`spoolDirectory`). Each connection also
   * needs memory for its current chunk: up to 512 KiB, and two chunks (`chunkSize`) for each
   * running `upload`. In a URL `memory-limit`.
   *
   * @default 67_108_864 (64 MiB)
   * @example { memoryLimit: 256 * 2 ** 20 }
   */
  memoryLimit?: number | undefined

  /**
   * The folder on this machine for temporary files: the bytes of write streams that wait for a
   * connection, and those for which `memoryLimit` has no room. In a URL `spool-directory`.
   *
   * @default os.tmpdir()
   * @example { spoolDirectory: '/var/spool/backup' }
   */
  spoolDirectory?: string | undefined

  /**
   * The largest number of open connections to the server, 1 to 1000. In a URL `connections`.
   *
   * @default 4
   * @example { connections: 8 }
   */
  connections?: number | undefined

  /**
   * How long an unused connection stays open; milliseconds. In a URL `idle-timeout`.
   *
   * @default 60_000
   * @example { idleTimeout: 10_000 }
   */
  idleTimeout?: number | undefined

  /**
   * How long connecting, and the reply to a command, may take; milliseconds, not 0. In a URL
   * `short-timeout`.
   *
   * @default 30_000
   * @example { shortTimeout: 5_000 }
   */
  shortTimeout?: number | undefined

  /**
   * How long a listing of a folder may take in all; milliseconds, not 0. In a URL `list-timeout`.
   *
   * @default 600_000 (10 minutes)
   * @example { listTimeout: 60_000 }
   */
  listTimeout?: number | undefined

  /**
   * How long a transfer may make no progress because of the server or the network; milliseconds,
   * not 0. In a URL `read-write-timeout`.
   *
   * @default 30_000
   * @example { readWriteTimeout: 120_000 }
   */
  readWriteTimeout?: number | undefined

  /**
   * How long a call may wait for a connection; milliseconds, not 0, or `Infinity` for no limit. The
   * wait for earlier calls on the same path does not count. In a URL `queue-timeout`, where `none`
   * is no limit.
   *
   * @default Infinity
   * @example { queueTimeout: 60_000 }
   */
  queueTimeout?: number | undefined

  /**
   * How often to try again after a failure that may pass: a connection that is refused, reset or
   * silent, a server that restarts, and the replies 421, 425, 426, 450 and 451; from 0, which is
   * never, to 100. It is the limit of a whole call. A read counts anew after each MiB, and each
   * file of a tree has its own count. In a URL `number-of-retries`, as in Duplicati (default 5
   * there).
   *
   * @default 3
   * @example { retries: 10 }
   */
  retries?: number | undefined

  /**
   * How long to wait before the first retry; milliseconds. Each further wait is twice as long, less
   * up to a quarter at random: with the defaults, 10 s in all. The first replacement of a lost
   * session does not wait. In a URL `retry-delay`, as in Duplicati (default 10 s there).
   *
   * @default 1_500
   * @example { retryDelay: 5_000 }
   */
  retryDelay?: number | undefined

  /**
   * How data connections are made. In a URL `ftp-data-connection-type`, which also takes the old
   * names `ftp-passive` (AutoPassive) and `ftp-regular` (AutoActive), with a DeprecationWarning.
   *
   * - `AutoPassive`: EPSV; PASV if EPSV is refused or leads to no connection
   * - `EPSV`: only that command (RFC 2428)
   * - `PASV`, and its synonyms `PASVEX` and `PassiveExtended`: PASV, to the host of the control
   *   connection, whatever address the reply names; the log mentions another address once.
   *   (Duplicati's PASV follows public addresses, so that a server can direct its clients to a
   *   third party.)
   * - `PASVUSE` or `PassiveAllowUnroutable`: PASV, to the address in the reply, private or not
   * - `AutoActive`: EPRT; PORT if the server refuses EPRT
   * - `EPRT`, `PORT`: only that command. In the active modes this machine listens, see
   *   `activePorts` and `activeAddress`, and accepts connections only from the server's own address
   *
   * IPv6 has neither PASV nor PORT: EPSV and EPRT take their place.
   *
   * @default 'AutoPassive'
   * @example { dataConnectionType: 'PASV' }
   */
  dataConnectionType?: DataConnectionType | 'PassiveExtended' | 'PassiveAllowUnroutable' | undefined

  /**
   * The local ports for active data connections (`AutoActive`, `EPRT`, `PORT`), for firewalls that
   * let in only some: a range, the lower port first, or one port, 1 to 65535. A transfer occupies a
   * port until the server has connected, and waits up to `shortTimeout` for a free one. In a URL
   * `active-ports`.
   *
   * @default any free port
   * @example { dataConnectionType: 'AutoActive', activePorts: '50000-50100' }
   */
  activePorts?: string | number | undefined

  /**
   * The address that active mode announces to the server, if NAT hides that of this machine: IPv4
   * or IPv6, the same as the control connection, not a name. In a URL `active-address`.
   *
   * @default the local address of the control connection
   * @example { dataConnectionType: 'AutoActive', activeAddress: '203.0.113.7' }
   */
  activeAddress?: string | undefined

  /**
   * Whether and when a connection switches to TLS. In a URL `ftp-encryption-mode`, or the scheme:
   * `ftps:` is Implicit, `ftpes:` Explicit, and another mode beside them is an error. The old name
   * `use-ssl` (Explicit) works there, with a DeprecationWarning. Data connections use TLS, too
   * (PROT P), with the same checks.
   *
   * - `None`: no TLS. User, password and files go in the clear
   * - `Implicit`: TLS from the first byte, on port 990
   * - `Explicit`: TLS after AUTH TLS on port 21, before the login (RFC 4217)
   * - `Auto`: as Explicit, but in the clear if the server refuses AUTH TLS, with a warning
   *   (FTP_VFS_PLAINTEXT): not safe against an attacker in between. A failed handshake and an
   *   untrusted certificate are errors here, too
   *
   * A server that refuses TLS causes ERR_FTP_TLS, before anything of the login is sent. So does a
   * server that refuses PROT P; only `Auto` then continues, with files and listings in the clear
   * and a warning (FTP_VFS_PLAINTEXT_DATA).
   *
   * @default 'None'
   * @example { encryptionMode: 'Explicit' }
   */
  encryptionMode?: EncryptionMode | undefined

  /**
   * The allowed TLS versions: `None` for Node's default (1.2 and 1.3), or a comma-separated list or
   * an array of `Tls` (1.0), `Tls11`, `Tls12`, `Tls13` without a gap. In a URL `ftp-ssl-protocols`.
   * `Tls` and `Tls11` lower OpenSSL's security level to 0, because OpenSSL refuses them otherwise,
   * with a warning (FTP_VFS_OLD_TLS).
   *
   * @default 'None'
   * @example { sslProtocols: 'Tls12,Tls13' }
   */
  sslProtocols?: 'None' | SslProtocol | readonly SslProtocol[] | (string & {}) | undefined

  /**
   * The hashes of the certificates to accept: SHA-1 or SHA-256 in hex, in any case, with or without
   * colons and spaces. Several are separated by commas or semicolons, or are an array. In a URL
   * `accept-specified-ssl-hash`. (Duplicati takes only SHA-1 without separators.)
   *
   * A hash is that of the server's own certificate, or of an authority in its chain. It replaces
   * the checks of chain and host name, so that a self-signed certificate can be trusted, but not
   * the check of the dates: an expired certificate is refused. A server without a certificate from
   * this list is refused with ERR_FTP_CERTIFICATE, even if Node would trust it, because a pinned
   * certificate excludes others that some authority has signed. (Duplicati also takes certificates
   * that the system trusts.) The error holds the hashes of the server's certificate, ready to
   * paste.
   *
   * @default none
   * @example { acceptSpecifiedSslHash:
   *   '9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B' }
   */
  acceptSpecifiedSslHash?: string | readonly string[] | undefined

  /**
   * Whether to accept every certificate, even an expired one. An attacker in between can then read
   * and change everything: use it for tests only. It causes one warning (FTP_VFS_ANY_CERTIFICATE),
   * and overrides `acceptSpecifiedSslHash`. In a URL `accept-any-ssl-certificate`.
   *
   * @default false
   * @example { acceptAnySslCertificate: true }
   */
  acceptAnySslCertificate?: boolean | undefined

  /**
   * Whether to accept a certificate whose revocation cannot be checked. It has no effect, and
   * exists for Duplicati's URLs: Node fetches neither revocation lists (CRL) nor OCSP responses, so
   * that a revoked certificate is accepted until it expires, with this option or without. Instead,
   * use `acceptSpecifiedSslHash`, and change it together with the certificate, or use certificates
   * that are valid for days only. In a URL `ignore-revocation-failure`.
   *
   * @default false
   * @example { ignoreRevocationFailure: true }
   */
  ignoreRevocationFailure?: boolean | undefined

  /**
   * Certificates of trusted authorities, in PEM: see `tls.createSecureContext`. They replace those
   * that Node trusts by default; `[...tls.rootCertificates, own]` adds to them. Chain, name and
   * dates are checked. Not in a URL.
   *
   * @default those that Node trusts: its own list, or the system's with `--use-system-ca`, and
   *   NODE_EXTRA_CA_CERTS
   * @example { ca: fs.readFileSync('ca.pem') }
   */
  ca?: SecureContextOptions['ca'] | undefined

  /**
   * The certificate of the client, in PEM, for servers that request one; needs `key`. Not in a URL.
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
   * Whether to accept a listing that a Pure-FTPd server cut short (its `LimitRecursion`). Without
   * this option it is an error (ERR_FTP_LISTING_TRUNCATED). In a URL `ignore-pureftpd-limit-issue`.
   *
   * @default false
   * @example { ignorePureftpdLimitIssue: true }
   */
  ignorePureftpdLimitIssue?: boolean | undefined

  /**
   * The command that lists a folder: `MLSD` (RFC 3659), `LIST -a` with names that begin with a dot,
   * `LIST`, or `NLST` (RFC 959), which returns only names, so that the other facts need further
   * commands. By default the library tries them in turn until one works; with this option it sends
   * no other. MLSD may show links as their targets. In a URL `list-command`.
   *
   * @default undefined
   * @example { listCommand: 'LIST' }
   */
  listCommand?: 'MLSD' | 'LIST -a' | 'LIST' | 'NLST' | undefined

  /**
   * What to do with a line of a listing that contains no recognisable name: `throw` an
   * `ERR_FTP_LISTING` that quotes the line, or `skip` it. The diagnostics channel `ftp-vfs:listing`
   * shows skipped lines. The option applies to `readdir`, `opendir`, `glob` and `watch`; `cp`, `rm`
   * and other calls that rely on a complete listing always throw. In a URL `list-errors`.
   *
   * @default 'throw'
   * @example { listErrors: 'skip' }
   */
  listErrors?: 'throw' | 'skip' | undefined

  /**
   * Whether `rm` and `rmdir` with `recursive` remove the content of a folder that may be a link.
   * Some servers show a link to a folder as a folder; without this option such a path is an error
   * (`ENOTSUP`), and nothing behind it is removed. No effect on vsftpd, ProFTPD and Pure-FTPd,
   * which show links. In a URL `remove-unsure-folders`.
   *
   * @default false
   * @example { removeUnsureFolders: true }
   */
  removeUnsureFolders?: boolean | undefined

  /**
   * Whether to log the dialog with the server, and the events of connections and transfers, to
   * stderr, which keeps stdout clean (Duplicati: stdout). User, password, account, host and
   * addresses are masked; paths are not. In a URL `ftp-log-to-console`. `NODE_DEBUG=ftp-vfs` has
   * the same effect without the option.
   *
   * @default false
   * @example { logToConsole: true }
   */
  logToConsole?: boolean | undefined

  /**
   * Whether the log and the diagnostics channels show what they otherwise mask. It does not turn on
   * the log. Errors mask user, password and account in any case. In a URL
   * `ftp-log-privateinfo-to-console`.
   *
   * @default false
   * @example { logToConsole: true, logPrivateInfoToConsole: true }
   */
  logPrivateInfoToConsole?: boolean | undefined

  /**
   * Whether to publish the lines of `logToConsole` on Node's diagnostics channel `ftp-vfs`
   * (`node:diagnostics_channel`), for the program's own log. In a URL `ftp-log-diagnostics`, also
   * with `aftp:`. The channels `ftp-vfs:command`, `ftp-vfs:reply`, `ftp-vfs:session` and
   * `ftp-vfs:transfer`, which publish objects, need no option.
   *
   * @default false
   * @example { logDiagnostics: true }
   */
  logDiagnostics?: boolean | undefined
}

/**
 * Every option with its value, checked and in its canonical form. Names and meanings are those of
 * FtpVfsOptions.
 */
export interface ResolvedOptions {
  /** In lower case and punycode; IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly account: string | undefined
  /**
   * Names joined by single slashes, without a slash at either end and without `.` and `..`; `''` is
   * the login directory or the root itself.
   */
  readonly path: string
  /** Whether `path` is relative to the root of the server instead of the login directory. */
  readonly pathIsAbsolute: boolean
  readonly useCwdNames: boolean
  readonly encoding: NameEncoding
  readonly serverTimezone: string | undefined
  /** Undefined: UTC, or what the library measures. */
  readonly mdtmOffset: string | undefined
  readonly transferType: 'binary' | 'ascii'
  /** False with `ascii`. */
  readonly verifyUploads: boolean
  readonly uploadDelay: number
  readonly atomicUploads: boolean
  /** 0: no cache. */
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
  /** Undefined: the first command that works. */
  readonly listCommand: 'MLSD' | 'LIST -a' | 'LIST' | 'NLST' | undefined
  readonly listErrors: 'throw' | 'skip'
  readonly removeUnsureFolders: boolean
  readonly logToConsole: boolean
  readonly logPrivateInfoToConsole: boolean
  readonly logDiagnostics: boolean
}

/**
 * Combines the options of a URL or an object with those of a second object, which take precedence,
 * each on its own, and fills in the defaults.
 *
 * No error shows a user, password, account or key.
 *
 * @param urlOrOptions a URL, as text or URL object, or an object of options
 * @param options take precedence
 * @returns all options, frozen
 * @throws TypeError `ERR_INVALID_URL` for a malformed URL
 * @throws TypeError `ERR_INVALID_ARG_TYPE` for a value of the wrong type, and for a missing host
 * @throws TypeError `ERR_INVALID_ARG_VALUE` for an unknown option, for an invalid value, and for
 *   options that contradict each other or the scheme of the URL
 * @throws RangeError `ERR_OUT_OF_RANGE` for a number outside its range
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

/** Node's own test: URL objects of another realm count, results of `url.parse` do not. */
function isUrl(value: unknown): value is string | URL {
  if (typeof value === 'string') return true
  const { href, protocol, auth, path } = (value ?? {}) as Record<string, unknown>
  return Boolean(href && protocol) && auth === undefined && path === undefined
}

/** The names in the path of a folder, with `.` and `..` resolved. */
function folderNames(path: string): string[] {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names
}
