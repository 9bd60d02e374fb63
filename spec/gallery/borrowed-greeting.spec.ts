import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'

// An appliance greets as vsftpd does; its STOR behind REST cuts the file.
await t.test('a server that only greets as vsftpd gets no change in place', async t => {
  const { vfs, sent, content } = await scriptedVfs(t, {
    greeting: '220 (vsFTPd 3.0.3)',
    features: ['SIZE', 'MDTM', 'REST STREAM', 'EPSV', 'MLST type*;size*;modify*;'],
    files: { '/f': '0123456789' },
  })
  const file = await vfs.open('/f', 'r+')
  await file.write('ab', 4)
  await file.close()
  t.equal(content('/f'), '0123ab6789')
  const places = sent().flatMap((line, at, all) => (line.startsWith('STOR') ? [all[at - 1] ?? ''] : []))
  t.ok(places.length > 0)
  t.notOk(places.some(line => line.startsWith('REST')))
  t.match(await vfs.server(), { kind: 'unknown', named: 'vsftpd', abilities: { 'REST with STOR': 'absent' } })
})
