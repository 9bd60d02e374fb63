import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FtpVfs } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import { failureOf, greetings, scriptedVfs } from '../scripted-vfs.js'

await forServers(
  t,
  'a name that Pure-FTPd takes for another is EINVAL, and the other is left alone',
  async (t, { url, root }) => {
    await using vfs = new FtpVfs(url, { connections: 1 })
    const { uid, gid } = await stat(root)
    for (const [name, content] of [
      ['trail_', 'kept'],
      ['tab_tab', 'kept'],
      ['a_b', 'kept'],
      ['folder_', null],
      ['fol_der', null],
    ] as const) {
      if (content === null) await mkdir(join(root, name))
      else await writeFile(join(root, name), content)
      await chown(join(root, name), uid, gid)
    }
    const before = await readdir(root, { recursive: true })

    const making: ((path: string) => Promise<unknown>)[] = [
      path => vfs.writeFile(path, 'new'),
      path => vfs.appendFile(path, 'new'),
      path => vfs.mkdir(path),
      path => vfs.mkdir(path, { recursive: true }),
      path => vfs.rename('/trail_', path),
      path => vfs.copyFile('/trail_', path),
    ]
    const others: typeof making = [
      path => vfs.stat(path),
      path => vfs.lstat(path),
      path => vfs.readFile(path),
      path => vfs.readdir(path),
      path => vfs.unlink(path),
      path => vfs.rmdir(path),
      path => vfs.rm(path, { recursive: true }),
      path => vfs.rename(path, '/other'),
      path => vfs.truncate(path, 0),
      path => vfs.utimes(path, 0, 0),
      path => vfs.chmod(path, 0o600),
      path => vfs.realpath(path),
    ]
    for (const path of ['/trail ', '/folder ', '/ ', '/x  ']) {
      for (const make of making) t.match(await failureOf(make(path)), { code: 'EINVAL' }, path)
      for (const call of others) t.match(await failureOf(call(path)), { code: 'ENOENT' }, path)
    }
    for (const path of ['/tab\ttab', '/a\x01b', '/a\x7fb', '/fol\tder', '/fol\tder/new', '/fol\tder/x/new']) {
      for (const call of [...making, ...others]) {
        t.match(await failureOf(call(path)), { code: 'EINVAL' }, JSON.stringify(path))
      }
    }
    t.same(await readdir(root, { recursive: true }), before)
    for (const name of ['trail_', 'tab_tab', 'a_b']) {
      t.equal(await readFile(join(root, name), 'utf8'), 'kept')
    }
  },
  { only: ['pure-ftpd'] },
)

await forServers(
  t,
  'a name with a space at its end that is there already can be used',
  async (t, { url, root }) => {
    await using vfs = new FtpVfs(url, { connections: 1 })
    const { uid, gid } = await stat(root)
    await mkdir(join(root, 'folder '))
    await writeFile(join(root, 'folder ', 'file '), 'content')
    for (const name of ['folder ', 'folder /file ']) await chown(join(root, name), uid, gid)
    t.same(await vfs.readdir('/folder '), ['file '])
    t.equal(await vfs.readFile('/folder /file ', 'utf8'), 'content')
    t.equal((await vfs.stat('/folder /file ')).size, 7)
    await vfs.writeFile('/folder /new', 'x')
    await vfs.rm('/folder ', { recursive: true })
    t.same(await readdir(root), [])
  },
)

t.test('on pyftpdlib, which keeps its names in UTF-8, others are EINVAL, and nothing is sent', async t => {
  const name = Buffer.from('/caf\xe9', 'latin1')
  const { vfs, sent } = await scriptedVfs(t, {
    greeting: '220 pyftpdlib 1.5.7 ready.',
    files: { '/caf\xef\xbf\xbd': 'another' },
  })
  for (const call of [
    () => vfs.writeFile(name, 'x'),
    () => vfs.readFile(name),
    () => vfs.stat(name),
    () => vfs.unlink(name),
    () => vfs.readdir(name),
    () => vfs.mkdir(name),
    () => vfs.rename(name, '/other'),
    () => vfs.rename('/other', name),
  ]) {
    t.match(await failureOf(call()), { code: 'EINVAL' })
  }
  t.same(
    sent().filter(line => line !== 'OPTS UTF8 ON'),
    [],
  )
})

t.test('elsewhere a name that is not UTF-8 goes as it is', async t => {
  const name = Buffer.from('/caf\xe9', 'latin1')
  for (const script of [{ greeting: greetings.vsftpd }, { features: ['SIZE', 'MDTM'] }, {}]) {
    const { vfs, content } = await scriptedVfs(t, script)
    await vfs.writeFile(name, 'x')
    t.equal(content('/caf\xe9'), 'x')
    t.same(await vfs.readdir('/', { encoding: 'buffer' }), [name.subarray(1)])
  }
  const { vfs, content } = await scriptedVfs(t, {}, { encoding: 'latin1' })
  await vfs.writeFile('/café', 'x')
  t.equal(content('/caf\xe9'), 'x')
})

await forServers(t, 'a folder with a newline in a name', async (t, { name, url, root }) => {
  await using vfs = new FtpVfs(url, { connections: 1 })
  const { uid, gid } = await stat(root)
  await mkdir(join(root, 'folder'))
  await writeFile(join(root, 'folder', 'a\nb'), '')
  await writeFile(join(root, 'kept'), '')
  for (const one of ['folder', 'folder/a\nb', 'kept']) await chown(join(root, one), uid, gid)
  if (name === 'pure-ftpd') {
    t.same(await vfs.readdir('/folder'), [], 'Pure-FTPd 1.0.50 leaves it out')
    t.match(await failureOf(vfs.rm('/folder', { recursive: true })), { code: 'ENOTEMPTY' })
  } else {
    t.match(await failureOf(vfs.readdir('/folder')), { code: 'ERR_FTP_LISTING' })
    t.match(await failureOf(vfs.rm('/folder', { recursive: true })), { code: 'ERR_FTP_LISTING' })
  }
  t.match(await failureOf(vfs.unlink('/folder/a\nb')), { code: 'ERR_INVALID_ARG_VALUE' })
  t.same((await readdir(root, { recursive: true })).sort(), ['folder', 'folder/a\nb', 'kept'])
})
