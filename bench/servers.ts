import fs from 'node:fs'
import { makeAuthority } from '../spec/support/certificates.js'
import {
  realServerNames,
  serverAvailable,
  startServer,
  type RealServer,
  type RealServerOptions,
} from '../spec/support/real-servers.js'
import type { Work } from './amounts.js'
import { startChild } from './child.js'
import type { Login } from './contestants/contestant.js'
import type { Distance } from './distance.js'
import type { EmbeddedQuestion } from './embedded.js'
import { memoryFolder } from './memory-folder.js'
import { layFiles, renewUploads, uploaded, type ServerFiles } from './server-files.js'

export const serverNames = [...realServerNames, 'embedded', 'embedded-nagle'] as const

export type ServerName = (typeof serverNames)[number]

/** Whether a server speaks TLS here, and the clients with it. */
export const tlsModes = ['none', 'explicit'] as const

export type TlsMode = (typeof tlsModes)[number]

/** ftp-srv in a process of its own; `embedded-nagle`: with Nagle's algorithm, as it is by default. */
export const isEmbedded = (name: ServerName): name is 'embedded' | 'embedded-nagle' =>
  name === 'embedded' || name === 'embedded-nagle'

/** The embedded ones do not. */
export const speaksTls = (name: ServerName): boolean => !isEmbedded(name)

/** A server with the files of the bench, in processes of its own. */
export interface BenchServer extends AsyncDisposable {
  login: Login
  /** Empties the folder for uploads, and lays the tree that is to be removed. */
  renew(tree?: Work): Promise<void>
  /** What lies in the folder for uploads. */
  uploaded(): Promise<{ entries: number; bytes: number }>
}

/** vsftpd where it can be started, else what everybody has. */
export async function defaultServer(): Promise<ServerName> {
  return (await serverAvailable('vsftpd')) === undefined ? 'vsftpd' : 'embedded'
}

// Pure-FTPd 1.0.50 cuts listings at 10,000 entries.
const settings: Partial<Record<ServerName, RealServerOptions>> = {
  'pure-ftpd': { settings: ['-L', '200000:10'] },
}

/** Rejects when the server cannot be started here, with the reason. */
export async function startBenchServer(
  name: ServerName,
  files: ServerFiles,
  tls: TlsMode,
  place: Distance['server'],
): Promise<BenchServer> {
  if (isEmbedded(name)) return startEmbedded(files, place, name === 'embedded')
  const { host } = place
  const certificate = tls === 'none' ? undefined : await (await makeAuthority()).issue({ names: [host] })
  // A server that offers TLS may be slower without it, too: vsftpd 3.0.3 needs one process more.
  const options = { ...place, ...settings[name], ...(certificate && { tls: certificate }) }
  const server = await inMemory(() => startServer(name, options))
  layFiles(fs, server.root, files)
  const { port, user, password } = server
  return {
    login: { host, port, user, password, ...(certificate && { ca: certificate.ca }) },
    renew: async tree => renewUploads(fs, server.root, tree),
    uploaded: async () => uploaded(fs, server.root),
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

async function startEmbedded(
  lay: ServerFiles,
  { host, within }: Distance['server'],
  noDelay: boolean,
): Promise<BenchServer> {
  const child = startChild('embedded.ts', { within })
  const ask = <Answer>(question: EmbeddedQuestion) => child.ask<Answer>(question)
  return {
    login: await ask<Login>({ lay, host, noDelay }),
    renew: tree => ask({ renew: true, tree }),
    uploaded: () => ask({ look: true }),
    [Symbol.asyncDispose]: () => child.stop(),
  }
}

async function inMemory(start: () => Promise<RealServer>): Promise<RealServer> {
  const { TMPDIR: given } = process.env
  if (given !== undefined) return start()
  // The server's folder is made in os.tmpdir().
  process.env['TMPDIR'] = memoryFolder()
  try {
    return await start()
  } finally {
    delete process.env['TMPDIR']
  }
}
