import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startScriptedServer } from '../support/scripted-server.js'

/** The transcript: `SIZE /a`, `213 about 3 bytes`. No answer, and no shift: the listing tells. */
await t.test('a fitting code whose text cannot be read', async t => {
  const server = await startScriptedServer({
    mlst: false,
    files: { '/a': 'abc' },
    on: { SIZE: ctx => ctx.reply('213 about 3 bytes') },
  })
  const vfs = new FtpVfs(server.url, { connections: 1, retryDelay: 1 })
  t.equal((await vfs.stat('/a')).size, 3)
  t.equal(server.connections, 1)
  vfs.destroy()
  await server.stop()
})
