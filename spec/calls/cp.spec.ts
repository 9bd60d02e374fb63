import { constants } from 'node:fs'
import { chmod, chown, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { failureOf, greetings, scriptedVfs } from '../remote/scripted-vfs.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { forServers } from '../support/for-servers.js'
import type { Handler } from '../support/scripted-server.js'

/** The number of flights with a command that matches. */
function flightsOf(flights: readonly string[][], kind: RegExp): number {
  return flights.filter(flight => flight.some(line => kind.test(line))).length
}

/** Three folders with three folders each, which contain five files each. */
function wide(): Record<string, string> {
  const files: Record<string, string> = {}
  for (const one of 'abc')
    for (const two of 'abc') for (let n = 0; n < 5; n++) files[`/src/${one}/${two}/${n}`] = `${one}${two}${n}`
  return files
}

t.test('cp creates folders level by level, and sets modes and times together', async t => {
  const files = wide()
  const { vfs, server, content } = await scriptedVfs(
    t,
    {
      files,
      greeting: greetings.pureFtpd,
      features: ['MLST', 'MFMT'],
      on: { SITE: ctx => ctx.reply('200 done'), MFMT: ctx => ctx.reply('213 done') },
    },
    { connections: 2 },
  )
  await vfs.cp('/src', '/new/dst', { recursive: true, preserveTimestamps: true })
  for (const [path, data] of Object.entries(files)) t.equal(content(path.replace('/src', '/new/dst')), data)
  t.equal(flightsOf(server.flights, /^MKD/), 4, 'one for the parents, one for each level')
  t.equal(server.commands.filter(({ line }) => line.startsWith('MFMT')).length, 45)
  t.ok(flightsOf(server.flights, /^MFMT|^SITE CHMOD 644/) <= 3)
  t.equal(flightsOf(server.flights, /^SITE CHMOD 755/), 1)
  t.equal(server.connections, 2)
})

t.test('cp needs one connection, and no optional command', async t => {
  const files = wide()
  const { vfs, content } = await scriptedVfs(t, {
    files,
    mlst: false,
    on: { MFMT: ctx => ctx.reply('500 Unknown') },
  })
  await vfs.cp('/src', '/dst', { recursive: true })
  for (const [path, data] of Object.entries(files)) t.equal(content(path.replace('/src', '/dst')), data)
  const error = await failureOf(vfs.cp('/src', '/other', { recursive: true, preserveTimestamps: true }))
  t.match(error, { code: 'ENOTSUP', syscall: 'utime' }, 'preserveTimestamps is explicit')
})

t.test('a refused mode is no error, because modes are not an option', async t => {
  const { vfs, content } = await scriptedVfs(t, {
    files: wide(),
    features: ['MLST'],
    greeting: greetings.pureFtpd,
    on: { SITE: ctx => ctx.reply('550 Permission denied') },
  })
  await vfs.cp('/src', '/dst', { recursive: true })
  t.equal(content('/dst/c/c/4'), 'cc4')
})

t.test(
  'a link to the folder that contains the copy is ERR_FS_CP_EINVAL, instead of an endless copy',
  async t => {
    await using server = await startEmbeddedServer()
    server.fs.mkdirSync('/src')
    server.fs.mkdirSync('/folder')
    server.fs.symlinkSync('/folder', '/src/link')
    await using vfs = new FtpVfs(server.url)
    const copy = vfs.cp('/src', '/folder/new', { recursive: true, dereference: true })
    t.match(await failureOf(copy), { code: 'ERR_FS_CP_EINVAL' })
  },
)

t.test('a link out of the root folder is ENOTSUP, because its copy would have another target', async t => {
  await using server = await startEmbeddedServer()
  server.fs.mkdirSync('/site/folder', { recursive: true })
  for (const file of ['/file', '/site/file']) server.fs.writeFileSync(file, file)
  const targets = { absolute: '/file', relative: '../file' }
  for (const [name, target] of Object.entries(targets)) server.fs.symlinkSync(target, `/site/${name}`)
  server.fs.symlinkSync('../file', '/site/folder/inner')
  await using vfs = new FtpVfs(`${server.url}/site`)
  for (const name of Object.keys(targets)) {
    t.match(await failureOf(vfs.cp(`/${name}`, '/copy')), { code: 'ENOTSUP', path: `/${name}` })
    t.equal(server.fs.existsSync('/site/copy'), false)
  }
  await vfs.cp('/folder', '/copy', { recursive: true })
  t.equal(await vfs.readFile('/copy/inner', 'utf8'), '/site/file')
})

t.test('a file that cannot be copied fails the cp after the running copies have ended', async t => {
  const { vfs, server, sent } = await scriptedVfs(t, {
    files: wide(),
    on: { STOR: ctx => (ctx.path === '/dst/a/b/3' ? ctx.reply('550 Permission denied') : ctx.next()) },
  })
  t.match(await failureOf(vfs.cp('/src', '/dst', { recursive: true })), {
    code: 'EACCES',
    syscall: 'copyfile',
    path: '/src/a/b/3',
    dest: '/dst/a/b/3',
  })
  const { length } = sent()
  t.ok(server.files.size < 45 + 45)
  await vfs.stat('/src')
  t.equal(sent().length, length + 1, 'no copy continues')
})

t.test('a folder that cannot be listed or created fails the cp', async t => {
  const { vfs } = await scriptedVfs(t, {
    files: wide(),
    on: {
      MLSD: ctx => (ctx.connection.cwd === '/src/b' ? ctx.reply('550 Permission denied') : ctx.next()),
      MKD: ctx => (ctx.path === '/dst/a' ? ctx.reply('550 Permission denied') : ctx.next()),
    },
  })
  const error = await failureOf(vfs.cp('/src', '/dst', { recursive: true }))
  t.match(error, { code: 'EACCES', syscall: /^(mkdir|scandir)$/ })
})

t.test('a folder with very many folders in it', async t => {
  const names = Array.from({ length: 130_000 }, (_, n) => `type=dir; ${n}\r\n`)
  const { vfs } = await scriptedVfs(t, {
    files: { '/src/f': 'x' },
    on: {
      MLSD: ctx =>
        ctx.connection.cwd === '/src' ? ctx.send([names.join('')]) : ctx.reply('550 Permission denied'),
    },
  })
  const error = await failureOf(vfs.cp('/src', '/dst', { recursive: true }))
  t.match(error, { code: /^E/, syscall: 'scandir', path: /^\/src\/\d+$/ }, 'it comes to the first of them')
})

t.test('the files of a large folder do not all wait at once', async t => {
  const names = Array.from({ length: 6_000 }, (_, n) => `type=file;size=1; ${n}\r\n`)
  const { vfs } = await scriptedVfs(t, {
    files: { '/src/f': 'x' },
    on: {
      MLSD: ctx => ctx.send([names.join('')]),
      RETR: ctx => ctx.reply('550 Permission denied'),
    },
  })
  let asked = 0
  const filter = () => ++asked > 0
  t.match(await failureOf(vfs.cp('/src', '/dst', { recursive: true, filter })), { syscall: 'copyfile' })
  t.ok(asked < 3_000, `${asked} were looked at when the first failed`)
})

t.test('a socket is ERR_FS_CP_UNKNOWN', async t => {
  const { vfs } = await scriptedVfs(t, {
    files: { '/src/f': 'x' },
    on: { MLSD: ctx => ctx.send(['type=OS.unix=socket;size=0;UNIX.mode=0644; s\r\n']) },
  })
  t.match(await failureOf(vfs.cp('/src', '/dst', { recursive: true })), {
    code: 'ERR_FS_CP_UNKNOWN',
    message:
      /^Cannot copy an unknown file type: cp returned EINVAL \(cannot copy an unknown file type: \/dst\/s\) \/dst\/s$/,
  })
})

t.test('COPYFILE_FICLONE_FORCE is ENOTSUP', async t => {
  const { vfs, sent } = await scriptedVfs(t, { files: { '/f': 'x' } })
  const mode = constants.COPYFILE_FICLONE_FORCE
  t.match(await failureOf(vfs.cp('/f', '/g', { mode })), { code: 'ENOTSUP', syscall: 'copyfile', dest: '/g' })
  t.same(sent(), [])
})

t.test('a cp with a filter waits for earlier calls, and does not hold up later ones', async t => {
  const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'old' } })
  const written = vfs.writeFile('/f', 'new')
  await vfs.cp('/f', '/g', { filter: async () => (await vfs.exists('/g')) === false })
  t.equal(content('/g'), 'new', 'the earlier call came first')
  await written
})

t.test('a replaced file stays until the replacement is stored', async t => {
  const table: [title: string, on: Record<string, Handler>, code: string | undefined][] = [
    ['the source cannot be read', { RETR: ctx => ctx.reply('550 Permission denied') }, 'EACCES'],
    [
      'another client removes the source',
      {
        RETR: ctx => {
          ctx.server.files.delete('/from')
          return ctx.next()
        },
      },
      'ENOENT',
    ],
    ['the disk is full', { STOR: ctx => ctx.reply('552 Disk full') }, 'ENOSPC'],
    ['the server refuses the new name', { RNTO: ctx => ctx.reply('550 Permission denied') }, 'EACCES'],
    [
      'RNTO refuses an existing name',
      { RNTO: ctx => (ctx.server.files.has(ctx.path) ? ctx.reply('553 File exists') : ctx.next()) },
      undefined,
    ],
    [
      'the server refuses dot files',
      { STOR: ctx => (ctx.path.startsWith('/.') ? ctx.reply('553 Prohibited') : ctx.next()) },
      undefined,
    ],
  ]
  for (const [title, on, code] of table) {
    await t.test(title, async t => {
      const { vfs, server, content } = await scriptedVfs(t, { files: { '/from': 'new', '/to': 'old' }, on })
      server.files.get('/to')!.mode = 0o444
      const copied = vfs.cp('/from', '/to')
      if (code === undefined) await copied
      else t.match(await failureOf(copied), { code, syscall: 'copyfile', path: '/from', dest: '/to' })
      t.equal(content('/to'), code === undefined ? 'new' : 'old')
      const left = [...server.files.keys()].filter(path => !['/', '/from', '/to'].includes(path))
      t.same(left, [])
    })
  }
})

await forServers(t, 'an unreadable source does not harm a read-only target', async (t, { url, root }) => {
  const from = join(root, 'from')
  const to = join(root, 'to')
  const { uid, gid } = await stat(root)
  for (const [path, data] of [
    [from, 'new'],
    [to, 'old'],
  ] as const) {
    await writeFile(path, data)
    await chown(path, uid, gid)
  }
  await chmod(to, 0o444)
  await using vfs = new FtpVfs(url)
  await chmod(from, 0)
  const error = await failureOf(vfs.cp('/from', '/to'))
  t.match(error, { code: 'EACCES', syscall: 'copyfile', path: '/from', dest: '/to' })
  t.equal(await readFile(to, 'utf8'), 'old')
  t.same((await readdir(root)).sort(), ['from', 'to'])
  await chmod(from, 0o644)
  await vfs.cp('/from', '/to')
  t.equal(await readFile(to, 'utf8'), 'new')
  t.same((await readdir(root)).sort(), ['from', 'to'])
})

await forServers(
  t,
  'ProFTPD creates no dangling link: the old link stays',
  async (t, { url, root }) => {
    for (const folder of ['src', 'dst']) await mkdir(join(root, folder))
    await writeFile(join(root, 'file'), 'x')
    await symlink('none', join(root, 'src/link'))
    await symlink('../file', join(root, 'dst/link'))
    const { uid, gid } = await stat(root)
    await chown(join(root, 'dst'), uid, gid)
    await using vfs = new FtpVfs(url)
    const copied = vfs.cp('/src', '/dst', { recursive: true })
    t.match(await failureOf(copied), { code: 'ENOTSUP', syscall: 'symlink', path: '/src/link' })
    t.equal(await readlink(join(root, 'dst/link')), '../file')
    t.same(await readdir(join(root, 'dst')), ['link'])
  },
  { only: ['proftpd'] },
)
