import t from 'tap'
import * as fsPromises from 'node:fs/promises'
import { FtpVfs } from '../../lib/index.js'
import { requireServers, serverAvailable, startServer, type RealServerName } from '../support/real-servers.js'
import { ftpVfsDepartures } from './ftp-vfs-departures.js'
import { leavesNothingOpen } from './left-open.js'
import { conformance } from './suite.js'
import type { Departure, FsUnderTest } from './target.js'

/** The suite on a server of its own; without that server the test is skipped, or fails where servers are required. */
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
  const server = await startServer(name)
  const vfs = new FtpVfs(server.url, { connections: 2 })
  t.teardown(() => server.stop())
  await vfs.mkdir('/base')
  await conformance(t, {
    name: `FtpVfs on ${name}`,
    fs: vfs as unknown as FsUnderTest,
    outside: { fs: fsPromises, root: server.root },
    base: '/base',
    ftp: true,
    departures: { ...ftpVfsDepartures, ...departures },
  })
  await leavesNothingOpen(t, async () => {
    await vfs.close()
    await server.stop()
  })
}
