import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'
import type { Handler } from '../support/scripted-server.js'

const files = { '/COMTRADE': null, '/COMTRADE/a.cfg': '1234' }

const refuses =
  (text: string): Handler =>
  ctx =>
    ctx.reply(text)

// Quadros (FluentFTP#662) names MLST in FEAT and refuses it; others answer in a form of their own.
for (const [title, answer] of [
  ['501', refuses('501 Syntax error in parameters or arguments.')],
  ['502', refuses('502 Command not implemented.')],
  ['550, whatever the path', refuses('550 MLST failed.')],
  ['250 without facts', refuses('250 OK')],
] as const) {
  await t.test(`MLST is named in FEAT, and answered ${title}: SIZE, MDTM and CWD tell`, async t => {
    const { vfs, sent } = await scriptedVfs(t, { files, on: { MLST: answer } })
    for (let n = 0; n < 4; n++) {
      t.equal((await vfs.stat('/COMTRADE/a.cfg')).size, 4)
      t.ok(await vfs.exists('/COMTRADE/a.cfg'))
    }
    t.ok((await vfs.stat('/COMTRADE')).isDirectory())
    await t.rejects(vfs.stat('/COMTRADE/b.cfg'), { code: 'ENOENT' })
    t.ok(
      sent().filter(line => line.startsWith('MLST')).length <= 2,
      'it is left out from the second failure on',
    )
  })
}

await t.test('MLST that fails once is asked again, and costs no flight', async t => {
  const { vfs, sent, server } = await scriptedVfs(t, {
    files,
    on: { MLST: ctx => (ctx.n === 2 ? ctx.reply('502 Busy') : ctx.next()) },
  })
  for (let n = 0; n < 4; n++) t.equal((await vfs.stat('/COMTRADE/a.cfg')).size, 4)
  const [path, others] = ['/COMTRADE/a.cfg', ['SIZE', 'MDTM', 'CWD']]
  t.same(
    sent(),
    ['MLST', 'MLST', ...others, 'MLST', ...others, 'MLST'].map(verb => `${verb} ${path}`),
  )
  t.equal(server.flights.at(-2)!.length, 4, 'the next way goes along')
})

// Without `type` an entry with a size is a file; of one with neither, MLST tells nothing.
await t.test('an MLST entry without type and size: SIZE, MDTM and CWD tell', async t => {
  const MLST: Handler = ctx =>
    ctx.server.files.has(ctx.path)
      ? ctx.reply(`250-Listing\r\n modify=19990102030405;UNIX.mode=0600; ${ctx.path}\r\n250 End`)
      : ctx.next()
  const { vfs, sent } = await scriptedVfs(t, { files, on: { MLST } })
  for (let n = 0; n < 3; n++) {
    const file = await vfs.stat('/COMTRADE/a.cfg')
    t.same([file.isFile(), file.size, file.mtime.getUTCFullYear()], [true, 4, 2020])
    t.ok((await vfs.stat('/COMTRADE')).isDirectory())
    t.ok((await vfs.lstat('/COMTRADE')).isDirectory())
    t.ok(await vfs.exists('/COMTRADE'))
  }
  await t.rejects(vfs.stat('/COMTRADE/b.cfg'), { code: 'ENOENT' })
  t.ok(sent().includes('SIZE /COMTRADE/a.cfg'))
})
