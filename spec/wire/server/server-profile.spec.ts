import t from 'tap'
import { quirksOf } from '../../../lib/wire/server/quirks.js'
import { ServerProfile } from '../../../lib/wire/server/server-profile.js'

await t.test('nothing is known of a server at first', async t => {
  const server = new ServerProfile()
  t.match(server, { kind: 'unknown', can: { pipelining: { state: 'untried' } } })
  t.equal(server.quirks, quirksOf.unknown)
})

await t.test('its kind decides its quirks', async t => {
  const server = new ServerProfile()
  server.kind = 'vsftpd'
  t.equal(server.quirks, quirksOf.vsftpd)
})

await t.test('all sessions learn of a path that one session moves', async t => {
  const server = new ServerProfile()
  const told: string[] = []
  for (const name of ['one', 'two']) server.directories.add({ leave: path => told.push(`${name} ${path}`) })
  server.moved('/a')
  t.same(told, ['one /a', 'two /a'])
})
