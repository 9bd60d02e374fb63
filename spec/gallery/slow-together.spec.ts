import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'
import type { Script } from '../support/script.js'

/**
 * The transcript: `SIZE /a`, `MDTM /a`, `CWD /a` in one write, `213 3` at once, and the rest 40 ms
 * later. The trap: with Nagle's algorithm (ftp-srv 4.6.3, Node's default) the second reply waits
 * until the first is acknowledged, and the system here delays that (RFC 1122, section 4.2.3.2).
 * Alone, each command takes a millisecond.
 */
const nagle: Script = {
  mlst: false,
  files: { '/a': 'abc', '/d/b': 'bc' },
  // Longer than 40 ms, so that a busy machine changes nothing.
  pause: nth => (nth === 1 ? 300 : 0),
}

await t.test('several commands in one write are answered late: one by one from then on', async t => {
  const { vfs, server } = await scriptedVfs(t, nagle, { connections: 2 })
  for (let count = 0; count < 4; count++) t.equal((await vfs.stat('/a')).size, 3)
  t.match((await vfs.server()).abilities, {
    pipelining: 'proven',
    'pipelining without a pause': 'failed',
  })
  const learnt = server.flights.length
  t.equal((await vfs.stat('/a')).size, 3)
  t.same(
    server.flights.slice(learnt).map(lines => lines.map(line => line.split(' ')[0])),
    [['SIZE'], ['MDTM'], ['CWD'], ['SYST']],
  )
  t.same(await vfs.readdir('/d'), ['b'])
  t.equal(await vfs.readFile('/d/b', 'utf8'), 'bc')
  await vfs.writeFile('/new', 'new')
  t.equal(await vfs.readFile('/new', 'utf8'), 'new')
  await vfs.rename('/new', '/d/new')
  await t.rejects(vfs.stat('/new'), { code: 'ENOENT' })
  await vfs.unlink('/d/new')
  await Promise.all([vfs.stat('/a'), vfs.stat('/d/b'), vfs.readdir('/')])
  for (const lines of server.flights.slice(learnt)) t.equal(lines.length, 1, lines.join(', '))
})

await t.test('a server that is far gets them together', async t => {
  const { vfs, server } = await scriptedVfs(t, { ...nagle, pause: nth => (nth === 0 ? 50 : 0) })
  for (let count = 0; count < 6; count++) t.equal((await vfs.stat('/a')).size, 3)
  const asked = server.flights.filter(lines => lines[0]?.startsWith('SIZE'))
  t.equal(asked.length, 6)
  for (const lines of asked) t.equal(lines.length, 3)
})
