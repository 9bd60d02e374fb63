import { posix } from 'node:path'
import t from 'tap'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import type { Handler, Script } from '../support/script.js'

const files = { '/full/f': 'x', '/full/.dot': 'x', '/empty': null, '/file': 'x' }

/** DELE and RMD each take whatever the path names, with all that is in it. */
const takesAll: Handler = ctx => {
  for (const path of [...ctx.server.files.keys()])
    if (path === ctx.path || path.startsWith(`${ctx.path}/`)) ctx.server.files.delete(path)
  ctx.reply('250 Done')
}

for (const mlst of [true, false]) {
  const script: Script = { mlst, files, on: { DELE: takesAll, RMD: takesAll } }

  t.test(
    `rmdir removes empty folders only, unlink files only, whatever RMD and DELE take; MLST: ${mlst}`,
    async t => {
      const { vfs, server } = await scriptedVfs(t, script)
      const before = [...server.files.keys()]
      t.match(await failureOf(vfs.rmdir('/full')), { code: 'ENOTEMPTY', syscall: 'rmdir', path: '/full' })
      t.match(await failureOf(vfs.rmdir('/file')), { code: 'ENOTDIR' })
      t.match(await failureOf(vfs.rmdir('/file/')), { code: 'ENOTDIR' })
      t.match(await failureOf(vfs.unlink('/full')), { code: 'EISDIR', syscall: 'unlink' })
      t.match(await failureOf(vfs.unlink('/empty')), { code: 'EISDIR' })
      t.same([...server.files.keys()], before)
      await vfs.rmdir('/empty')
      await vfs.unlink('/file')
      t.same([...server.files.keys()], ['/', '/full', '/full/f', '/full/.dot'])
    },
  )

  t.test(`mkdir of what exists is EEXIST, though MKD says 257; MLST: ${mlst}`, async t => {
    const MKD: Handler = ctx =>
      ctx.server.files.get(ctx.path)?.content === 'dir' ? ctx.reply('257 Created') : ctx.next()
    const { vfs, server } = await scriptedVfs(t, { mlst, files, on: { MKD } })
    t.match(await failureOf(vfs.mkdir('/empty')), { code: 'EEXIST', syscall: 'mkdir', path: '/empty' })
    await vfs.mkdir('/new')
    t.equal(await vfs.mkdir('/empty', { recursive: true }), undefined)
    t.equal(await vfs.mkdir('/empty/a/b', { recursive: true }), '/empty/a', 'the first that was made')
    t.equal(await vfs.mkdir('/empty/a/b', { recursive: true }), undefined)
    const before = server.files.size
    const many = Array.from({ length: 40 }, () => failureOf(vfs.mkdir('/new')))
    for (const error of await Promise.all(many)) t.equal(error.code, 'EEXIST')
    t.equal(server.files.size, before)
  })
}

t.test('what a listing has just shown is removed without another question', async t => {
  const { vfs, sent } = await scriptedVfs(t, { mlst: false, files: { '/d/a': '', '/d/b': '', '/d/c': '' } })
  await vfs.rm('/d', { recursive: true })
  t.notOk(sent().some(line => /^(SIZE|MDTM|CWD) \/d\/[abc]/.test(line)))
})

t.test('a CWD that succeeds for everything is not believed: the listing decides', async t => {
  const CWD: Handler = ctx => {
    ctx.connection.cwd = ctx.path
    ctx.reply('250 CWD command successful.')
  }
  for (const withSize of [true, false]) {
    const MKD: Handler = ctx =>
      ctx.server.files.get(ctx.path)?.content === 'dir' ? ctx.reply('257 Created') : ctx.next()
    const on: Script['on'] = withSize ? { CWD, MKD } : { CWD, MKD, SIZE: ctx => ctx.reply('500 SIZE?') }
    const { vfs, server } = await scriptedVfs(t, { mlst: false, files, on })
    t.equal((await vfs.stat('/file')).size, 1)
    t.ok((await vfs.stat('/full')).isDirectory())
    t.match(await failureOf(vfs.stat('/none')), { code: 'ENOENT' })
    t.match(await failureOf(vfs.lstat('/none')), { code: 'ENOENT' })
    t.match(await failureOf(vfs.stat('/none/below')), { code: /^ENO(ENT|TDIR)$/ })
    t.equal(await vfs.exists('/none'), false)
    t.equal(await vfs.exists('/file'), true)
    await vfs.mkdir('/new')
    t.match(await failureOf(vfs.mkdir('/new')), { code: 'EEXIST' })
    t.equal(await vfs.mkdir('/new/a', { recursive: true }), '/new/a')
    t.equal(await vfs.mkdir('/new/a', { recursive: true }), undefined)
    await vfs.rmdir('/new/a')
    await vfs.unlink('/file')
    await vfs.rmdir('/empty')
    t.match(await failureOf(vfs.rmdir('/full')), { code: 'ENOTEMPTY' })
    t.match(await failureOf(vfs.unlink('/full')), { code: 'EISDIR' })
    t.same([...server.files.keys()], ['/', '/full', '/full/f', '/full/.dot', '/new'])
  }
})

t.test('a missing folder is ENOENT, whatever the code that says so', async t => {
  for (const reply of [
    '426 Failure',
    '450 No such file or directory',
    '500 /x: No such file or directory',
    '501 Not a valid pathname.',
    '501 Syntax error in parameters',
    '550 Failed',
  ]) {
    const gone: Handler = ctx => (ctx.path.startsWith('/none') ? ctx.reply(reply) : ctx.next())
    const verbs = 'CWD SIZE MDTM MLST STOR APPE DELE RMD MKD RNFR RETR'.split(' ')
    const { vfs } = await scriptedVfs(
      t,
      { mlst: false, files, on: Object.fromEntries(verbs.map(verb => [verb, gone])) },
      { retries: 0 },
    )
    for (const call of [
      () => vfs.stat('/none/f'),
      () => vfs.lstat('/none/f'),
      () => vfs.readdir('/none'),
      () => vfs.readFile('/none/f'),
      () => vfs.writeFile('/none/f', 'x'),
      () => vfs.unlink('/none/f'),
      () => vfs.rmdir('/none/f'),
      () => vfs.mkdir('/none/f'),
      () => vfs.rename('/none/f', '/g'),
      () => vfs.rm('/none/f'),
    ])
      t.match(await failureOf(call()), { code: 'ENOENT' }, `${reply}: ${String(call)}`)
  }
})

t.test('450 to CWD alone is a missing folder where nothing is, and a closed one where it is', async t => {
  const CWD: Handler = ctx =>
    /^\/(none|full)/.test(ctx.path) ? ctx.reply('450 Requested file action not taken') : ctx.next()
  for (const mlst of [true, false]) {
    for (const more of [{}, { SIZE: (ctx => ctx.reply('500 SIZE?')) as Handler }]) {
      const { vfs } = await scriptedVfs(t, { mlst, files, on: { CWD, ...more } }, { retries: 0 })
      t.match(await failureOf(vfs.readdir('/none')), { code: 'ENOENT' })
      t.match(await failureOf(vfs.opendir('/none')), { code: 'ENOENT' })
      t.match(await failureOf(vfs.stat('/none')), { code: 'ENOENT' })
      t.match(await failureOf(vfs.rmdir('/none')), { code: 'ENOENT' })
      t.match(await failureOf(vfs.readdir('/full')), { code: /^E(BUSY|ACCES)$/ })
    }
  }
})

t.test('500 to SITE CHMOD of what is missing says nothing of the command', async t => {
  const SITE: Handler = ctx => {
    const path = ctx.argument.replace(/^CHMOD \d+ /, '')
    ctx.reply(ctx.server.files.has(path) && path !== '/full' ? '200 OK' : '500 Failed')
  }
  const { vfs } = await scriptedVfs(t, { files, on: { SITE } })
  t.match(await failureOf(vfs.chmod('/none', 0o600)), { code: 'ENOENT' })
  t.match(await failureOf(vfs.chmod('/file/below', 0o600)), { code: 'ENOTDIR' })
  await vfs.chmod('/file', 0o600)
  t.match(await failureOf(vfs.chmod('/full', 0o600)), { code: 'EACCES' })
  await vfs.chmod('/file', 0o600)
  const lacking = await scriptedVfs(t, { files, on: { SITE: ctx => ctx.reply('500 SITE?') } })
  t.match(await failureOf(lacking.vfs.chmod('/file', 0o600)), { code: 'ENOTSUP' })
})

t.test('500 is about the command, unless it has worked here before; 501 about its argument', async t => {
  const DELE: Handler = ctx => (ctx.path === '/full/f' ? ctx.reply('500 Failed') : ctx.next())
  const { vfs } = await scriptedVfs(t, { files, on: { DELE, MKD: ctx => ctx.reply('501 Bad name') } })
  t.match(await failureOf(vfs.unlink('/full/f')), { code: 'ENOTSUP' })
  await vfs.unlink('/file')
  t.match(await failureOf(vfs.unlink('/full/f')), { code: 'EACCES' })
  t.match(await failureOf(vfs.mkdir('/new')), { code: 'EINVAL' })
})

/** MKD makes the folders above as well: ftp-srv 4.6.3. */
const makesParents: Handler = ctx => {
  for (let path = posix.dirname(ctx.path); !ctx.server.files.has(path); path = posix.dirname(path))
    ctx.server.files.set(path, { content: 'dir', modified: new Date(), mode: 0o755 })
  return ctx.next()
}

for (const mlst of [true, false]) {
  t.test(`mkdir under a missing folder makes nothing, though MKD would; MLST: ${mlst}`, async t => {
    const { vfs, server } = await scriptedVfs(t, { mlst, files, on: { MKD: makesParents } })
    const before = [...server.files.keys()]
    for (const path of ['/none/new', '/none/a/b', '/empty/none/new'])
      t.match(await failureOf(vfs.mkdir(path)), { code: 'ENOENT', syscall: 'mkdir', path })
    t.match(await failureOf(vfs.mkdtemp('/none/t-')), { code: 'ENOENT', syscall: 'mkdtemp' })
    t.match(await failureOf(vfs.mkdir('/file/new')), { code: /^ENO(TDIR|ENT)$/ })
    t.same([...server.files.keys()], before)
    await vfs.mkdir('/empty/new')
    await vfs.mkdir('/empty/new/deep')
    await vfs.mkdir('/x/y/z', { recursive: true })
    t.same([...server.files.keys()].slice(before.length), [
      '/empty/new',
      '/empty/new/deep',
      '/x',
      '/x/y',
      '/x/y/z',
    ])
  })

  t.test(`whether MKD makes folders above is tried once, in one flight; MLST: ${mlst}`, async t => {
    const { vfs, sent, server } = await scriptedVfs(t, { mlst, files })
    const ours = (): number => sent().filter(line => /^(MKD|RMD) \/ftp-vfs-/.test(line)).length
    await vfs.mkdir('/new')
    t.equal(ours(), 0, 'of what is made in / nothing has to be known')
    const calls = ['/empty/a', '/empty/b', '/full/c'].map(path => vfs.mkdir(path))
    await Promise.all(calls)
    await vfs.mkdir('/empty/a/d')
    t.match(await failureOf(vfs.mkdir('/none/new')), { code: 'ENOENT' })
    t.equal(ours(), 4)
    const flights = server.flights.length
    await vfs.mkdir('/empty/e')
    t.equal(server.flights.length - flights, 1)
  })

  t.test(`where nothing can be made in /, a folder below it tells; MLST: ${mlst}`, async t => {
    const closed =
      (handler: Handler): Handler =>
      ctx =>
        /^\/(ftp-vfs|none)/.test(ctx.path) ? ctx.reply('550 Permission denied') : handler(ctx)
    for (const MKD of [makesParents, (ctx => ctx.next()) as Handler]) {
      const { vfs, server } = await scriptedVfs(t, { mlst, files, on: { MKD: closed(MKD) } })
      const before = [...server.files.keys()]
      t.match(await failureOf(vfs.mkdir('/empty/none/new')), { code: 'ENOENT' })
      t.match(await failureOf(vfs.mkdir('/none/new')), { code: /^E(NOENT|ACCES)$/ })
      t.same([...server.files.keys()], before)
      await vfs.mkdir('/empty/new')
    }
  })
}
