import { whileLocked } from '../../examples/proper-lockfile.js'
import { FtpVfs } from '../../lib/index.js'
import { onEveryServer } from './on-every-server.js'

const options = { unsupportedMetadata: 'throw' } as const

await onEveryServer(
  'proper-lockfile: two programs that count in one file',
  async (t, { vfs, url, server }) => {
    await using other = new FtpVfs(url, options)
    await vfs.writeFile('/count', '0')
    if (server === 'vsftpd') {
      // MDTM of vsftpd 3.0.3 sets no times of folders.
      await t.rejects(
        whileLocked(vfs, '/count', () => Promise.resolve()),
        { code: 'ENOTSUP' },
      )
      return
    }
    let holders = 0
    const count = async (by: FtpVfs): Promise<void> => {
      t.equal(++holders, 1, 'one holder')
      const before = Number(await by.readFile('/count', 'utf8'))
      await by.writeFile('/count', String(before + 1))
      holders -= 1
    }
    const program = async (by: FtpVfs): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) await whileLocked(by, '/count', () => count(by))
    }
    await Promise.all([vfs, other].map(program))
    t.equal(await vfs.readFile('/count', 'utf8'), '10')
    t.same(await vfs.readdir('/'), ['count'])
  },
  options,
)
