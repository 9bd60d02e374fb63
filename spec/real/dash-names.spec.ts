import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { forServers } from '../support/for-servers.js'

// ProFTPD 1.3.8 takes `-a` for a name where there is one.
await forServers(t, 'a folder or file named as an option is one of many', async (t, { url, root }) => {
  for (const [folder, own] of [
    ['of-folder', true],
    ['of-file', false],
  ] as const) {
    await mkdir(join(root, folder, 'sub'), { recursive: true })
    await writeFile(join(root, folder, '.hidden'), 'x')
    await writeFile(join(root, folder, 'file'), 'x')
    if (own) {
      await mkdir(join(root, folder, '-a'))
      await writeFile(join(root, folder, '-a', 'inner'), 'x')
    } else {
      await writeFile(join(root, folder, '-a'), 'x')
    }
  }
  for (const useCwdNames of [false, true]) {
    await using vfs = new FtpVfs(url, { connections: 1, useCwdNames })
    for (const folder of ['of-folder', 'of-file']) {
      const names = ['-a', '.hidden', 'file', 'sub']
      t.same((await vfs.readdir(`/${folder}`)).sort(), names, folder)
      const shown: string[] = []
      for await (const { name } of await vfs.opendir(`/${folder}`)) shown.push(name)
      t.same(shown.sort(), names, folder)
      const { size } = await vfs.lstat(`/${folder}/-a`)
      if (folder === 'of-file') t.equal(size, 1)
    }
    t.same(await vfs.readdir('/of-folder/-a'), ['inner'])
  }
})
