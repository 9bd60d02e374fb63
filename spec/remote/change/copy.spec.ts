import { link, lstat, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FtpVfs } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import { bytes, failureOf, MIB, scriptedVfs } from '../scripted-vfs.js'

t.test('reading and writing take turns with one session', async t => {
  const data = bytes(4 * MIB)
  const { vfs, server, content } = await scriptedVfs(t, { files: { '/from': data, '/to': 'old' } })
  await vfs.copyFile('/from', '/to')
  t.ok(content('/to') === data.toString('latin1'))
  t.equal(server.connections, 1)
})

t.test('with two sessions the copy is written while it is read', async t => {
  const data = bytes(8 * MIB)
  const { vfs, sent, content } = await scriptedVfs(t, { files: { '/from': data } }, { connections: 2 })
  await vfs.copyFile('/from', '/to')
  t.ok(content('/to') === data.toString('latin1'))
  t.equal(sent().filter(line => line.startsWith('RETR')).length, 1)
})

t.test('a file that may be the same is read to its end before it is written', async t => {
  const data = bytes(3 * MIB)
  // The two names are one file, as behind a link.
  const { vfs, server, content } = await scriptedVfs(
    t,
    {
      files: { '/from': data, '/to': data },
      on: {
        STOR: ctx => {
          ctx.server.files.delete('/from')
          return ctx.next()
        },
      },
    },
    { connections: 2 },
  )
  await vfs.copyFile('/from', '/to')
  t.ok(content('/to') === data.toString('latin1'))
  t.notOk(server.files.has('/from'))
})

t.test('a file that may be the same is not removed when the copy fails', async t => {
  const { vfs, server } = await scriptedVfs(t, {
    files: { '/from': 'x', '/to': 'y' },
  })
  server.on['STOR'] = async ctx => {
    ctx.reply('150 Go on')
    for await (const _ of await ctx.data);
    ctx.reply('451 Input/output error')
  }
  t.match(await failureOf(vfs.copyFile('/from', '/to')), { code: 'EIO', incomplete: '/to', dest: '/to' })
  t.ok(server.files.has('/to'))
})

t.test('a source that is lost on the way leaves nothing behind', async t => {
  const data = bytes(8 * MIB)
  const { vfs, server } = await scriptedVfs(
    t,
    {
      files: { '/from': data },
      on: {
        RETR: async ctx => {
          if (ctx.n > 1) return ctx.reply('550 Permission denied')
          await ctx.send([data.subarray(0, 6 * MIB)])
        },
      },
    },
    { connections: 2 },
  )
  t.match(await failureOf(vfs.copyFile('/from', '/to')), { code: 'EACCES', path: '/from', dest: '/to' })
  t.notOk(server.files.has('/to'))
  t.equal(vfs.stats().busy, 0)
})

await forServers(t, 'onto another name of the same file keeps it', async (t, { name, url, root }) => {
  await using vfs = new FtpVfs(url, { connections: 2 })
  const data = bytes(3 * MIB)
  await vfs.writeFile('/file', data)
  await vfs.mkdir('/folder')
  await symlink('file', join(root, 'link'))
  await symlink('.', join(root, 'folder', 'up'))
  await link(join(root, 'file'), join(root, 'hard'))
  // Pure-FTPd 1.0.50 does not store through a link to a file.
  const others = name === 'pure-ftpd' ? ['/hard'] : ['/link', '/hard']
  for (const other of others) {
    await vfs.copyFile('/file', other)
    t.ok(data.equals(await readFile(join(root, 'file'))), `onto ${other}`)
    await vfs.copyFile(other, '/file')
    t.ok(data.equals(await readFile(join(root, 'file'))), `from ${other}`)
  }
  t.ok((await lstat(join(root, 'link'))).isSymbolicLink())
})
