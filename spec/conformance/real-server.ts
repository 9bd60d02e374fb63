import t, { type Test } from 'tap'
import * as fsPromises from 'node:fs/promises'
import { FtpVfs, type FtpVfsOptions } from '../../lib/index.js'
import { makeAuthority } from '../support/certificates.js'
import {
  requireServers,
  serverAvailable,
  startServer,
  type RealServerName,
  type RealServerOptions,
} from '../support/real-servers.js'
import { core } from './core.js'
import { ftpVfsDepartures } from './ftp-vfs-departures.js'
import { leavesNothingOpen } from './left-open.js'
import { modes } from './modes.js'
import { conformance } from './suite.js'
import type { Departure, FsUnderTest } from './target.js'

/**
 * The suite on a server of its own, and the core of it in every other mode of connection; without that server the test
 * is skipped, or fails where servers are required.
 */
export async function onRealServer(
  name: RealServerName,
  departures: Record<string, Departure>,
): Promise<void> {
  const missing = process.env['FTP_VFS_SERVERS']
    ? await serverAvailable(name)
    : 'runs in npm run test:servers'
  if (missing !== undefined) {
    if (requireServers()) t.fail(missing)
    else await t.test(`${name} [not here: ${missing}]`, { skip: missing }, () => {})
    return
  }
  const all = process.env['FTP_VFS_MODES'] === 'all'
  if (all) t.setTimeout(900_000)
  const authority = await makeAuthority()
  const issued = await authority.issue()
  await t.test(`FtpVfs on ${name}`, t => runOn(t, name, {}, {}, departures))
  for (const { name: mode, options, implicit, on } of modes) {
    if (!on.includes(name)) continue
    const secured = options.encryptionMode !== undefined
    const tls = secured ? { tls: { ...issued, ...(implicit && { implicit }) } } : {}
    const trust = secured ? { ca: authority.ca } : {}
    await t.test(`FtpVfs on ${name}: ${mode}`, t =>
      runOn(t, name, tls, { ...options, ...trust }, departures, all ? undefined : core),
    )
  }
}

async function runOn(
  t: Test,
  name: RealServerName,
  serverOptions: RealServerOptions,
  options: FtpVfsOptions,
  departures: Record<string, Departure>,
  only?: ReadonlySet<string>,
): Promise<void> {
  const server = await startServer(name, serverOptions)
  t.teardown(() => server.stop())
  const vfs = new FtpVfs(server.url, { ...options, connections: 2 })
  await vfs.mkdir('/base')
  const target = {
    name: t.name,
    fs: vfs as unknown as FsUnderTest,
    outside: { fs: fsPromises, root: server.root },
    base: '/base',
    ftp: true,
    departures: { ...ftpVfsDepartures, ...departures },
  }
  await conformance(t, target, only)
  await leavesNothingOpen(t, async () => {
    await vfs.close()
    await server.stop()
  })
}
