import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pamService, type FtpUser } from './ftp-user.js'
import type { ServerTls, TlsFiles } from './real-server-tls.js'

const run = promisify(execFile)

/** The servers that the tests start: Debian's packages, fetched by install-servers.sh. */
export const realServerNames = ['vsftpd', 'proftpd', 'pure-ftpd', 'pyftpdlib'] as const

export type RealServerName = (typeof realServerNames)[number]

export interface RealServerOptions {
  /**
   * Connections from one address at a time. The next one is answered 421 instead of the greeting; by ProFTPD 1.3.8,
   * which has no 421 for this, 530 to its PASS. Default: no limit.
   */
  maxClients?: number
  /** Control connections idle for so long are closed. Pure-FTPd takes whole minutes only. Default: never. */
  idleTimeoutSeconds?: number
  /** Address to listen on. Default: 127.0.0.1. */
  host?: string
  /** In front of the server's command, where `host` is an address elsewhere: `nsenter --net=…`. Default: nothing. */
  within?: readonly string[]
  /** Default: no TLS. */
  tls?: ServerTls
  /**
   * Time zone of the times in LIST, e.g. `America/New_York`; vsftpd 3.0.3 and pyftpdlib 1.5.7 then have it in MDTM and
   * MLSD too. Default: UTC.
   */
  timeZone?: string
  /** The only ports of passive data connections, in a row. Default: any that is free. */
  passivePorts?: readonly number[]
  /** More environment variables. */
  env?: Record<string, string>
  /**
   * More for this server, after what is there: lines of the configuration file (vsftpd `key=value`, ProFTPD
   * `Directive value`), arguments (Pure-FTPd `-L`, `200000:10`), attributes of the handler class (pyftpdlib
   * `use_sendfile=False`). Default: none.
   */
  settings?: readonly string[]
}

/** What a server is to be: where it listens, what it shows to whom, and where its own files lie. */
export interface Plan {
  readonly host: string
  readonly port: number
  readonly user: FtpUser
  /** The user's `/`. */
  readonly root: string
  /** Configuration, password files and logs. */
  readonly folder: string
  /** Present with `options.tls`. */
  readonly tlsFiles: TlsFiles | undefined
  readonly options: RealServerOptions
}

/** The command that runs a server in the foreground; writes the files it needs first. */
export type Prepare = (plan: Plan) => Promise<[command: string, args: string[]]>

/** Where install-servers.sh puts the packages. */
export const packages = fileURLToPath(new URL('../../.servers/', import.meta.url))

/** Debian's python3, for which Debian's python3-pyftpdlib is; another one may come first in PATH. */
export const python = '/usr/bin/python3'

/** The program of each server. */
export const programs: Record<RealServerName, string> = {
  vsftpd: join(packages, 'vsftpd/usr/sbin/vsftpd'),
  proftpd: join(packages, 'proftpd/usr/sbin/proftpd'),
  'pure-ftpd': join(packages, 'pure-ftpd/usr/sbin/pure-ftpd'),
  pyftpdlib: fileURLToPath(new URL('pyftpd.py', import.meta.url)),
}

// No passive port range but one that is asked for: each data connection gets a port that is free, so servers never get
// in one another's way.
export const commands: Record<RealServerName, Prepare> = {
  vsftpd: async ({ host, port, root, folder, tlsFiles, options }) => {
    const isIPv6 = host.includes(':')
    const file = join(folder, 'vsftpd.conf')
    await writeLines(file, [
      `listen=${isIPv6 ? 'NO' : 'YES'}`,
      `listen_ipv6=${isIPv6 ? 'YES' : 'NO'}`,
      `${isIPv6 ? 'listen_address6' : 'listen_address'}=${host}`,
      `listen_port=${port}`,
      'background=NO',
      'anonymous_enable=NO',
      'local_enable=YES',
      'write_enable=YES',
      'local_umask=022',
      `pam_service_name=${pamService}`,
      'delay_failed_login=0',
      `secure_chroot_dir=${folder}`,
      'chroot_local_user=YES',
      'allow_writeable_chroot=YES',
      `local_root=${root}`,
      'max_clients=0',
      `max_per_ip=${options.maxClients ?? 0}`,
      `idle_session_timeout=${options.idleTimeoutSeconds ?? 0}`,
      'data_connection_timeout=0',
      // Sandboxes of its own need rights that containers withhold.
      'seccomp_sandbox=NO',
      'isolate=NO',
      'isolate_network=NO',
      'xferlog_enable=NO',
      `vsftpd_log_file=${join(folder, 'server.log')}`,
      `use_localtime=${options.timeZone ? 'YES' : 'NO'}`,
      ...rangeOf(options, (first, last) => [`pasv_min_port=${first}`, `pasv_max_port=${last}`]),
      ...vsftpdTls(options.tls, tlsFiles),
      ...(options.settings ?? []),
    ])
    return [programs.vsftpd, [file]]
  },

  proftpd: async ({ host, port, user, root, folder, tlsFiles, options }) => {
    const file = join(folder, 'proftpd.conf')
    const accounts = join(folder, 'accounts')
    const groups = join(folder, 'groups')
    // ProFTPD 1.3.8 refuses an AuthUserFile that others may read.
    const passwd = `${user.name}:${user.passwordHash}:${user.uid}:${user.gid}::${root}:/bin/sh`
    await writeLines(accounts, [passwd], 0o600)
    await writeLines(groups, [`${user.name}:x:${user.gid}:`], 0o600)
    await writeLines(file, [
      `ModulePath ${join(packages, 'proftpd/usr/lib/proftpd')}`,
      'LoadModule mod_site_misc.c',
      'LoadModule mod_copy.c',
      'ServerName ProFTPD',
      'ServerType standalone',
      `UseIPv6 ${host.includes(':') ? 'on' : 'off'}`,
      `DefaultAddress ${host}`,
      'SocketBindTight on',
      `Port ${port}`,
      `User ${user.name}`,
      `Group ${user.name}`,
      'AuthOrder mod_auth_file.c',
      `AuthUserFile ${accounts}`,
      `AuthGroupFile ${groups}`,
      'RequireValidShell off',
      'UseFtpUsers off',
      'DefaultRoot ~',
      'Umask 022',
      'AllowOverwrite on',
      'AllowStoreRestart on',
      'AllowRetrieveRestart on',
      'MaxInstances none',
      ...(options.maxClients ? [`MaxClientsPerHost ${options.maxClients}`] : []),
      `TimeoutIdle ${options.idleTimeoutSeconds ?? 0}`,
      'TimeoutLogin 0',
      'TimeoutNoTransfer 0',
      'TimeoutStalled 0',
      'UseReverseDNS off',
      'DelayEngine off',
      'WtmpLog off',
      'TransferLog none',
      `SystemLog ${join(folder, 'server.log')}`,
      `PidFile ${join(folder, 'proftpd.pid')}`,
      `ScoreboardFile ${join(folder, 'scoreboard')}`,
      `TimesGMT ${options.timeZone ? 'off' : 'on'}`,
      ...rangeOf(options, (first, last) => [`PassivePorts ${first} ${last}`]),
      ...proftpdTls(options.tls, tlsFiles),
      ...(options.settings ?? []),
    ])
    return [programs.proftpd, ['--nodaemon', '--quiet', '--config', file]]
  },

  'pure-ftpd': async ({ host, port, user, root, folder, tlsFiles, options }) => {
    const accounts = join(folder, 'accounts')
    const database = join(folder, 'accounts.pdb')
    // Written by hand: pure-pw useradd (1.0.50) hashes so dearly that a login takes 3.4 s. The twelve empty fields
    // are limits.
    const passwd = `${user.name}:${user.passwordHash}:${user.uid}:${user.gid}::${root}/./${':'.repeat(12)}`
    await writeLines(accounts, [passwd], 0o600)
    await run(join(packages, 'pure-ftpd/usr/bin/pure-pw'), ['mkdb', database, '-f', accounts])
    const idle = options.idleTimeoutSeconds ?? 86_400
    if (idle % 60 !== 0) throw new RangeError('Pure-FTPd counts its idle timeout in minutes')
    if (options.tls?.implicit) throw new RangeError('Pure-FTPd 1.0.50 has no implicit TLS')
    if (options.tls?.clientCa)
      throw new RangeError('Debian builds Pure-FTPd 1.0.50 without client certificates')
    return [
      programs['pure-ftpd'],
      [
        ...['--bind', `${host},${port}`],
        '--chrooteveryone',
        '--noanonymous',
        '--dontresolve',
        ...['--minuid', '1'],
        ...['--umask', '133:022'], // with 022 alone every file becomes executable
        ...['--login', `puredb:${database}`],
        ...['--maxclientsnumber', '10000'],
        ...(options.maxClients ? ['--maxclientsperip', String(options.maxClients)] : []),
        ...['--maxidletime', String(idle / 60)],
        ...['--pidfile', join(folder, 'pure-ftpd.pid')],
        ...rangeOf(options, (first, last) => ['--passiveportrange', `${first}:${last}`]),
        ...(tlsFiles ? ['--tls', '1', '--certfile', tlsFiles.both] : []),
        ...(options.settings ?? []),
      ],
    ]
  },

  pyftpdlib: async ({ host, port, user, root, tlsFiles, options }) => [
    python,
    [
      programs.pyftpdlib,
      `--host=${host}`,
      `--port=${port}`,
      `--root=${root}`,
      `--user=${user.name}`,
      `--password=${user.password}`,
      `--max-clients=${options.maxClients ?? 0}`,
      `--idle-timeout=${options.idleTimeoutSeconds ?? 0}`,
      ...(tlsFiles ? [`--tls=${tlsFiles.both}`] : []),
      ...(options.tls?.implicit ? ['--implicit'] : []),
      ...(options.tls?.clientCa ? [`--client-ca=${tlsFiles?.clientCa}`] : []),
      ...(options.timeZone ? ['use_gmt_times=False'] : []),
      ...(options.passivePorts ? [`passive_ports=[${options.passivePorts.join()}]`] : []),
      ...(options.settings ?? []),
    ],
  ],
}

function rangeOf(
  { passivePorts = [] }: RealServerOptions,
  write: (first: number, last: number) => string[],
): string[] {
  const [first, last] = [passivePorts[0], passivePorts.at(-1)]
  return first === undefined || last === undefined ? [] : write(first, last)
}

function vsftpdTls(tls: ServerTls | undefined, files: TlsFiles | undefined): string[] {
  if (!tls || !files) return []
  return [
    'ssl_enable=YES',
    `rsa_cert_file=${files.cert}`,
    `rsa_private_key_file=${files.key}`,
    'ssl_ciphers=HIGH',
    'force_local_logins_ssl=NO',
    'force_local_data_ssl=NO',
    `implicit_ssl=${tls.implicit ? 'YES' : 'NO'}`,
    ...(tls.clientCa ? ['require_cert=YES', 'validate_cert=YES', `ca_certs_file=${files.clientCa}`] : []),
  ]
}

function proftpdTls(tls: ServerTls | undefined, files: TlsFiles | undefined): string[] {
  if (!tls || !files) return []
  return [
    'LoadModule mod_tls.c',
    'TLSEngine on',
    `TLSRSACertificateFile ${files.cert}`,
    `TLSRSACertificateKeyFile ${files.key}`,
    ...(tls.ca ? [`TLSCertificateChainFile ${files.cert}`] : []),
    'TLSRequired off',
    ...(tls.protocol ? [`TLSProtocol ${tls.protocol}`] : []),
    ...(tls.implicit ? ['TLSOptions UseImplicitSSL'] : []),
    ...(tls.clientCa
      ? ['TLSVerifyClient on', `TLSCACertificateFile ${files.clientCa}`]
      : ['TLSVerifyClient off']),
  ]
}

function writeLines(file: string, lines: string[], mode = 0o644): Promise<void> {
  return writeFile(file, lines.join('\n') + '\n', { mode })
}
