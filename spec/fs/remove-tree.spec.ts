import { lchown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { failureOf, greetings, scriptedVfs } from '../remote/scripted-vfs.js'
import { forServers } from '../support/for-servers.js'

/** Creates entries that belong to the server's user: text is a file, null a folder, [] a link. */
async function lay(root: string, entries: Record<string, string | null | string[]>): Promise<void> {
  const { uid, gid } = await stat(root)
  for (const [name, content] of Object.entries(entries)) {
    const path = join(root, name)
    if (content === null) await mkdir(path)
    else if (typeof content === 'string') await writeFile(path, content)
    else await symlink(content[0]!, path)
    await lchown(path, uid, gid)
  }
}

await forServers(t, 'rm never descends through a link', async (t, { name, url, root }) => {
  await using vfs = new FtpVfs(url, { connections: 2 })
  await lay(root, {
    kept: null,
    'kept/file': 'x',
    'kept/sub': null,
    'kept/sub/file': 'y',
    tree: null,
    'tree/file': 'z',
    'tree/.dot': 'z',
    'tree/to folder': ['../kept'],
    'tree/to its folder': ['../kept/sub'],
    'tree/to file': ['../kept/file'],
    // pyftpdlib 1.5.7 does not remove a link that leads out of its root, so this test does.
    ...(name !== 'pyftpdlib' && { 'tree/absolute': ['/kept'] }),
    'tree/up': ['..'],
    'tree/self': ['.'],
    'tree/sub': null,
    'tree/sub/to folder': ['../../kept'],
    'tree/sub/to tree': ['../../tree'],
  })
  await vfs.rm('/tree', { recursive: true })
  t.same(await readdir(root), ['kept'])
  t.same((await readdir(root, { recursive: true })).sort(), [
    'kept',
    'kept/file',
    'kept/sub',
    'kept/sub/file',
  ])
  t.equal(vfs.stats().busy, 0)
})

await forServers(t, 'rm removes links that lead nowhere', async (t, { url, root }) => {
  await using vfs = new FtpVfs(url, { connections: 2 })
  await lay(root, {
    tree: null,
    'tree/nowhere': ['none'],
    'tree/self': ['self'],
    'tree/sub': null,
    'tree/sub/nowhere': ['../../none/at all'],
    'tree/sub/one': ['other'],
    'tree/sub/other': ['one'],
  })
  await vfs.rm('/tree', { recursive: true })
  t.same(await readdir(root), [])
})

await forServers(t, 'rm of a link to a folder removes the link', async (t, { url, root }) => {
  await using vfs = new FtpVfs(url, { connections: 2 })
  await lay(root, { kept: null, 'kept/file': 'x', link: ['kept'] })
  await vfs.rm('/link', { recursive: true })
  t.same((await readdir(root, { recursive: true })).sort(), ['kept', 'kept/file'])
})

await forServers(t, 'rm of a wide and deep tree', async (t, { url, root }) => {
  await using vfs = new FtpVfs(url, { connections: 4 })
  const folders = Array.from({ length: 12 }, (_, i) => `/tree/a ${i}/[b]/-c/.d`)
  await Promise.all(folders.map(folder => vfs.mkdir(folder, { recursive: true })))
  await Promise.all(
    folders.flatMap(folder => [vfs.writeFile(`${folder}/f`, ''), vfs.writeFile(`${folder}/.f`, '')]),
  )
  t.equal((await vfs.readdir('/tree', { recursive: true })).length, 12 * 6)
  await vfs.rm('/tree', { recursive: true })
  t.same(await readdir(root), [])
})

t.test('rm on a server whose listings do not show links: DELE is tried before descending', async t => {
  const files = { '/kept/f': 'x', '/tree/link': null, '/tree/link/f': 'x', '/tree/sub/g': 'y' }
  let removed = false
  const { vfs, sent, server } = await scriptedVfs(t, {
    files,
    on: {
      DELE: ctx => {
        if (ctx.path !== '/tree/link') return ctx.next()
        removed = true
        ctx.server.files.delete('/tree/link')
        ctx.server.files.delete('/tree/link/f')
        ctx.reply('250 Deleted')
      },
    },
  })
  await vfs.rm('/tree', { recursive: true })
  t.ok(removed)
  t.notOk(sent().includes('DELE /tree/link/f'))
  t.notOk(sent().includes('RMD /tree/link'))
  t.same([...server.files.keys()], ['/', '/kept', '/kept/f'])
})

t.test('a listing line from a name with a newline does not turn a link into a folder', async t => {
  const { vfs, sent } = await scriptedVfs(t, {
    greeting: greetings.pureFtpd,
    files: { '/tree/link': '', '/tree/x': '' },
    on: {
      MLSD: ctx =>
        ctx.path === '/'
          ? ctx.send([
              'type=OS.unix=slink:;size=4; link\r\n',
              'type=file;size=0; x\ntype=dir;modify=20260101000000; link\r\n',
            ])
          : ctx.next(),
    },
  })
  await failureOf(vfs.rm('/tree', { recursive: true })).catch(() => {})
  t.ok(sent().includes('DELE /tree/link'))
  t.notOk(sent().includes('CWD /tree/link'))
})

t.test('rm ignores entries that another client removes meanwhile', async t => {
  const { vfs, server } = await scriptedVfs(t, {
    greeting: greetings.pureFtpd,
    files: { '/tree/a': '', '/tree/b': '', '/tree/sub/c': '' },
    on: {
      DELE: ctx => {
        if (ctx.path === '/tree/a') ctx.server.files.delete('/tree/a')
        return ctx.next()
      },
      RMD: ctx => {
        if (ctx.path === '/tree/sub') ctx.server.files.delete('/tree/sub')
        return ctx.next()
      },
    },
  })
  await vfs.rm('/tree', { recursive: true })
  t.same([...server.files.keys()], ['/'])
})

t.test('a failed rm reports why, and removes nothing afterwards', async t => {
  const { vfs, sent } = await scriptedVfs(t, {
    greeting: greetings.pureFtpd,
    files: { '/tree/a': '', '/tree/b': '', '/tree/sub/c': '' },
    on: {
      DELE: ctx => (ctx.path === '/tree/b' ? ctx.reply('550 Permission denied') : ctx.next()),
    },
  })
  t.match(await failureOf(vfs.rm('/tree', { recursive: true })), {
    code: 'EACCES',
    syscall: 'rm',
    path: '/tree',
    cause: { code: 550 },
  })
  const said = sent().length
  t.equal((await vfs.stat('/tree')).isDirectory(), true)
  t.equal(sent().length, said + 1)
  t.notOk(sent().includes('RMD /tree'))
})

await forServers(
  t,
  'a tree of 200 folders is walked in a few flights, and removed in some',
  async (t, { url, root }) => {
    const folders = Array.from({ length: 200 }, (_, i) => `tree/folder ${i}`.replace(' ', '-'))
    await lay(root, { tree: null })
    for (const folder of folders) {
      await lay(root, {
        [folder]: null,
        [`${folder}/.dot`]: '',
        [`${folder}/file`]: 'x',
        [`${folder}/link`]: ['..'],
      })
    }
    await using vfs = new FtpVfs(url, { connections: 4 })
    await Promise.all([1, 2, 3, 4].map(() => vfs.connect()))
    const before = vfs.stats()
    const found = await vfs.readdir('/tree', { recursive: true, withFileTypes: true })
    t.ok(vfs.stats().flights - before.flights <= 16, `${vfs.stats().flights - before.flights} flights`)
    t.equal(found.filter(entry => entry.isDirectory()).length, 200)
    t.equal(found.filter(entry => entry.isFile()).length, 400)
    await vfs.rm('/tree', { recursive: true })
    t.ok(vfs.stats().flights - before.flights < 400, `${vfs.stats().flights - before.flights} flights`)
    t.same(await readdir(root), [])
  },
  { only: ['vsftpd', 'pure-ftpd'] },
)

await forServers(t, 'links to . and .. in a tree that is removed', async (t, { url, root }) => {
  await lay(root, {
    kept: '',
    tree: null,
    'tree/sub': null,
    'tree/sub/up': ['..'],
    'tree/sub/here': ['.'],
    'tree/top': ['..'],
  })
  await using vfs = new FtpVfs(url, { connections: 2 })
  await vfs.rm('/tree', { recursive: true })
  t.same(await readdir(root), ['kept'])
})
