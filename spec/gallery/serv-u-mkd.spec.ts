import t from 'tap'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import type { Handler } from '../support/script.js'

// FluentFTP#1332: Serv-U refuses `MKD /15` by 501, and takes `MKD 15` behind a CWD. The trap: 501 is
// about the argument, so that the name seems to be at fault.

const MKD: Handler = ctx =>
  ctx.argument.includes('/') ? ctx.reply('501 Syntax error in parameters or arguments.') : ctx.next()
/** Without the trials with folders of our own. */
const made = (sent: string[]): string[] => sent.filter(line => /^MKD (?!.*ftp-vfs-)/.test(line))

for (const mlst of [true, false]) {
  for (const useCwdNames of [false, true]) {
    t.test(`MKD goes on by the bare name; MLST: ${mlst}, useCwdNames: ${useCwdNames}`, async t => {
      const { vfs, server } = await scriptedVfs(
        t,
        { mlst, files: { '/d': null }, on: { MKD } },
        { useCwdNames },
      )
      await vfs.mkdir('/15')
      await vfs.mkdir('/d/16')
      t.equal(await vfs.mkdir('/d/16/a/b', { recursive: true }), '/d/16/a')
      t.equal(await vfs.mkdir('/d/16/a/b', { recursive: true }), undefined)
      t.same([...server.files.keys()], ['/', '/d', '/15', '/d/16', '/d/16/a', '/d/16/a/b'])
    })
  }
}

t.test('the next one goes that way at once', async t => {
  const { vfs, sent } = await scriptedVfs(t, { files: { '/d': null }, on: { MKD } })
  await vfs.mkdir('/d/a')
  await vfs.mkdir('/d/b')
  await vfs.mkdir('/d/c/d', { recursive: true })
  t.same(made(sent()), ['MKD /d/a', 'MKD a', 'MKD b', 'MKD d', 'MKD c', 'MKD d'])
})

t.test('recursive, on a server of which nothing is known yet', async t => {
  const { vfs, server } = await scriptedVfs(t, { on: { MKD } })
  t.equal(await vfs.mkdir('/a/b/c', { recursive: true }), '/a')
  t.ok(server.files.has('/a/b/c'))
})

t.test('what is refused by its bare name, too, is refused', async t => {
  const refuses: Handler = ctx => (ctx.argument.includes(':') ? ctx.reply('501 Bad name') : MKD(ctx))
  const { vfs, server, sent } = await scriptedVfs(t, { files: { '/f': 'x' }, on: { MKD: refuses } })
  t.match(await failureOf(vfs.mkdir('/a:b')), { code: 'EINVAL', syscall: 'mkdir' })
  t.match(await failureOf(vfs.mkdir('/none/a')), { code: 'ENOENT' })
  t.match(await failureOf(vfs.mkdir('/f/a')), { code: 'ENOTDIR' })
  t.match(await failureOf(vfs.mkdir('/f')), { code: 'EEXIST' })
  t.match(await failureOf(vfs.mkdir('/f', { recursive: true })), { code: 'EEXIST' })
  t.same([...server.files.keys()], ['/', '/f'])
  t.notOk(made(sent()).includes('MKD a'), 'no bare name is sent where its folder was not entered')
})
