import t from 'tap'
import { Features } from '../../lib/wire/features.js'
import { quirksOf } from '../../lib/wire/quirks.js'
import { ServerProfile } from '../../lib/wire/server-profile.js'

await t.test('what is known of a server at first is nothing', async t => {
  const server = new ServerProfile()
  t.match(server, { kind: 'unknown', pipelining: 'untried', epsvRefused: false, listsFacts: false })
  t.equal(server.quirks, quirksOf.unknown)
})

await t.test('its kind tells what may be done with it', async t => {
  const server = new ServerProfile()
  server.kind = 'vsftpd'
  t.equal(server.quirks, quirksOf.vsftpd)
})

await t.test('MLST among its features stands for MLSD, too', async t => {
  const server = new ServerProfile()
  server.features = new Features({ code: 211, lines: ['211-x', ' MLST type*;', '211 x'] })
  t.ok(server.listsFacts)
})

await t.test('it remembers what the server lacks', async t => {
  const server = new ServerProfile()
  t.notOk(server.lacks('APPE'))
  server.learnLack('APPE')
  t.same([server.lacks('APPE'), server.lacks('MFMT')], [true, false])
})

await t.test('what one session moves, all learn', async t => {
  const server = new ServerProfile()
  const told: string[] = []
  for (const name of ['one', 'two']) server.directories.add({ leave: path => told.push(`${name} ${path}`) })
  server.moved('/a')
  t.same(told, ['one /a', 'two /a'])
})
