import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startScriptedServer } from '../support/scripted-server.js'

/**
 * aioftp carries out the commands of one read at the same time: `TYPE I`, `FEAT`, `SYST`, `PWD` get
 * `257`, `215`, `211`, `200`. It gets its commands one by one.
 */
await t.test('a server that answers out of order', async t => {
  const server = await startScriptedServer({
    files: { '/a': 'abc', '/d/b': 'bc' },
    joinReplies: true,
    on: Object.fromEntries(
      ['TYPE', 'FEAT', 'SYST', 'PWD'].map((verb, index) => [
        verb,
        ctx => {
          const { connection } = ctx
          const together = ctx.server.flights.at(-1)!.length > 1
          if (!together) return ctx.next()
          const order = ['257 "/"', '215 UNIX Type: L8', '211 No features', '200 Type set']
          connection.reply(order[index]!)
        },
      ]),
    ),
  })
  const vfs = new FtpVfs(server.url, { connections: 1, retryDelay: 1 })
  t.equal((await vfs.stat('/a')).size, 3)
  t.same(await vfs.readdir('/d'), ['b'])
  t.equal(await vfs.readFile('/a', 'utf8'), 'abc')
  t.equal(server.connections, 2)
  const after = server.flights.slice(server.flights.findIndex(lines => lines.length > 1) + 1)
  t.ok(after.every(lines => lines.length === 1))
  vfs.destroy()
  await server.stop()
})
