import { chown, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { forServers } from '../support/for-servers.js'
import { nextTurn, open, warnings } from './vfs-on.js'

const DAY = 86_400_000

// It takes the offset of Berlin when it begins, and keeps to it: a time of the other half of the year shows that.
await forServers(
  t,
  'with use_localtime=YES times are right with mdtmOffset, and with serverTimezone',
  async (t, { url, root }) => {
    const recent = new Date(Math.floor(Date.now() / DAY - 2) * DAY + 12 * 3_600_000 + 42_000)
    const times = [recent, ...['2024-01-05T10:00:00Z', '2024-07-05T10:00:00Z'].map(text => new Date(text))]
    const { uid, gid } = await stat(root)
    const file = join(root, 'file')
    await writeFile(file, 'x')
    await chown(file, uid, gid)
    const codes = warnings(t)
    for (const options of [{ mdtmOffset: 'Europe/Berlin' }, { serverTimezone: 'Europe/Berlin' }]) {
      const vfs = open(t, url, options)
      for (const time of times) {
        await utimes(file, time, time)
        t.equal((await vfs.stat('/file')).mtime.toISOString(), time.toISOString(), 'stat')
        t.equal((await vfs.lstat('/file')).mtime.toISOString(), time.toISOString(), 'lstat')
        await vfs.utimes('/file', time, new Date(time.getTime() - DAY))
        t.equal((await stat(file)).mtimeMs, time.getTime() - DAY, 'utimes')
      }
      await vfs.mkdir(`/${Object.keys(options).join()}`)
      const [folder] = [await vfs.stat(`/${Object.keys(options).join()}`)]
      t.ok(Math.abs(folder.mtimeMs - Date.now()) < 300_000, 'a folder, whose time only LIST tells')
      await vfs.writeFile('/new', 'x')
    }
    await nextTurn()
    t.same(codes, [])
    await open(t, url).writeFile('/newer', 'x')
    await nextTurn()
    t.same(codes, ['FTP_VFS_MDTM_OFFSET'], 'without an option a warning names it')
  },
  { only: ['vsftpd'], timeZone: 'Europe/Berlin' },
)
