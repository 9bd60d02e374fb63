import fs from 'node:fs'
import { makeAuthority } from '../spec/support/certificates.js'
import {
  realServerNames,
  serverAvailable,
  startServer,
  type RealServer,
} from '../spec/support/real-servers.js'
import { startChild } from './child.js'
import type { Login } from './contestants/contestant.js'
import type { EmbeddedQuestion } from './embedded.js'
import { layFiles, renewUploads, type ServerFiles } from './server-files.js'

export const serverNames = [...realServerNames, 'embedded'] as const

export type ServerName = (typeof serverNames)[number]

/** Whether a server speaks TLS here, and the clients with it. */
export const tlsModes = ['none', 'explicit'] as const

export type TlsMode = (typeof tlsModes)[number]

/** The embedded one does not. */
export const speaksTls = (name: ServerName): boolean => name !== 'embedded'

/** A server with the files of the bench, in processes of its own. */
export interface BenchServer extends AsyncDisposable {
  login: Login
  /** Empties the folder for uploads. */
  renew(): Promise<void>
}

/** vsftpd where it can be started, else what everybody has. */
export async function defaultServer(): Promise<ServerName> {
  return (await serverAvailable('vsftpd')) === undefined ? 'vsftpd' : 'embedded'
}

/** Rejects when the server cannot be started here, with the reason. */
export async function startBenchServer(
  name: ServerName,
  files: ServerFiles,
  tls: TlsMode,
): Promise<BenchServer> {
  if (name === 'embedded') return startEmbedded(files)
  const certificate = tls === 'none' ? undefined : await (await makeAuthority()).issue()
  // A server that offers TLS may be slower without it, too: vsftpd 3.0.3 needs one process more.
  const server = await inMemory(() => startServer(name, certificate && { tls: certificate }))
  layFiles(fs, server.root, files)
  const { host, port, user, password } = server
  return {
    login: { host, port, user, password, ...(certificate && { ca: certificate.ca }) },
    renew: async () => renewUploads(fs, server.root),
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

async function startEmbedded(lay: ServerFiles): Promise<BenchServer> {
  const child = startChild('embedded.ts')
  const login = await child.ask<Login>({ lay } satisfies EmbeddedQuestion)
  return {
    login,
    renew: () => child.ask({ renew: true } satisfies EmbeddedQuestion),
    [Symbol.asyncDispose]: () => child.stop(),
  }
}

// What a big file and the one for memory take, and as much again when they come up.
const room = 8 * 2 ** 30

/** Starts a server whose files lie in memory where there is room for them (Linux), so that no disk is measured. */
async function inMemory(start: () => Promise<RealServer>): Promise<RealServer> {
  const { TMPDIR: given } = process.env
  const folder = '/dev/shm'
  if (given !== undefined || !fs.existsSync(folder) || Math.min(free(folder), availableMemory()) < room)
    return start()
  // The server's folder is made in os.tmpdir().
  process.env['TMPDIR'] = folder
  try {
    return await start()
  } finally {
    delete process.env['TMPDIR']
  }
}

function free(folder: string): number {
  const { bavail, bsize } = fs.statfsSync(folder)
  return bavail * bsize
}

function availableMemory(): number {
  return (
    Number(/^MemAvailable:\s*(\d+) kB$/m.exec(fs.readFileSync('/proc/meminfo', 'latin1'))?.[1] ?? 0) * 1024
  )
}
