import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ftpUser, type FtpUser } from './ftp-user.js'
import {
  commands,
  programs,
  python,
  realServerNames,
  type RealServerName,
  type RealServerOptions,
} from './real-server-commands.js'
import { writeTlsFiles } from './real-server-tls.js'
import { startProcess, type ServerProcess } from './server-process.js'

const run = promisify(execFile)

export { realServerNames, type RealServerName, type RealServerOptions }

/** A server that runs: one user, who may do everything below `/`; umask 022, times in UTC, no limits but those asked for. */
export interface RealServer extends AsyncDisposable {
  readonly name: RealServerName
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Local folder that is the user's `/`; it belongs to the user. */
  readonly root: string
  /** `ftp://user:password@host:port/` */
  readonly url: string
  /** Process id of the server; its sessions are its children. */
  readonly pid: number
  /**
   * Kills the server and its sessions, and after so many milliseconds starts it again: on the same port, with the
   * same files.
   */
  restart(away?: number): Promise<void>
  /** What the server has written so far; empty once stopped. */
  log(): Promise<string>
  /** Kills the server and its sessions, waits until they are gone, removes `root`. May be called twice. */
  stop(): Promise<void>
}

/** Whether a server that cannot start is a failure of the tests rather than a reason to skip (FTP_VFS_SERVERS=required). */
export function requireServers(): boolean {
  return process.env['FTP_VFS_SERVERS'] === 'required'
}

/** Why a server cannot be started here, in words; undefined when it can. */
export async function serverAvailable(name: RealServerName): Promise<string | undefined> {
  if (process.platform !== 'linux') return `${name} needs Linux`
  // vsftpd, ProFTPD and Pure-FTPd log in and chroot; pyftpdlib does both by itself.
  if (name !== 'pyftpdlib' && process.getuid?.() !== 0) return `${name} needs root`
  const found = name === 'pyftpdlib' ? pyftpdlibFound() : isProgram(programs[name])
  return (await found) ? undefined : `${name} is not installed: run npm run servers`
}

/**
 * Starts a server on a free port. It ends with `stop`, at the latest with this process, however that ends.
 *
 * Throws when it is not available, and when it does not start, with what it said.
 */
export async function startServer(
  name: RealServerName,
  options: RealServerOptions = {},
): Promise<RealServer> {
  const reason = await serverAvailable(name)
  if (reason !== undefined) throw new Error(reason)
  const user = await ftpUser()
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(name, options, user)
    } catch (error) {
      // Between our finding a free port and its using it another process may have taken it.
      if (attempt === 3 || error instanceof RangeError) throw error
    }
  }
}

async function start(name: RealServerName, options: RealServerOptions, user: FtpUser): Promise<RealServer> {
  const host = options.host ?? '127.0.0.1'
  const folder = await mkdtemp(join(tmpdir(), `ftp-vfs-${name}-`))
  const root = join(folder, 'root')
  let server: ServerProcess | undefined
  try {
    await chmod(folder, 0o755)
    await mkdir(root)
    await chown(root, user.uid, user.gid)
    const { within = [] } = options
    const port = await freePort(within.length ? '127.0.0.1' : host)
    const tlsFiles = options.tls && (await writeTlsFiles(options.tls, folder))
    const [command, args] = await commands[name]({ host, port, user, root, folder, tlsFiles, options })
    const [first, ...rest] = [...within, command, ...args] as [string, ...string[]]
    const env = {
      ...(options.timeZone ? { TZ: options.timeZone } : {}),
      ...(tlsFiles ? { OPENSSL_CONF: tlsFiles.openssl } : {}),
      ...options.env,
    }
    const begin = async (): Promise<ServerProcess> => {
      const started = await startProcess(first, rest, folder, env)
      server = started
      await started.listens(port)
      return started
    }
    let current = await begin()
    let changing: Promise<unknown> = Promise.resolve()
    const restart = async (away = 0) => {
      const change = changing.then(async () => {
        await current.kill()
        await sleep(away)
        current = await begin()
      })
      changing = change.catch(() => {})
      return change
    }
    const stop = async () => {
      await changing
      await current.end()
    }
    const { name: userName, password } = user
    const url = `ftp://${userName}:${password}@${host.includes(':') ? `[${host}]` : host}:${port}/`
    return {
      name,
      host,
      port,
      user: userName,
      password,
      root,
      url,
      get pid() {
        return current.pid
      },
      restart,
      log: () => current.log(),
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await (server ? server.end() : rm(folder, { recursive: true }))
    throw error
  }
}

async function freePort(host: string): Promise<number> {
  const listener = createServer()
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(0, host, resolve)
  })
  const { port } = listener.address() as AddressInfo
  await new Promise(resolve => listener.close(resolve))
  return port
}

async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

let pyftpdlib: Promise<boolean> | undefined

function pyftpdlibFound(): Promise<boolean> {
  pyftpdlib ??= run(python, ['-c', 'import pyftpdlib, OpenSSL']).then(
    () => true,
    () => false,
  )
  return pyftpdlib
}
