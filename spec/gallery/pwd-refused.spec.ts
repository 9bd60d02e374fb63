import t from 'tap'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import type { Handler, Script } from '../support/script.js'

const files = { '/home/box/a.txt': '1234', '/home/box/sub/b.txt': 'x' }
const PWD: Handler = ctx => ctx.reply('502 PWD not implemented')
const PASS: Handler = ctx => {
  ctx.connection.cwd = '/home/box'
  return ctx.next()
}

/** Paths count from where the login led. */
const script = (mlst: boolean): Script => ({ files, mlst, on: { PWD, PASS } })

for (const mlst of [true, false]) {
  await t.test(
    `PWD is refused, MLST ${mlst}: paths are relative, and no session leaves the login directory`,
    async t => {
      const { vfs, sent, content } = await scriptedVfs(t, script(mlst))
      t.same((await vfs.readdir('/')).sort(), ['a.txt', 'sub'])
      t.same(await vfs.readdir('/sub'), ['b.txt'])
      t.equal((await vfs.stat('/a.txt')).size, 4)
      t.ok((await vfs.stat('/sub')).isDirectory())
      await t.rejects(vfs.stat('/none'), { code: 'ENOENT' })
      t.equal(await vfs.readFile('/sub/b.txt', 'utf8'), 'x')
      await vfs.writeFile('/sub/new.txt', 'new')
      t.equal(content('/home/box/sub/new.txt'), 'new')
      await vfs.mkdir('/made')
      await vfs.rename('/sub/new.txt', '/made/old.txt')
      t.equal(content('/home/box/made/old.txt'), 'new')
      await vfs.unlink('/made/old.txt')
      t.notOk(sent().some(line => line.startsWith('CWD')))
      t.notOk(sent().some(line => / \//.test(line)))
      t.match(await vfs.server(), { loginDirectory: '', abilities: { CWD: 'absent' } })
    },
  )
}

await t.test('an absolute path needs no PWD', async t => {
  const { vfs, sent } = await scriptedVfs(t, script(true), { absolutePath: true, path: 'home/box' })
  t.same((await vfs.readdir('/')).sort(), ['a.txt', 'sub'])
  t.ok(sent().includes('CWD /home/box'))
})

await t.test('what needs the path of the login directory says so', async t => {
  const { vfs } = await scriptedVfs(t, script(true), { useCwdNames: true })
  t.match(await failureOf(vfs.readdir('/')), { code: 'ERR_FTP_LOGIN', message: /absolutePath/ })
})
