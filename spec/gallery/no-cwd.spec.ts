import t from 'tap'
import { posix } from 'node:path'
import { scriptedVfs } from '../remote/scripted-vfs.js'
import { Refusal, type Handler, type Script } from '../support/script.js'

const files = {
  '/d/a': '1234',
  '/d/sub/b': 'x',
  '/one/one': 'x',
  '/empty': null,
  '/file': 'x',
  '/with space/a': 'x',
}
const unknown: Handler = ctx => ctx.reply(`500 ${ctx.command} not understood`)
const listings = (sent: string[]): string[] => sent.filter(line => /^(LIST|MLSD|NLST)/.test(line))

/** As some servers list what is not there: with nothing, and 226. */
const nothing: Handler = async ctx => {
  const path = posix.resolve('/', ctx.argument.replace(/^-a ?/, ''))
  if (ctx.server.files.has(path)) return ctx.next()
  return ctx.send([])
}

/** The name of a file that is listed is its path. */
const wholePaths: Handler = async ctx => {
  const entry = ctx.server.files.get(ctx.path)
  if (!entry) throw new Refusal('550 No such file or directory')
  if (entry.content === 'dir') return ctx.next()
  return ctx.send([`-rw-r--r-- 1 0 0 4 Jan 01 2020 ${ctx.path}\r\n`])
}

/**
 * The transcript: `CWD /d`, `500 CWD not understood`; `LIST /d`, the listing. The traps: a file is
 * listed, too, by one line, what is missing may be listed as nothing, and some paths mean another.
 */
const servers: Record<string, Script> = {
  'with LIST -a': { mlst: false, on: { CWD: unknown } },
  'with LIST alone': {
    mlst: false,
    on: { CWD: unknown, LIST: ctx => (ctx.argument.startsWith('-') ? unknown(ctx) : ctx.next()) },
  },
  'nothing of what is missing': { mlst: false, on: { CWD: unknown, LIST: nothing } },
  'paths for files': {
    mlst: false,
    on: { CWD: unknown, LIST: ctx => (ctx.argument.startsWith('-') ? unknown(ctx) : wholePaths(ctx)) },
  },
  'with MLSD': { on: { CWD: unknown } },
}

for (const [title, script] of Object.entries(servers)) {
  await t.test(`no CWD, ${title}`, async t => {
    const { vfs, sent } = await scriptedVfs(t, { files, ...script })
    t.same(await vfs.readdir('/d'), ['a', 'sub'])
    t.same(await vfs.readdir('/d/sub'), ['b'])
    t.same(await vfs.readdir('/one'), ['one'], 'a folder with an entry of its own name')
    t.same(await vfs.readdir('/empty'), [])
    t.same((await vfs.readdir('/')).sort(), ['d', 'empty', 'file', 'one', 'with space'])
    await t.rejects(vfs.readdir('/none'), { code: 'ENOENT', syscall: 'scandir', path: '/none' })
    await t.rejects(vfs.readdir('/file'), { code: 'ENOTDIR' })
    const before = sent().length
    await t.rejects(vfs.readdir('/with space'), { code: 'EINVAL', message: /no CWD/ })
    await vfs.readdir('/d')
    const asked = sent().slice(before)
    t.notOk(
      asked.some(line => line.includes('with space')),
      'nothing is sent of a path that may mean another',
    )
    t.notOk(
      asked.some(line => line.startsWith('CWD')),
      'CWD is not asked again',
    )
    t.ok(listings(asked).every(line => line.endsWith(' /d')))
  })
}

await t.test('names in folders by useCwdNames need CWD', async t => {
  const { vfs } = await scriptedVfs(t, { files, mlst: false, on: { CWD: unknown } }, { useCwdNames: true })
  await t.rejects(vfs.readdir('/d'), {
    code: 'ENOTSUP',
    message: /no CWD, which the option useCwdNames needs/,
  })
})

await t.test('a CWD that has worked is not doubted for a 500', async t => {
  const CWD: Handler = ctx => (ctx.argument === '/d' ? ctx.reply('500 Cannot do that') : ctx.next())
  const { vfs, sent } = await scriptedVfs(t, { files, mlst: false, on: { CWD } })
  await vfs.readdir('/empty')
  await t.rejects(vfs.readdir('/d'))
  t.notOk(sent().some(line => /^LIST.*\/d/.test(line)))
})
