import { lchown, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FtpVfs } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import { failureOf, greetings, scriptedVfs } from '../scripted-vfs.js'

t.test('PWD tells the real path of a folder, which is the one of the tree', async t => {
  const { vfs } = await scriptedVfs(
    t,
    {
      greeting: greetings.vsftpd,
      files: { '/home/me/real/f': 'x', '/home/me/link/f': 'x' },
      on: {
        PWD: ctx => {
          const { cwd } = ctx.connection
          ctx.reply(`257 "${cwd.replace('/home/me/link', '/home/me/real')}"`)
        },
      },
    },
    { path: '/home/me' },
  )
  t.equal(await vfs.realpath('/'), '/')
  t.equal(await vfs.realpath('/real'), '/real')
  t.equal(await vfs.realpath('/link'), '/real')
  t.equal(await vfs.realpath('/link/f'), '/real/f')
})

t.test('a folder that lies elsewhere has no other path', async t => {
  const { vfs } = await scriptedVfs(
    t,
    {
      greeting: greetings.vsftpd,
      files: { '/home/link': null },
      on: { PWD: ctx => ctx.reply(`257 "${ctx.connection.cwd.replace('/home/link', '/srv')}"`) },
    },
    { path: '/home' },
  )
  t.equal(await vfs.realpath('/link'), '/link')
})

t.test('on a server that is not known the listings tell', async t => {
  const { vfs } = await scriptedVfs(t, {
    mlst: false,
    files: { '/a/f': 'x', '/link/f': 'x' },
    on: {
      LIST: ctx =>
        ctx.path === '/-a' || ctx.path === '/'
          ? ctx.send(['drwxr-xr-x 1 u g 0 Jan 1 2020 a\r\n', 'lrwxrwxrwx 1 u g 1 Jan 1 2020 link -> a\r\n'])
          : ctx.next(),
    },
  })
  t.equal(await vfs.realpath('/link'), '/a')
  t.equal(await vfs.realpath('/link/f'), '/a/f')
  t.equal(await vfs.realpath('/a/../a/./f'), '/a/f')
})

t.test('what is missing has none', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': 'x' } })
  t.match(await failureOf(vfs.realpath('/none')), { code: 'ENOENT', syscall: 'realpath', path: '/none' })
  t.match(await failureOf(vfs.realpath('/f/below')), { code: 'ENOTDIR' })
})

await forServers(
  t,
  'links to folders are resolved',
  async (t, { url, root }) => {
    const { uid, gid } = await stat(root)
    await using vfs = new FtpVfs(url, { connections: 1 })
    await vfs.mkdir('/a/b "c"', { recursive: true })
    await vfs.writeFile('/a/b "c"/f', 'x')
    await symlink('a/b "c"', join(root, 'link'))
    await lchown(join(root, 'link'), uid, gid)
    t.equal(await vfs.realpath('/link'), '/a/b "c"')
    t.equal(await vfs.realpath('/link/f'), '/a/b "c"/f')
    t.equal(await vfs.realpath('/a'), '/a')
    await using below = new FtpVfs(`${url}link`, { connections: 1 })
    t.equal(await below.realpath('/f'), '/f')
  },
  { only: ['vsftpd', 'proftpd', 'pure-ftpd'] },
)
