import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'
import { transcript } from '../support/transcript.js'

t.test('a fitting code whose text cannot be read is no answer, and no shift: the listing tells', async t => {
  const dialog = transcript(`
    > SIZE /a
    < 213 about 3 bytes
  `)
  const { vfs, server } = await scriptedVfs(t, { mlst: false, files: { '/a': 'abc' }, ...dialog })
  t.equal((await vfs.stat('/a')).size, 3)
  t.equal(server.connections, 1)
})
