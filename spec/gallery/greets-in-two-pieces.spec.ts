import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startScriptedServer } from '../support/scripted-server.js'

/** The transcript: `220 Ready`, `220 Welcome`, `USER u`, `331`. The second piece is none to USER. */
await t.test('a greeting in two pieces', async t => {
  await t.test('at once', async t => {
    const server = await startScriptedServer({
      greeting: '220 Ready\r\n220 Welcome',
      files: { '/a': 'abc' },
    })
    const vfs = new FtpVfs(server.url, { connections: 1 })
    t.equal((await vfs.stat('/a')).size, 3)
    t.equal(server.connections, 1)
    vfs.destroy()
    await server.stop()
  })

  await t.test('the second one when USER has been read', async t => {
    const server = await startScriptedServer({
      files: { '/a': 'abc' },
      on: {
        USER: async ctx => {
          ctx.reply('220 Welcome')
          await sleep(1)
          return ctx.next()
        },
      },
    })
    const vfs = new FtpVfs(server.url, { connections: 1 })
    t.equal((await vfs.stat('/a')).size, 3)
    t.equal(server.connections, 1)
    vfs.destroy()
    await server.stop()
  })
})
