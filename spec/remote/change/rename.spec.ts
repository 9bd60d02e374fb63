import t from 'tap'
import { FtpVfs } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import { failureOf, scriptedVfs } from '../scripted-vfs.js'

const files = { '/f': 'old', '/g': 'other', '/d': null, '/full/x': 'x' }

t.test('RNFR and RNTO go in one flight, and a refused RNFR changes nothing', async t => {
  const on = await scriptedVfs(t, { files })
  await on.vfs.connect()
  const before = on.server.flights.length
  await on.vfs.rename('/f', '/new')
  t.same(on.server.flights.slice(before), [['RNFR /f', 'RNTO /new']])
  t.match(await failureOf(on.vfs.rename('/none', '/g')), { code: 'ENOENT', path: '/none', dest: '/g' })
  t.equal(on.content('/g'), 'other')
})

for (const [title, what] of [
  ['a reply that is lost', 'control'],
  ['a command that is lost', 'both'],
] as const) {
  for (const command of ['RNFR', 'RNTO']) {
    t.test(`${title}, of ${command}: the file moves once, and it succeeds`, async t => {
      for (const dest of ['/new', '/g']) {
        const { vfs, server, content } = await scriptedVfs(t, { files, cut: { command, what } })
        await vfs.rename('/f', dest)
        t.equal(content(dest), 'old')
        t.notOk(server.files.has('/f'))
      }
    })
  }
}

t.test('a refusal after a lost reply is still one', async t => {
  const { vfs } = await scriptedVfs(t, { files, cut: { command: 'RNTO' } })
  t.match(await failureOf(vfs.rename('/none', '/new')), { code: 'ENOENT' })
  t.match(await failureOf(vfs.rename('/d', '/full')), { code: 'ENOTEMPTY' })
})

t.test('onto itself, where RNTO refuses a name that exists, does nothing', async t => {
  const { vfs, sent } = await scriptedVfs(t, {
    files,
    on: { RNTO: ctx => ctx.reply('553 File exists') },
  })
  await vfs.rename('/f', '/f')
  await vfs.rename('/full', '/full')
  t.same(sent(), ['RNFR /f', 'RNTO /f', 'RNFR /full', 'RNTO /full'])
})

await forServers(t, 'renaming with useCwdNames, from one folder to another', async (t, { url }) => {
  await using vfs = new FtpVfs(url, { connections: 1, useCwdNames: true })
  await vfs.mkdir('/a/b', { recursive: true })
  await vfs.writeFile('/a/f', 'right')
  await vfs.writeFile('/a/b/f', 'wrong')
  await vfs.rename('/a/f', '/a/b/g')
  t.same((await vfs.readdir('/a/b')).sort(), ['f', 'g'])
  t.equal(await vfs.readFile('/a/b/g', 'utf8'), 'right')
  t.equal(await vfs.readFile('/a/b/f', 'utf8'), 'wrong')
  await vfs.rename('/a/b', '/c')
  await vfs.mkdir('/a/b')
  await vfs.writeFile('/a/b/h', 'x')
  t.same(await vfs.readdir('/a/b'), ['h'])
  t.same((await vfs.readdir('/c')).sort(), ['f', 'g'])
})
