import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { ftpVfsDepartures } from './ftp-vfs-departures.js'
import { leavesNothingOpen } from './left-open.js'
import { siteSymlink } from './link-departures.js'
import { memfsOutside } from './memfs-outside.js'
import { conformance } from './suite.js'
import { because, type FsUnderTest } from './target.js'

const server = await startEmbeddedServer()
const vfs = new FtpVfs(server.url, { connections: 2 })
await vfs.mkdir('/base')

await conformance(t, {
  name: 'FtpVfs on ftp-srv',
  fs: vfs as unknown as FsUnderTest,
  outside: { fs: memfsOutside(server.volume), root: '' },
  base: '/base',
  ftp: true,
  departures: {
    ...ftpVfsDepartures,
    ...siteSymlink,
    ...because(
      { reason: 'SITE SYMLINK takes words for paths', code: 'EINVAL' },
      'symlink: names with spaces',
    ),
  },
})

await leavesNothingOpen(t, async () => {
  await vfs.close()
  await server.stop()
})
