import {
  chmod,
  chown,
  lchown,
  lstat as lstatOf,
  mkdir,
  stat as statOf,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FtpVfs, type Stats } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import { EPOCH, type Script } from '../../support/scripted-server.js'
import { failureOf, greetings, scriptedVfs } from '../scripted-vfs.js'

const files = { '/f': 'four', '/d': null, '/d/x': '1' }

t.test('where the server has MLST, one command tells all', async t => {
  const { vfs, server } = await scriptedVfs(t, { files })
  await vfs.connect()
  const before = server.flights.length
  const file = await vfs.stat('/f')
  t.match(file, { size: 4, mode: 0o100644, mtimeMs: EPOCH.getTime() })
  t.ok(file.isFile())
  t.ok((await vfs.stat('/d')).isDirectory())
  t.same(server.flights.slice(before), [['MLST /f'], ['MLST /d']])
})

t.test('elsewhere SIZE, MDTM and CWD do, in one flight; the listing tells more of a folder', async t => {
  const { vfs, server } = await scriptedVfs(t, { files, mlst: false })
  await vfs.connect()
  const before = server.flights.length
  t.match(await vfs.stat('/f'), { size: 4, mtimeMs: EPOCH.getTime() })
  for (let i = 0; i < 2; i++) {
    const folder = await vfs.stat('/d')
    t.ok(folder.isDirectory())
    // Its listing shows the day.
    t.equal(folder.mtimeMs, Date.UTC(2020, 0, 2))
  }
  t.match(server.flights.slice(before), [
    ['SIZE /f', 'MDTM /f', 'CWD /f'],
    ['SIZE /d', 'MDTM /d', 'CWD /d'],
    // Once: whether CWD takes what does not exist.
    [/^CWD \/ftp-vfs-\w+$/],
    ['CWD /', 'EPSV'],
    ['LIST -a'],
    // What comes without `.` may be of a folder named `-a`.
    ['CWD /-a', 'SIZE /-a'],
    ['SIZE /d', 'MDTM /d', 'CWD /d'],
    ['CWD /', 'EPSV'],
    ['LIST -a'],
    ['CWD /-a', 'SIZE /-a'],
  ])
})

t.test('on vsftpd the time of a folder takes one flight more', async t => {
  const script = { greeting: greetings.vsftpd, files, mlst: false }
  const { vfs, server } = await scriptedVfs(t, script, { serverTimezone: 'UTC' })
  await vfs.connect()
  const before = server.flights.length
  t.equal((await vfs.stat('/d')).mtimeMs, Date.UTC(2020, 0, 2))
  t.same(server.flights.slice(before), [['SIZE /d', 'MDTM /d', 'CWD /d'], [`STAT /{d${','.repeat(253)}}`]])
})

t.test('a server without MDTM: the listing tells the time', async t => {
  const on: Script['on'] = { MDTM: ctx => ctx.reply('502 MDTM?') }
  const { vfs } = await scriptedVfs(t, { files, mlst: false, on })
  t.match(await vfs.stat('/f'), { size: 4, mtimeMs: Date.UTC(2020, 0, 2) })
  t.match(await vfs.stat('/d'), { mtimeMs: Date.UTC(2020, 0, 2) })
})

t.test('a folder whose line is not shown has no time', async t => {
  const { vfs } = await scriptedVfs(t, { files, mlst: false, on: { LIST: ctx => ctx.reply('550 No') } })
  const folder = await vfs.stat('/d')
  t.ok(folder.isDirectory())
  t.equal(folder.mtimeMs, 0)
})

t.test('questions that wait together go together', async t => {
  const { vfs, server } = await scriptedVfs(t, { files })
  await vfs.connect()
  const before = server.flights.length
  await Promise.all(['/f', '/d', '/d/x', '/'].map(path => vfs.stat(path)))
  t.same(server.flights.slice(before), [['MLST /f', 'MLST /d', 'MLST /d/x', 'MLST /']])
})

t.test('a server that tells the size of a folder too', async t => {
  const { vfs } = await scriptedVfs(t, {
    files,
    mlst: false,
    on: { SIZE: ctx => (ctx.path === '/d' ? ctx.reply('213 4096') : ctx.next()) },
  })
  t.ok((await vfs.stat('/d')).isDirectory())
})

t.test('a server without SIZE and MLST: the listing of the folder tells', async t => {
  const { vfs } = await scriptedVfs(t, {
    files,
    mlst: false,
    features: 'none',
    on: { SIZE: ctx => ctx.reply('500 SIZE?'), MDTM: ctx => ctx.reply('500 MDTM?') },
  })
  t.match(await vfs.stat('/f'), { size: 4 })
  t.ok((await vfs.stat('/d')).isDirectory())
  t.match(await failureOf(vfs.stat('/none')), { code: 'ENOENT', syscall: 'stat', path: '/none' })
  t.match(await failureOf(vfs.stat('/none/x')), { code: 'ENOENT' })
})

t.test('a lost connection is no error', async t => {
  for (const mlst of [true, false]) {
    const { vfs } = await scriptedVfs(t, {
      files,
      mlst,
      cut: [{ command: 'MLST' }, { command: 'MDTM' }, { command: 'SIZE', nth: 2 }],
    })
    t.match(await vfs.stat('/f'), { size: 4 })
  }
})

t.test('ProFTPD gives a link the type of what it leads to: mode 777 may be a link', async t => {
  const answers = {
    MLST: (ctx: { path: string; reply(text: string): void }) =>
      ctx.reply(
        `250-Start\r\n type=file;size=9;modify=20200102030405;UNIX.mode=0777; ${ctx.path}\r\n250 End`,
      ),
  }
  await t.test('a link', async t => {
    const { vfs } = await scriptedVfs(t, { greeting: greetings.proftpd, files, on: answers })
    t.match(await vfs.stat('/f'), { size: 4 })
  })
  await t.test('a file', async t => {
    const { vfs } = await scriptedVfs(t, {
      greeting: greetings.proftpd,
      files: { '/f': '123456789' },
      on: answers,
    })
    t.match(await vfs.stat('/f'), { size: 9, mode: 0o100777 })
  })
})

await forServers(t, 'links', async (t, { name, url, root }) => {
  await using vfs = new FtpVfs(url, { connections: 1 })
  await vfs.mkdir('/folder')
  await vfs.writeFile('/folder/file', 'four')
  const { uid, gid } = await statOf(root)
  for (const [link, target] of [
    ['to file', 'folder/file'],
    ['to folder', 'folder'],
    ['nowhere', 'none'],
    ['loop', 'loop'],
  ] as const) {
    await symlink(target, join(root, link))
    await lchown(join(root, link), uid, gid)
  }
  t.match(await vfs.stat('/to file'), { size: 4 })
  t.ok((await vfs.stat('/to file')).isFile())
  t.ok((await vfs.stat('/to folder')).isDirectory())
  t.match((await failureOf(vfs.stat('/nowhere'))).code, 'ENOENT')
  t.match((await failureOf(vfs.stat('/loop'))).code, /ELOOP|ENOENT/)
  t.equal(await vfs.readFile('/to file', 'utf8'), 'four')
  t.same(await vfs.readdir('/to folder'), ['file'])
  // As patterns, or as two paths, these name another file.
  for (const folder of ['12', 'x']) {
    await vfs.mkdir(`/${folder}`)
    await vfs.writeFile(`/${folder}/file`, 'other')
  }
  for (const path of ['/total 12/file', '/[x]/file', '/?/file', '/*/file', '/{x,y}/file'])
    t.equal((await failureOf(vfs.lstat(path))).code, 'ENOENT', `lstat of ${path}`)
  // MLST of ProFTPD 1.3.8 knows no links to nothing, that of pyftpdlib 1.5.7 no others, and neither does STAT.
  const shown = {
    vsftpd: ['/to file', '/to folder', '/nowhere', '/loop'],
    'pure-ftpd': ['/to file', '/to folder', '/nowhere', '/loop'],
    proftpd: ['/to file', '/to folder'],
    pyftpdlib: ['/nowhere', '/loop'],
  }[name]
  for (const link of shown) {
    t.ok((await vfs.lstat(link)).isSymbolicLink(), `lstat of ${link}`)
    t.match(
      await failureOf(vfs.writeFile(link, 'new', { flag: 'wx' })),
      { code: 'EEXIST' },
      `wx onto ${link}`,
    )
  }
})

t.test('stats of one path that wait together are one', async t => {
  const { vfs, sent } = await scriptedVfs(t, { files })
  const all = await Promise.all(['/f', '/f', '/d', '/f'].map(path => vfs.stat(path)))
  t.same(
    all.map(info => info.isFile()),
    [true, true, false, true],
  )
  t.same(sent(), ['MLST /f', 'MLST /d'])
})

t.test('lstat on vsftpd is one flight', async t => {
  const { vfs, server } = await scriptedVfs(t, { greeting: greetings.vsftpd, files, mlst: false })
  await vfs.connect()
  const before = server.flights.length
  t.match(await vfs.lstat('/d/x'), { size: 1, mode: 0o100644, mtimeMs: EPOCH.getTime() })
  const braces = `{x${','.repeat(253)}}`
  t.same(server.flights.slice(before), [['SIZE /d/x', 'MDTM /d/x', 'CWD /d/x', 'CWD /', `STAT /d/${braces}`]])
})

t.test('many of one folder are told by its listing', async t => {
  const names = Array.from({ length: 200 }, (_, i) => (i % 10 ? `file ${i}` : `folder ${i}`))
  const { vfs, server, sent } = await scriptedVfs(t, {
    greeting: greetings.vsftpd,
    mlst: false,
    files: Object.fromEntries(names.map(name => [`/d/${name}`, name.startsWith('folder') ? null : 'abc'])),
  })
  await vfs.connect()
  const before = server.flights.length
  const all = await Promise.all(
    [...names, 'missing'].map(name => vfs.lstat(`/d/${name}`).catch(() => 'none')),
  )
  t.same(
    all.map(info => (info === 'none' ? info : (info as Stats).isDirectory())),
    [...names.map(name => name.startsWith('folder')), 'none'],
  )
  t.equal(sent().filter(line => line.startsWith('LIST')).length, 1)
  t.equal(sent().filter(line => line.startsWith('STAT')).length, 1, 'of what the listing does not show')
  t.ok(server.flights.length - before < 12)
})

await forServers(
  t,
  'lstat of everything in a folder, one by one and together',
  async (t, { name, url, root }) => {
    await using vfs = new FtpVfs(url, { connections: 2 })
    const { uid, gid } = await statOf(root)
    await vfs.mkdir('/in')
    const awkward = [
      'a b',
      ' lead',
      'ä',
      '%41',
      '[x]',
      '-dash',
      '-la',
      '.dot',
      'name -> target',
      'a  b',
      '{b}',
      'x{y',
      'a,b',
    ]
    const others =
      name === 'pure-ftpd' || name === 'proftpd' ? [] : ['st*r', '?q', 'back\\slash', 'tab\t', 'trail ']
    const names = [...awkward, ...others]
    for (const [at, each] of names.entries()) {
      const local = join(root, 'in', each)
      await (at % 3 === 0 ? mkdir(local) : writeFile(local, 'abc'))
      await chmod(local, at % 2 ? 0o640 : 0o750)
      await chown(local, uid, gid)
    }
    for (const [link, target] of [
      ['to file', 'a,b'],
      ['to folder', 'a b'],
    ] as const) {
      await symlink(target, join(root, 'in', link))
      await lchown(join(root, 'in', link), uid, gid)
    }
    const links = name === 'pyftpdlib' ? [] : ['to file', 'to folder']
    const check = async (all: string[], how: string): Promise<void> => {
      const told = await Promise.all(all.map(each => vfs.lstat(`/in/${each}`)))
      for (const [at, info] of told.entries()) {
        const real = await lstatOf(join(root, 'in', all[at]!))
        const what = `${all[at]} ${how}`
        t.equal(info.isDirectory(), real.isDirectory(), what)
        t.equal(info.isSymbolicLink(), real.isSymbolicLink(), what)
        if (real.isSymbolicLink()) continue
        t.equal(info.mode & 0o777, real.mode & 0o777, what)
        if (real.isFile()) t.equal(info.size, real.size, what)
        if (name === 'vsftpd') t.same([info.uid, info.gid], [real.uid, real.gid], what)
        // A folder's time comes from a listing where there is no MLST.
        const precision = name === 'vsftpd' && real.isDirectory() ? 60_000 : 1_000
        t.ok(real.mtimeMs - info.mtimeMs < precision && info.mtimeMs <= real.mtimeMs, what)
      }
    }
    for (const each of [...names, ...links]) await check([each], 'alone')
    await check([...names, ...links], 'together')
    // As many as a listing is worth.
    for (let i = 0; i < 40; i++) await writeFile(join(root, 'in', `more ${i}`), 'abc')
    const before = vfs.stats().flights
    await check([...names, ...links, ...Array.from({ length: 40 }, (_, i) => `more ${i}`)], 'among many')
    t.ok(vfs.stats().flights - before < 20)
    t.match(await failureOf(vfs.lstat('/in/missing')), { code: 'ENOENT' })
    t.match(await failureOf(vfs.lstat('/missing')), { code: 'ENOENT' })
    t.match(await failureOf(vfs.lstat('/in/more 1/x')), { code: 'ENOTDIR' })
  },
)
