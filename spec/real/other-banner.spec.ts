import { access, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { forServers } from '../support/for-servers.js'
import type { RealServerName } from '../support/real-servers.js'
import { open } from './vfs-on.js'

// With a greeting of its administrator's a server is not known, and gets the careful way.

const banners: [RealServerName, setting: string][] = [
  ['vsftpd', 'ftpd_banner=Welcome'],
  ['proftpd', 'ServerIdent off'],
]

for (const [name, setting] of banners) {
  await forServers(
    t,
    `${setting}: a tree is removed, and what a link leads to is kept`,
    async (t, { url, root }) => {
      const vfs = open(t, url)
      t.equal((await vfs.server()).kind, 'unknown')
      await vfs.mkdir('/kept')
      await vfs.writeFile('/kept/file', 'x')
      await vfs.mkdir('/tree/sub/deep', { recursive: true })
      await vfs.writeFile('/tree/sub/deep/file', 'x')
      await symlink('../kept', join(root, 'tree/link'))
      await vfs.rm('/tree', { recursive: true })
      t.same(await readdir(root), ['kept'])
      await access(join(root, 'kept/file'))
      await symlink('kept', join(root, 'link'))
      await vfs.rm('/link', { recursive: true })
      t.same(await readdir(root), ['kept'])
      await access(join(root, 'kept/file'))
    },
    { only: [name], settings: [setting] },
  )
}
