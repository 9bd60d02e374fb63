import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { forServers } from '../support/for-servers.js'
import { recordControl } from '../support/recording-proxy.js'
import { open } from './vfs-on.js'

await forServers(
  t,
  'cp with verbatimSymlinks asks for a link when the file that it leads to is in the copy',
  async (t, server) => {
    const tree = join(server.root, 'tree')
    await mkdir(tree)
    await writeFile(join(tree, 'one'), Buffer.alloc(2 ** 20))
    await symlink('one', join(tree, 'link'))
    await using recording = await recordControl(server)
    const { user, password } = server
    const vfs = open(t, recording.url, { user, password, connections: 3 })
    await vfs.cp('/tree', '/copy', { recursive: true, verbatimSymlinks: true })
    const links = recording.commands.filter(line => line.startsWith('SITE SYMLINK'))
    t.same(links, ['SITE SYMLINK /copy/one /copy/link'])
    t.equal(await vfs.realpath('/copy/link'), '/copy/one')
  },
  { only: ['proftpd'] },
)
