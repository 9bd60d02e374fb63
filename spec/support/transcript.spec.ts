import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'
import { transcript } from './transcript.js'

t.test('each command gets the replies that stand behind it, then the last of them again', async t => {
  const { vfs, sent } = await scriptedVfs(t, {
    mlst: false,
    files: { '/a': 'abc' },
    ...transcript(`
      ftp-vfs #1 - connected
      ftp-vfs #1 < 220-Hello
      ftp-vfs #1 < 220 you
      ftp-vfs #1 > SIZE /a
      ftp-vfs #1 < 213 5
      > SIZE /a
      < 213 7
    `),
  })
  const sizes: number[] = []
  for (let times = 0; times < 3; times++) sizes.push((await vfs.stat('/a')).size)
  t.same(sizes, [5, 7, 7])
  t.ok(sent().includes('MDTM /a'), 'the rest is as usual')
})

t.test('a listing', async t => {
  const { vfs } = await scriptedVfs(t, {
    mlst: false,
    ...transcript(`
      > PASV
      < 227 Entering Passive Mode (192,168,1,2,3,4)
      > LIST -a
      < 150 Here it comes
      | total 1
      | -rw-r--r--   1 owner    group         3 Jan  2  2020 a
      < 226-Done
      < 226 1 file
    `),
  })
  t.same(await vfs.readdir('/'), ['a'])
})

t.test('what is positive takes place', async t => {
  const { vfs, server } = await scriptedVfs(t, {
    files: { '/a': 'abc', '/b': 'abc' },
    ...transcript(`
      > USER anonymous
      < 331 Who is it?
      > PASS anonymous@
      < 230 Ah
      > DELE /a
      < 200 Gone
      > DELE /b
      < 550 Not this one
    `),
  })
  await vfs.unlink('/a')
  await t.rejects(vfs.unlink('/b'), { code: 'EACCES' })
  t.same([...server.files.keys()], ['/', '/b'])
})
