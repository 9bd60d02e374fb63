import t from 'tap'
import { Features } from '../../../lib/wire/server/features.js'
import { ServerProfile } from '../../../lib/wire/server/server-profile.js'

const withMlst = new Features({ code: 211, lines: ['211-x', ' MLST type*;', '211 x'] })

await t.test('nothing is certain of an unknown server', async t => {
  const { can } = new ServerProfile()
  t.equal(can.mlst.usable, false)
  t.match(can, { pipelining: { state: 'untried' }, patch: { state: 'absent' }, epsv: { state: 'untried' } })
})

await t.test('FEAT names MLST, which announces MLSD too', async t => {
  const server = new ServerProfile()
  server.features = withMlst
  t.match(server.can, { mlst: { state: 'said' }, mlsd: { state: 'said' } })
  server.kind = 'pure-ftpd'
  t.match(server.can, { mlst: { state: 'measured' }, mlsd: { state: 'measured' } })
})

await t.test('a kind has its measured abilities', async t => {
  const server = new ServerProfile()
  server.kind = 'vsftpd'
  t.match(server.can, {
    pipelining: { state: 'measured' },
    restartDownload: { state: 'measured' },
    patch: { state: 'measured' },
    listAll: { state: 'measured' },
    mlst: { state: 'absent' },
  })
  server.kind = 'pure-ftpd'
  t.match(server.can, { patch: { state: 'absent' } })
})

await t.test('commands are distinguished by their names', async t => {
  const { can } = new ServerProfile()
  can.command('SITE CHMOD 644').fail()
  can.command('MFMT 20260101000000').succeed()
  t.equal(can.command('SITE CHMOD 755').state, 'failed')
  t.equal(can.command('SITE UTIME').state, 'untried')
  t.equal(can.command('MFMT 20270101000000').state, 'proven')
})

await t.test('the states are reported by name', async t => {
  const { can } = new ServerProfile()
  can.mlst.succeed()
  can.command('SITE CHMOD').fail()
  t.match(can.states, { MLST: 'proven', EPSV: 'untried', 'SITE CHMOD': 'failed' })
})
