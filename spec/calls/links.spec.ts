import t from 'tap'
import { failureOf, greetings, scriptedVfs } from '../remote/scripted-vfs.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { forServers } from '../support/for-servers.js'
import { symlink } from 'node:fs/promises'
import { FtpVfs } from '../../lib/index.js'

t.test('link is ENOTSUP: FTP has no hard links', async t => {
  const { vfs, sent } = await scriptedVfs(t, { files: { '/f': 'x' } })
  t.match(await failureOf(vfs.link('/f', '/g')), {
    code: 'ENOTSUP',
    syscall: 'link',
    path: '/f',
    dest: '/g',
    message: /link '\/f' -> '\/g' \(FTP has no hard links\)$/,
  })
  t.match(await failureOf(vfs.link(1 as never, '/g')), {
    code: 'ERR_INVALID_ARG_TYPE',
    message: /existingPath/,
  })
  t.same(sent(), [])
})

const ofSite = (line: string): boolean => line.startsWith('SITE ')

t.test('a space in a path of SITE SYMLINK is quoted on a server that knows quotes, else refused', async t => {
  const on = { SITE: (ctx: { reply(text: string): void }) => ctx.reply('200 done') }
  const proftpd = await scriptedVfs(t, { greeting: greetings.proftpd, on }, { path: '/my root' })
  await proftpd.vfs.symlink('/a "b"\\', '/c')
  t.same(proftpd.sent().filter(ofSite), [String.raw`SITE SYMLINK "/my root/a \"b\"\\""/my root/c"`])
  const unknown = await scriptedVfs(t, { on }, { path: '/root' })
  await unknown.vfs.symlink('../f', '/sub/link')
  await unknown.vfs.symlink(Buffer.from('f'), '/link')
  t.match(await failureOf(unknown.vfs.symlink('/a b', '/c')), {
    code: 'EINVAL',
    message: /cannot name a path that holds a space/,
  })
  t.same(unknown.sent().filter(ofSite), [
    'SITE SYMLINK /root/f /root/sub/link',
    'SITE SYMLINK /root/f /root/link',
  ])
})

t.test('without SITE SYMLINK, ENOTSUP names the command, which is tried only once', async t => {
  for (const reply of ['500 Unknown SITE command', '202 Superfluous']) {
    const { vfs, sent } = await scriptedVfs(t, { on: { SITE: ctx => ctx.reply(reply) } })
    for (const name of ['/a', '/b']) {
      t.match(await failureOf(vfs.symlink('/f', name)), {
        code: 'ENOTSUP',
        syscall: 'symlink',
        path: '/f',
        dest: name,
        message: /\(the server has no SITE SYMLINK\)$/,
      })
    }
    t.equal(sent().filter(ofSite).length, 1)
  }
})

t.test('arguments of symlink', async t => {
  const { vfs, sent } = await scriptedVfs(t)
  t.match(await failureOf(vfs.symlink('/f', '/l', 'folder' as never)), {
    code: 'ERR_FS_INVALID_SYMLINK_TYPE',
  })
  t.match(await failureOf(vfs.symlink(5 as never, '/l')), {
    code: 'ERR_INVALID_ARG_TYPE',
    message: /"target"/,
  })
  t.match(await failureOf(vfs.symlink('', '/l')), { code: 'ENOENT', syscall: 'symlink' })
  t.same(sent(), [])
})

t.test('targets below the root are paths of the FtpVfs, other targets stay unchanged', async t => {
  await using server = await startEmbeddedServer()
  server.fs.mkdirSync('/home/me/folder', { recursive: true })
  server.fs.writeFileSync('/home/me/file', 'x')
  server.fs.writeFileSync('/home/secret', 'x')
  const targets = {
    own: '/home/me/file',
    root: '/home/me',
    out: '/home/secret',
    up: '../secret',
    like: '/home/me2',
  }
  for (const [name, target] of Object.entries(targets)) server.fs.symlinkSync(target, `/home/me/${name}`)
  await using vfs = new FtpVfs(`${server.url}/home/me`)
  const read = await Promise.all(Object.keys(targets).map(name => vfs.readlink(`/${name}`)))
  t.same(read, ['/file', '/', '/home/secret', '../secret', '/home/me2'])
  t.equal(await vfs.realpath('/own'), '/file')
  t.equal(await vfs.realpath('/root/folder'), '/folder')
  t.equal(await vfs.realpath('/out'), '/out', 'there are no paths outside')
  t.equal(await vfs.realpath('/up'), '/up')
  await vfs.symlink('/file', '/folder/new')
  t.equal(server.fs.readlinkSync('/home/me/folder/new'), '/home/me/file')
  t.match(await failureOf(vfs.symlink('/file', '/folder/')), { code: 'EEXIST' })
  t.match(await failureOf(vfs.symlink('/file', '/none/')), { code: 'ENOENT' })
})

t.test('exists', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': 'x', '/d': null } })
  t.equal(await vfs.exists('/f'), true)
  t.equal(await vfs.exists('/d'), true)
  t.equal(await vfs.exists('/none'), false)
  t.equal(await vfs.exists('/f/below'), false)
  t.equal(await vfs.exists(5 as never), false)
  t.equal(await vfs.exists(''), false)
  await vfs.close()
  t.match(
    await failureOf(vfs.exists('/f')),
    { code: 'ERR_FTP_CLOSED' },
    'without a server there is no answer',
  )
})

await forServers(
  t,
  'ProFTPD does not list a link to its own folder: its type is known, its target is not',
  async (t, { url, root }) => {
    await symlink('.', `${root}/here`)
    await using vfs = new FtpVfs(url)
    t.match(await failureOf(vfs.readlink('/here')), { code: 'ENOTSUP', message: /does not tell where/ })
    const stats = await vfs.lstat('/here')
    t.equal(stats.isSymbolicLink(), true)
    t.equal(stats.size, 1, 'the size of the link itself')
  },
  { only: ['proftpd'] },
)
