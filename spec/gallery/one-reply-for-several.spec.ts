import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'

// The discovery may take a second, and is made once for each FtpVfs: `pipelining` in the profile.
t.test('one reply for several commands in one write: one by one from then on', async t => {
  const { vfs, server } = await scriptedVfs(
    t,
    { mlst: false, answersOnlyFirst: true, files: { '/a': 'abc', '/d/b': 'bc' } },
    { connections: 2 },
  )
  t.equal((await vfs.stat('/a')).size, 3)
  const learnt = server.flights.length
  t.same(await vfs.readdir('/d'), ['b'])
  t.equal(await vfs.readFile('/a', 'utf8'), 'abc')
  await vfs.writeFile('/new', 'new')
  await vfs.unlink('/new')
  await Promise.all([vfs.stat('/a'), vfs.stat('/d/b'), vfs.readdir('/')])
  const together = server.flights.filter(lines => lines.length > 1)
  t.equal(together.length, 1, 'seen by one flight, of the first login')
  t.ok(server.flights.slice(learnt).every(lines => lines.length === 1))
})
