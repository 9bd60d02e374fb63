import * as fsPromises from 'node:fs/promises'
import type { FtpVfsOptions } from '../../lib/index.js'
import { makeAuthority } from '../support/certificates.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { FaultProxy } from '../support/fault-proxy.js'
import { ftpUser } from '../support/ftp-user.js'
import { realServerNames, startServer, type RealServerName } from '../support/real-servers.js'
import { Disk } from './disk.js'
import type { Mode } from './mode.js'

export const subjectNames = ['embedded', ...realServerNames] as const

export type SubjectName = (typeof subjectNames)[number]

/** A server behind a proxy, and its disk. */
export interface Subject {
  readonly proxy: FaultProxy
  readonly disk: Disk
  readonly url: string
  /** Of the clients: what the mode asks for. */
  readonly options: FtpVfsOptions
  readonly restart: ((away: number) => Promise<void>) | undefined
}

/**
 * vsftpd 3.0.3 locks a file that is uploaded while it waits for the data connection: for a minute, unless told
 * otherwise. Beside the short timeouts of the clients that is too long.
 */
const settings: Partial<Record<SubjectName, readonly string[]>> = {
  vsftpd: ['accept_timeout=2', 'data_connection_timeout=5'],
}

export async function startSubject(name: SubjectName, mode: Mode): Promise<Subject> {
  const authority = mode === 'tls' ? await makeAuthority() : undefined
  const tls = await authority?.issue({ names: ['127.0.0.2'] })
  const options: FtpVfsOptions = {
    ...(authority && { encryptionMode: 'Explicit' as const, ca: authority.ca }),
    atomicUploads: mode === 'atomicUploads',
  }
  if (name === 'embedded') {
    const proxy = await FaultProxy.start(passivePorts =>
      startEmbeddedServer({ passivePorts, ...(tls && { tls }) }),
    )
    const disk = new Disk(proxy.server.fs.promises as unknown as typeof fsPromises, '')
    return { proxy, disk, url: proxy.url(proxy.server), options, restart: undefined }
  }
  return startReal(name, options, tls)
}

async function startReal(
  name: RealServerName,
  options: FtpVfsOptions,
  tls: { cert: string; key: string } | undefined,
): Promise<Subject> {
  const proxy = await FaultProxy.start(passivePorts =>
    startServer(name, { passivePorts, settings: settings[name] ?? [], ...(tls && { tls }) }),
  )
  const { server } = proxy
  const { uid, gid } = await ftpUser()
  const disk = new Disk(fsPromises, server.root, { uid, gid })
  return { proxy, disk, url: proxy.url(server), options, restart: away => server.restart(away) }
}
