import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'

t.test('a new file with an executable mode becomes executable', async t => {
  const { vfs, sent } = await scriptedVfs(t, { files: { '/old': 'old' } })
  const chmods = () => sent().filter(line => line.startsWith('SITE'))
  await vfs.writeFile('/plain', 'x')
  await vfs.writeFile('/text', 'x', { mode: 0o666 })
  await vfs.writeFile('/old', 'x', { mode: 0o777 })
  t.same(chmods(), [], 'no other file, and no existing file')
  await vfs.writeFile('/program', 'x', { mode: 0o777 })
  await vfs.writeFile('/mine', 'x', { mode: 0o700 })
  t.same(chmods(), ['SITE CHMOD 755 /program', 'SITE CHMOD 700 /mine'])
})

t.test('a server that refuses the mode stores the file all the same', async t => {
  const { vfs, content } = await scriptedVfs(t, { on: { SITE: ctx => ctx.reply('500 SITE?') } })
  await vfs.writeFile('/program', 'x', { mode: 0o777 })
  t.equal(content('/program'), 'x')
})
