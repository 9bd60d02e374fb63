import t from 'tap'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import type { FtpVfs as Vfs } from '../../lib/index.js'
import type { Handler, Script } from '../support/script.js'
import { CommandContext } from '../support/scripted-command.js'

const verbs = 'CWD SIZE MDTM MLST DELE RMD MKD STOR APPE RETR RNFR RNTO'.split(' ')

/** A server that takes the paths of commands as `rewrite` makes them. */
function rewriting(rewrite: (argument: string) => string, more: Script = {}): Script {
  const handler: Handler = ctx => {
    const { server, connection, command, n, alone } = ctx
    const line = `${command} ${rewrite(ctx.argument)}`
    const other = new CommandContext(server, connection, line, command, n, alone)
    return other.next()
  }
  return { ...more, on: { ...Object.fromEntries(verbs.map(verb => [verb, handler])), ...more.on } }
}

const ascii = (path: string): string => path.replace(/[^\0-\x7f]/g, '')
const iac = (path: string): string =>
  path.replace(/\xff(.?)/gs, (_, next: string) => (next === '\xff' ? next : ''))
const trimmed = (path: string): string => path.replace(/[ .]+$/, '')
const slashes = (path: string): string => path.replaceAll('\\', '/')

const left = (keys: Iterable<string>): string[] => [...keys].filter(path => path.includes('ftp-vfs-'))

// ftp-srv 4.6.3.
t.test('a word like -b is dropped, but in STOR, RETR and SIZE', async t => {
  const { on = {} } = rewriting(path => path.replace(/ -\w+/g, ''))
  for (const verb of ['STOR', 'RETR', 'SIZE']) delete on[verb]
  for (const mlst of [true, false]) {
    const files = { '/p/f': 'kept', '/p/f -b': 'other', '/q': 'q', '/p/d/x': 'x' }
    for (const call of [
      (vfs: Vfs) => vfs.unlink('/p/f -b'),
      (vfs: Vfs) => vfs.rm('/p/d -b', { recursive: true }),
      (vfs: Vfs) => vfs.rename('/q', '/p/f -b'),
      (vfs: Vfs) => vfs.mkdir('/p/new -b'),
      (vfs: Vfs) => vfs.chmod('/p/f -b', 0o600),
      (vfs: Vfs) => vfs.stat('/p/f -b'),
    ]) {
      const { vfs, server } = await scriptedVfs(t, { files, mlst, on })
      const before = [...server.files.keys()]
      const error = await failureOf(call(vfs))
      t.match(error, { code: 'EINVAL', message: /a word that begins with "-"/ }, String(call))
      t.same([...server.files.keys()], before, String(call))
    }
  }
})

t.test('a name that is rewritten reaches no other file', async t => {
  const table: [what: string, rewrite: (path: string) => string, name: string, reason: RegExp][] = [
    ['bytes beyond ASCII are dropped', ascii, '/p/日本', /characters beyond ASCII/],
    ['they become question marks', path => path.replace(/[^\0-\x7f]/g, '?'), '/p/é', /beyond ASCII/],
    ['a space at the end is dropped', trimmed, '/p/f ', /a space at the end/],
    ['a dot at the end is dropped', trimmed, '/p/f.', /a dot at the end/],
    ['a backslash is a slash', slashes, '/p/sub\\f', /a backslash/],
  ]
  for (const [what, rewrite, name, reason] of table) {
    await t.test(what, async t => {
      const files = { '/p/f': 'kept', '/p/sub/f': 'kept', '/q': 'q' }
      const calls: ((vfs: Awaited<ReturnType<typeof scriptedVfs>>['vfs']) => Promise<unknown>)[] = [
        vfs => vfs.rm(name, { recursive: true }),
        vfs => vfs.writeFile(name, 'new'),
        vfs => vfs.appendFile(name, 'new'),
        vfs => vfs.unlink(name),
        vfs => vfs.rmdir(name),
        vfs => vfs.mkdir(name),
        vfs => vfs.mkdir(`${name}/deep`, { recursive: true }),
        vfs => vfs.rename('/q', name),
        vfs => vfs.rename(name, '/r'),
        vfs => vfs.copyFile('/q', name),
        vfs => vfs.chmod(name, 0o600),
        vfs => vfs.utimes(name, 1, 1),
        vfs => vfs.truncate(name, 0),
      ]
      for (const call of calls) {
        const { vfs, server, sent } = await scriptedVfs(t, rewriting(rewrite, { files }))
        const before = [...server.files.keys()]
        t.match(await failureOf(call(vfs)), { code: /^(EINVAL|ENOENT|EISDIR)$/ }, String(call))
        t.same([...server.files.keys()], before, String(call))
        t.equal(server.files.get('/p/f')!.content.toString(), 'kept')
        const said = sent().length
        t.match(await failureOf(vfs.writeFile(name, 'new')), { code: 'EINVAL', message: reason })
        const tried = sent().filter(line => line.startsWith('STOR')).length
        t.match(await failureOf(vfs.readFile(name)), { code: 'EINVAL', message: reason })
        t.match(await failureOf(vfs.writeFile(name, 'new')), { code: 'EINVAL' })
        t.equal(sent().filter(line => line.startsWith('STOR')).length, tried, 'it is tried once')
        t.ok(said > 0)
      }
    })
  }
})

t.test('names that are kept are tried once for each kind, and used', async t => {
  const { vfs, server, sent } = await scriptedVfs(t, { files: { '/p': null } })
  for (const name of ['日本', 'ö', 'a ', 'b ', 'c.', 'x\\y', 'z\\']) {
    await vfs.writeFile(`/p/${name}`, name)
    t.equal(await vfs.readFile(`/p/${name}`, 'utf8'), name)
  }
  t.equal(sent().filter(line => line.startsWith('STOR') && line.includes('ftp-vfs-')).length, 8)
  t.same(left(server.files.keys()), [])
  await vfs.rm('/p', { recursive: true })
  t.same([...server.files.keys()], ['/'])
})

t.test('calls that only read tell nothing of another file, and make none', async t => {
  const files = { '/p/f': 'kept', '/p/sub/f': 'kept', '/p/d/in': 'kept', '/??': 'kept' }
  const mangled = (path: string): string => path.replace(/[^\0-\x7f]+/g, '??')
  const table: [rewrite: (path: string) => string, name: string, reason: RegExp][] = [
    [ascii, '/p/日本', /characters beyond ASCII/],
    [ascii, '/p/f日', /characters beyond ASCII/],
    [ascii, '/p/d日/in', /characters beyond ASCII/],
    [mangled, '/é', /characters beyond ASCII/],
    [trimmed, '/p/f ', /a space at the end/],
    [trimmed, '/p/d./in', /a dot at the end/],
    [slashes, '/p/sub\\f', /a backslash/],
  ]
  const calls: ((vfs: Vfs, name: string) => Promise<unknown>)[] = [
    (vfs, name) => vfs.readFile(name),
    (vfs, name) => vfs.stat(name),
    (vfs, name) => vfs.lstat(name),
    (vfs, name) => vfs.exists(name),
    (vfs, name) => vfs.access(name),
    (vfs, name) => vfs.readdir(name),
    (vfs, name) => vfs.opendir(name),
    async (vfs, name) => (await vfs.open(name)).close(),
    (vfs, name) => vfs.createReadStream(name).toArray(),
    (vfs, name) => vfs.copyFile(name, '/copy'),
    (vfs, name) => vfs.cp(name, '/copy', { recursive: true }),
    (vfs, name) => vfs.realpath(name),
  ]
  for (const mlst of [true, false]) {
    for (const [rewrite, name, reason] of table) {
      for (const call of calls) {
        const { vfs, server } = await scriptedVfs(t, rewriting(rewrite, { mlst, files }))
        const before = [...server.files.keys()]
        const error = await failureOf(call(vfs, name))
        t.match(error, { code: 'EINVAL', message: reason }, `${name}; MLST ${mlst}: ${String(call)}`)
        t.same([...server.files.keys()], before)
      }
    }
  }
})

t.test('names that are kept cost one flight and one listing, once for each kind', async t => {
  for (const mlst of [true, false]) {
    const names = ['日本', 'ö', 'ж', 'caf', 'café', 'a ', 'a', 'b  ', 'c.', 'c', 'x\\y', 'x']
    const files = Object.fromEntries(
      names.map(name => [Buffer.from(`/p/${name}`).toString('latin1'), Buffer.from(name)]),
    )
    const { vfs, sent } = await scriptedVfs(t, { mlst, files }, { connections: 4 })
    const read = await Promise.all(names.map(name => vfs.readFile(`/p/${name}`, 'utf8')))
    t.same(read, names)
    t.ok(sent().filter(line => line.startsWith(mlst ? 'MLSD' : 'LIST')).length <= 4, 'one for each kind')
    const before = sent().length
    for (const name of names) t.equal((await vfs.stat(`/p/${name}`)).size, Buffer.byteLength(name))
    t.equal(sent().length - before, names.length * (mlst ? 1 : 3))
    t.match(await failureOf(vfs.stat('/p/none é')), { code: 'ENOENT' })
    t.equal(await vfs.exists('/p/é'), false)
  }
})

t.test('a name that is found and not listed is another one', async t => {
  // A server in a code page without é, which finds e for it.
  const fits = (path: string): string => path.replaceAll('\xc3\xa9', 'e')
  const { vfs } = await scriptedVfs(t, rewriting(fits, { files: { '/p/e': 'kept' } }))
  t.match(await failureOf(vfs.readFile('/p/é')), { code: 'EINVAL', message: /does not show this name/ })
})

t.test('calls that only read try nothing', async t => {
  const { vfs, sent } = await scriptedVfs(t, { files: { '/caf\xc3\xa9/f ': 'x' } })
  await vfs.readdir('/café')
  t.equal(await vfs.readFile('/café/f ', 'utf8'), 'x')
  await vfs.stat('/café/f ')
  t.notOk(sent().some(line => line.startsWith('STOR')))
})

t.test('the byte FF, doubled where the server wants it so', async t => {
  for (const script of [{ files: { '/d': null } }, rewriting(iac, { files: { '/d': null } })]) {
    const { vfs, server } = await scriptedVfs(t, script, { encoding: 'windows-1251' })
    await vfs.writeFile('/d/яблоко', 'x')
    t.same([...server.files.keys()], ['/', '/d', '/d/\xff\xe1\xeb\xee\xea\xee'])
    t.equal(await vfs.readFile('/d/яблоко', 'utf8'), 'x')
    t.same(await vfs.readdir('/d'), ['яблоко'])
    await vfs.rm('/d', { recursive: true })
    t.same([...server.files.keys()], ['/'])
  }
  const drops = rewriting(path => path.replaceAll('\xff', ''), { files: { '/bc': 'kept' } })
  const { vfs, content } = await scriptedVfs(t, drops, { encoding: 'latin1' })
  t.match(await failureOf(vfs.unlink('/ÿbc')), { code: 'EINVAL', message: /the byte FF/ })
  t.equal(content('/bc'), 'kept')
})

t.test('where no file can be made to try a name, the listing and PWD have to show it', async t => {
  const refuses: Handler = ctx => ctx.reply('550 Permission denied')
  const files = { '/p/caf\xc3\xa9/f': 'x' }
  const sane = await scriptedVfs(t, { files, on: { STOR: refuses } })
  await sane.vfs.unlink('/p/café/f')
  t.notOk(sane.server.files.has('/p/caf\xc3\xa9/f'))
  t.match(await failureOf(sane.vfs.unlink('/p/cafè')), { code: 'ENOENT' })
  t.match(await failureOf(sane.vfs.writeFile('/p/cafè', 'x')), { code: 'EACCES' })
  const drops = rewriting(ascii, { files: { ...files, '/p/caf/f': 'kept' }, on: { STOR: refuses } })
  const { vfs, server } = await scriptedVfs(t, drops)
  t.match(await failureOf(vfs.unlink('/p/café/f')), { code: 'ENOENT' })
  t.ok(server.files.has('/p/caf/f'))
})

t.test('on a server that says Windows a backslash is EINVAL in every call, and nothing is sent', async t => {
  const script = rewriting(slashes, { listStyle: 'iis', mlst: false, files: { '/x': 'kept', '/sub/y': 'y' } })
  const { vfs, sent, content } = await scriptedVfs(t, script, { path: '/sub' })
  for (const call of [
    () => vfs.readFile('/..\\x'),
    () => vfs.stat('/..\\x'),
    () => vfs.readdir('/..\\x'),
    () => vfs.writeFile('/..\\x', 'new'),
    () => vfs.unlink('/..\\x'),
    () => vfs.mkdir('/..\\new'),
    () => vfs.rename('/y', '/..\\x'),
  ]) {
    t.match(await failureOf(call()), { code: 'EINVAL', message: /backslash/ })
  }
  t.equal(content('/x'), 'kept')
  t.same(sent(), [])
})

t.test('a name that is not UTF-8, on a server that says UTF8: by its Buffer, where it is kept', async t => {
  const name = Buffer.from('/d/caf\xe9', 'latin1')
  const files = { '/d/caf\xe9': 'x', '/d/caf': 'kept' }
  for (const mlst of [true, false]) {
    const whole = await scriptedVfs(t, { mlst, files: { ...files, '/d/sub\xe9/in': 'y' } })
    t.equal((await whole.vfs.lstat(name)).size, 1)
    await whole.vfs.rm('/d', { recursive: true })
    t.same([...whole.server.files.keys()], ['/'])
  }
  const { vfs, server, sent } = await scriptedVfs(t, { files })
  t.same((await vfs.readdir('/d', { encoding: 'buffer' })).sort(Buffer.compare), [
    Buffer.from('caf'),
    name.subarray(3),
  ])
  t.equal(await vfs.readFile(name, 'utf8'), 'x')
  await vfs.unlink(name)
  t.same([...server.files.keys()], ['/', '/d', '/d/caf'])
  t.ok(
    server.commands.some(({ line }) => line === 'OPTS UTF8 ON'),
    'the server says UTF8',
  )
  t.ok(sent().includes('DELE /d/caf\xe9'))

  const drops = await scriptedVfs(t, rewriting(ascii, { files }))
  t.match(await failureOf(drops.vfs.unlink(name)), { code: 'EINVAL', message: /bytes that are no text/ })
  t.ok(drops.server.files.has('/d/caf'))
})

t.test("a name in the URL's own folder is not taken for another, by calls that only read", async t => {
  const rows: [what: string, rewrite: (path: string) => string, folder: string][] = [
    ['bytes beyond ASCII are dropped', ascii, '/ü'],
    ['they become what stands next to them', path => path.replaceAll('\xc3\xbc', 'u'), '/ü'],
    ['a space at the end is dropped', path => path.replace(/ +(?=\/|$)/g, ''), '/u /sub'],
  ]
  const files = { '/f': 'other', '/u/f': 'other', '/u/sub/f': 'other' }
  for (const mlst of [true, false]) {
    for (const [what, rewrite, path] of rows) {
      for (const call of [
        (vfs: Vfs) => vfs.readFile('/f'),
        (vfs: Vfs) => vfs.readdir('/'),
        (vfs: Vfs) => vfs.stat('/f'),
        (vfs: Vfs) => vfs.exists('/f'),
        (vfs: Vfs) => vfs.lstat('/'),
      ]) {
        const { vfs } = await scriptedVfs(t, rewriting(rewrite, { files, mlst }), {
          path,
          absolutePath: true,
        })
        t.match(await failureOf(call(vfs)), { code: 'EINVAL' }, `${what}: ${String(call)}`)
        t.match(await failureOf(call(vfs)), { code: 'EINVAL' }, `again: ${String(call)}`)
      }
    }
  }
})

t.test("the URL's own folder is asked about once, where its name is kept", async t => {
  const path = '/home/é/sub'
  const bytes = '/home/\xc3\xa9/sub'
  const files = { [`${bytes}/f`]: 'x', [`${bytes}/d/g`]: 'y' }
  for (const mlst of [true, false]) {
    const { vfs, sent } = await scriptedVfs(t, { files, mlst }, { path, absolutePath: true })
    t.equal(await vfs.readFile('/f', 'utf8'), 'x')
    t.same((await vfs.readdir('/')).sort(), ['d', 'f'])
    t.same(await vfs.readdir('/d'), ['g'])
    t.ok((await vfs.stat('/f')).isFile())
    t.equal(sent().filter(line => /^CWD \/home\/(?!\xc3\xa9)/.test(line)).length, 1)
    const missing = await scriptedVfs(t, { files, mlst }, { path: '/home/ö', absolutePath: true })
    t.match(await failureOf(missing.vfs.readdir('/')), { code: 'ENOENT' })
  }
})

t.test("a link by the name of the URL's folder is no other name", async t => {
  const files = { '/\xc3\xbc/f': 'x', '/data/f': 'x' }
  const CWD: Handler = async ctx => {
    await ctx.next()
    if (ctx.connection.cwd === '/\xc3\xbc') ctx.connection.cwd = '/data/deep'
  }
  const { vfs } = await scriptedVfs(t, { files, on: { CWD } }, { path: '/ü', absolutePath: true })
  t.equal(await vfs.readFile('/f', 'utf8'), 'x')
})
