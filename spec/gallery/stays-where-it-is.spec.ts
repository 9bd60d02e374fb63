import t from 'tap'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import { Refusal, type Handler, type Script } from '../support/script.js'

const files = { '/top': '1', '/d/a': '12', '/d/sub/b': '123', '/e/c': '1234', '/empty': null }

/**
 * The transcript: `CWD /d`, `250 OK`; `PWD`, `257 "/"`. The traps: LIST and MLSD without a path show
 * the folder of before, and bare names are those of files there.
 */
const CWD: Handler = ctx => {
  if (ctx.server.files.get(ctx.path)?.content !== 'dir') throw new Refusal('550 No such directory')
  ctx.reply('250 OK')
}
const asked = (sent: string[]): string[] => sent.filter(line => /^(CWD|LIST|MLSD)/.test(line))

for (const mlst of [true, false]) {
  const script: Script = { files, mlst, on: { CWD } }

  t.test(`a CWD that says 250 and stays where it is; MLST: ${mlst}`, async t => {
    const { vfs, sent, server } = await scriptedVfs(t, script)
    t.same((await vfs.readdir('/d')).sort(), ['a', 'sub'])
    t.same(await vfs.readdir('/e'), ['c'])
    t.same(await vfs.readdir('/empty'), [])
    t.same((await vfs.readdir('/')).sort(), ['d', 'e', 'empty', 'top'])
    t.same((await vfs.readdir('/', { recursive: true })).sort(), [
      'd',
      'd/a',
      'd/sub',
      'd/sub/b',
      'e',
      'e/c',
      'empty',
      'top',
    ])
    t.match(await failureOf(vfs.readdir('/none')), { code: 'ENOENT', syscall: 'scandir', path: '/none' })
    t.match(await failureOf(vfs.readdir('/top')), { code: 'ENOTDIR' })
    t.match(await vfs.server(), { abilities: { 'CWD that moves': 'failed' } })
    t.equal(asked(sent())[0], 'CWD /d')
    // Whether it is a link, PWD behind CWD would tell.
    const before = [...server.files.keys()]
    t.match(await failureOf(vfs.rm('/d', { recursive: true })), { code: 'ENOTSUP', message: /may be a link/ })
    t.same([...server.files.keys()], before)
  })
}

t.test('bare names reach no file of the folder of before', async t => {
  const { vfs, content, sent, server } = await scriptedVfs(
    t,
    { files: { ...files, '/a': 'kept' }, mlst: false, on: { CWD } },
    { useCwdNames: true },
  )
  t.equal(await vfs.readFile('/top', 'utf8'), '1')
  for (const work of [
    () => vfs.unlink('/d/a'),
    () => vfs.writeFile('/d/a', 'x'),
    () => vfs.readFile('/d/a'),
    () => vfs.mkdir('/d/new'),
    () => vfs.readdir('/d'),
    () => vfs.stat('/d').then(() => vfs.writeFile('/d/a', 'x')),
  ]) {
    const error = await failureOf(work())
    t.match(error, { code: 'ENOTSUP' })
    t.match(`${error.message}, ${String(error.cause)}`, /CWD/)
  }
  t.equal(content('/a'), 'kept')
  t.equal(content('/d/a'), '12')
  t.notOk(server.files.has('/new'))
  t.same(
    sent().filter(line => /^(DELE|STOR|MKD)/.test(line)),
    [],
  )
})

t.test('a folder that is made by its bare name is not made in the folder of before', async t => {
  const MKD: Handler = ctx => (ctx.argument.startsWith('/') ? ctx.reply('501 Invalid path') : ctx.next())
  const { vfs, server } = await scriptedVfs(t, { files, on: { CWD, MKD } })
  await failureOf(vfs.mkdir('/d/new'))
  t.notOk(server.files.has('/new'))
})

t.test('a PWD that says the same wherever it is does no harm', async t => {
  // CWD leads into the folder, and LIST goes without its argument.
  const on: Script['on'] = { PWD: ctx => ctx.reply('257 "/" is current directory') }
  const takesNoPath: Handler = ctx => {
    Object.assign(ctx, { argument: '' })
    return ctx.next()
  }
  for (const more of [{}, { LIST: takesNoPath }]) {
    const { vfs } = await scriptedVfs(t, { files, mlst: false, on: { ...on, ...more } })
    t.same((await vfs.readdir('/d')).sort(), ['a', 'sub'])
    t.same(await vfs.readdir('/d/sub'), ['b'])
    t.same((await vfs.readdir('/')).sort(), ['d', 'e', 'empty', 'top'])
  }
})

t.test('PWD behind a CWD is asked until it has shown that CWD moves, in the same flight', async t => {
  const { vfs, server } = await scriptedVfs(t, { files, mlst: false })
  await vfs.readdir('/')
  await vfs.readdir('/d')
  await vfs.readdir('/e')
  const lines = server.commands.map(({ line }) => line)
  const first = lines.indexOf('CWD /')
  t.same(
    lines.slice(first).filter(line => /^(CWD|PWD)/.test(line) && !line.endsWith('-a')),
    ['CWD /', 'CWD /d', 'PWD', 'CWD /e'],
    'of the folder where the session is, PWD tells nothing',
  )
  t.match(await vfs.server(), { abilities: { 'CWD that moves': 'proven' } })
})

t.test('a link to another folder, which PWD calls by its own name, is no CWD that stays', async t => {
  const toD: Handler = ctx => {
    ctx.connection.cwd = ctx.path === '/link' ? '/d' : ctx.path
    ctx.reply('250 OK')
  }
  const { vfs, sent } = await scriptedVfs(t, { files, mlst: false, on: { CWD: toD } })
  t.same((await vfs.readdir('/link')).sort(), ['a', 'sub'])
  t.notOk(sent().some(line => /^LIST.*link/.test(line)))
})

t.test('where PWD is refused after the login, nothing can be said, and it is not asked again', async t => {
  let asked = 0
  const PWD: Handler = ctx => (asked++ ? ctx.reply('550 Failed') : ctx.next())
  const { vfs } = await scriptedVfs(t, { files, mlst: false, on: { PWD } })
  t.same((await vfs.readdir('/d')).sort(), ['a', 'sub'])
  t.same(await vfs.readdir('/e'), ['c'])
  t.equal(asked, 2)
})
