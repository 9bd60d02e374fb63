import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startScriptedServer, type Script } from '../support/scripted-server.js'
import { transcript } from '../support/transcript.js'

/** An FtpVfs on a scripted server; both end with the test. */
async function given(script: Script) {
  const server = await startScriptedServer(script)
  const vfs = new FtpVfs(server.url, { connections: 1, retryDelay: 1 })
  return {
    server,
    vfs,
    end: async () => {
      vfs.destroy()
      await server.stop()
    },
  }
}

/** The transcript: `STOR /a`, `553-The disk is nearly full`, `150 Here it comes`, bytes, `226`. */
await t.test('a 553- that a 150 ends, and not another 553: the file is stored once', async t => {
  const { server, vfs, end } = await given({
    on: {
      STOR: async ctx => {
        const reply = ctx.reply.bind(ctx)
        ctx.reply = text => reply(text.startsWith('150') ? `553-The disk is nearly full\r\n${text}` : text)
        await ctx.next()
      },
    },
  })
  await vfs.writeFile('/a', 'abc', { flag: 'w' })
  t.equal(await vfs.readFile('/a', 'utf8'), 'abc')
  t.equal(server.commands.filter(({ line }) => line.startsWith('STOR')).length, 1)
  t.equal(server.connections, 2, 'the session ended with the call')
  await end()
})

await t.test('features that begin with 221 and end with 211', async t => {
  const { server, vfs, end } = await given({
    files: { '/a': 'abc' },
    ...transcript(`
      > FEAT
      < 221-Features:
      <  SIZE
      <  MDTM
      < 211 End
    `),
  })
  t.equal((await vfs.stat('/a')).size, 3)
  t.equal(await vfs.readFile('/a', 'utf8'), 'abc')
  t.ok(server.connections >= 1)
  await end()
})
