import t from 'tap'
import { FtpVfs } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import { bytes, failureOf, MIB, scriptedVfs } from '../scripted-vfs.js'

t.test('what is kept is read before the file is stored anew', async t => {
  const data = bytes(3 * MIB)
  const { vfs, content, sent } = await scriptedVfs(t, { files: { '/f': data } })
  await vfs.truncate('/f', 2 * MIB)
  t.ok(content('/f') === data.subarray(0, 2 * MIB).toString('latin1'))
  t.ok(sent().indexOf('RETR /f') < sent().indexOf('STOR /f'))
})

t.test('to nothing, nothing is read', async t => {
  const { vfs, content, sent } = await scriptedVfs(t, { files: { '/f': 'old' } })
  await vfs.truncate('/f')
  t.equal(content('/f'), '')
  t.notOk(sent().includes('RETR /f'))
})

t.test('a longer file is the old one and zeros', async t => {
  const { vfs, content, sent } = await scriptedVfs(t, { files: { '/f': 'old' } })
  await vfs.truncate('/f', 600_000)
  t.ok(content('/f') === `old${'\0'.repeat(599_997)}`)
  t.notOk(sent().includes('STOR /f'))
})

t.test('a source that cannot be read leaves the file as it is, and no session in use', async t => {
  const { vfs, content } = await scriptedVfs(t, {
    files: { '/f': 'older' },
    on: { RETR: ctx => ctx.reply('550 Permission denied') },
  })
  t.match(await failureOf(vfs.truncate('/f', 3)), { code: 'EACCES', path: '/f' })
  t.equal(content('/f'), 'older')
  t.equal(vfs.stats().busy, 0)
})

t.test('a disk of ours that is full leaves the file as it is, and no session in use', async t => {
  const data = bytes(3 * MIB)
  const { vfs, content } = await scriptedVfs(
    t,
    { files: { '/f': data } },
    { spoolDirectory: '/dev/null/none' },
  )
  t.match(await failureOf(vfs.truncate('/f', 2 * MIB)), { code: 'ENOTDIR' })
  t.ok(content('/f') === data.toString('latin1'))
  t.equal((await vfs.stat('/f')).size, data.length)
  t.equal(vfs.stats().busy, 0)
})

await forServers(t, 'shorter, longer and to nothing', async (t, { url }) => {
  await using vfs = new FtpVfs(url, { connections: 1 })
  const data = bytes(300_000)
  await vfs.writeFile('/f', data)
  await vfs.truncate('/f', 200_000)
  t.ok(data.subarray(0, 200_000).equals(await vfs.readFile('/f')))
  await vfs.truncate('/f', 250_000)
  t.ok(Buffer.concat([data.subarray(0, 200_000), Buffer.alloc(50_000)]).equals(await vfs.readFile('/f')))
  await vfs.truncate('/f')
  t.equal((await vfs.stat('/f')).size, 0)
})
