import t from 'tap'
import { fewRetries, scriptedVfs } from '../remote/scripted-vfs.js'
import type { Handler, Script } from '../support/script.js'

const files = { '/d/a': '1234', '/d/sub/b': 'x', '/empty': null }
const listings = (sent: string[]): string[] => sent.filter(line => /^(LIST|MLSD|NLST)/.test(line))

/**
 * The transcripts: FEAT names MLST, and MLSD is refused, with and without a path (Quadros, MinimalFTP,
 * and servers that only have MLST). The trap: every listing is an error, or asks for MLSD for ever.
 */
const refusals: Record<string, Handler> = {
  '501 whatever it gets': ctx => ctx.reply('501 Syntax error in parameters or arguments.'),
  '501 without its path': ctx => (ctx.argument === '' ? ctx.reply('501 Missing parameters') : ctx.next()),
  '502': ctx => ctx.reply('502 Command not implemented.'),
  '500': ctx => ctx.reply('500 MLSD not understood'),
  '504': ctx => ctx.reply('504 Not for that parameter'),
}

for (const [title, MLSD] of Object.entries(refusals)) {
  await t.test(`MLSD is said, and is ${title}`, async t => {
    const { vfs, sent, server } = await scriptedVfs(t, { files, on: { MLSD } })
    t.same(await vfs.readdir('/d'), ['a', 'sub'])
    t.same(listings(sent()), ['MLSD', 'LIST -a'])
    t.same(
      (await vfs.readdir('/d', { withFileTypes: true })).map(entry => entry.isDirectory()),
      [false, true],
    )
    const before = sent().length
    t.same(await vfs.readdir('/empty'), [])
    await vfs.cp('/d', '/copy', { recursive: true })
    t.same([...server.files.keys()].filter(path => path.startsWith('/copy')).sort(), [
      '/copy',
      '/copy/a',
      '/copy/sub',
      '/copy/sub/b',
    ])
    await vfs.rm('/d', { recursive: true })
    t.notOk(server.files.has('/d'))
    t.notOk(listings(sent().slice(before)).includes('MLSD'), 'not asked again once it has failed twice')
    t.equal(server.connections, 1)
  })
}

/** MLSD prints what LIST does. */
await t.test('lines that are none of MLSD', async t => {
  const MLSD: Handler = async ctx => {
    const lines = [...ctx.server.files.keys()].filter(path => path.startsWith('/d/') && path.length === 4)
    await ctx.send(lines.map(path => `-rw-r--r-- 1 0 0 4 Jan 01 2020 ${path.slice(3)}\r\n`))
  }
  for (const listErrors of ['throw', 'skip'] as const) {
    const { vfs, sent } = await scriptedVfs(t, { files, on: { MLSD } }, { listErrors })
    t.same(await vfs.readdir('/d'), ['a', 'sub'])
    t.same(listings(sent()), ['MLSD', 'LIST -a'])
    await vfs.readdir('/d')
    await vfs.readdir('/d')
    t.same(listings(sent()).slice(-1), ['LIST -a'])
  }
})

/** MLSD fails once, as while the server is set up anew. */
await t.test('what fails once is not left out for that', async t => {
  const MLSD: Handler = ctx => (ctx.n % 2 === 1 ? ctx.reply('500 Oops') : ctx.next())
  const { vfs, sent } = await scriptedVfs(t, { files, on: { MLSD } })
  for (let round = 0; round < 6; round++) t.same(await vfs.readdir('/d'), ['a', 'sub'])
  t.equal(listings(sent()).filter(verb => verb === 'MLSD').length, 6)
})

await t.test('a refusal that is about the folder says so', async t => {
  const { vfs, sent } = await scriptedVfs(t, {
    files,
    on: { MLSD: ctx => ctx.reply('550 Permission denied') },
  })
  await t.rejects(vfs.readdir('/d'), { code: 'EACCES' })
  await t.rejects(vfs.readdir('/none'), { code: 'ENOENT' })
  await t.rejects(vfs.readdir('/d/a'), { code: 'ENOTDIR' })
  t.same(listings(sent()), ['MLSD'])
})

await t.test('where no command works, the error is that of the one that says most', async t => {
  const lacking: Handler = ctx => ctx.reply('502 Command not implemented.')
  const denied: Handler = ctx => ctx.reply('550 Permission denied')
  const on: Script['on'] = { MLSD: lacking, LIST: lacking, NLST: lacking }
  const none = await scriptedVfs(t, { files, on })
  await t.rejects(none.vfs.readdir('/d'), { code: 'ENOTSUP', syscall: 'scandir', path: '/d' })
  const last = await scriptedVfs(t, { files, on: { ...on, NLST: denied } })
  await t.rejects(last.vfs.readdir('/d'), { code: 'EACCES' })
  const unreadable: Handler = ctx => ctx.send(['here\r\n'])
  const first = await scriptedVfs(t, { files, on: { ...on, MLSD: unreadable } })
  await t.rejects(first.vfs.readdir('/d'), { code: 'ERR_FTP_LISTING', message: /"here"/ })
})

await t.test('a refusal that passes is asked again, by the way that was found', async t => {
  const on: Script['on'] = {
    MLSD: ctx => ctx.reply('502 No'),
    LIST: ctx => (ctx.n < 3 ? ctx.reply('450 Busy') : ctx.next()),
  }
  const { vfs, sent } = await scriptedVfs(t, { files, on }, fewRetries)
  t.same(await vfs.readdir('/d'), ['a', 'sub'])
  t.equal(listings(sent()).filter(verb => verb === 'MLSD').length, 1)
})

/** The times of LIST are the server's own, here an hour ahead: what is kept says which they are. */
await t.test('what a listing by LIST has told is kept as such', async t => {
  const LIST: Handler = ctx => ctx.send(['-rw-r--r-- 1 0 0 4 Jan  2 04:04 a\r\n'.replace('04:04', ' 2020')])
  const { vfs } = await scriptedVfs(
    t,
    { files: { '/d/a': '1234' }, on: { MLSD: ctx => ctx.reply('502 No'), LIST } },
    { statCacheTtl: 60_000, serverTimezone: '+01:00' },
  )
  await vfs.readdir('/d')
  t.equal((await vfs.lstat('/d/a')).mtime.toISOString(), '2020-01-01T23:00:00.000Z')
})
