import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startScriptedServer, type Handler } from '../support/scripted-server.js'

/** Says the reply that comes late as soon as the next command has been read. */
function lateHandlers(verbs: string[], late: { text?: string | undefined }): Record<string, Handler> {
  return Object.fromEntries(
    verbs.map(verb => [
      verb,
      async ctx => {
        if (late.text !== undefined) ctx.reply(late.text)
        late.text = undefined
        await ctx.next()
      },
    ]),
  )
}

/**
 * The transcript: `STOR /up`, `150`, `226 Transfer complete`; `SIZE /a`, `226 Closing data connection`,
 * `213 3`. By position each question has the answer to the one before.
 */
await t.test('a 226 that is said again when the next question has come', async t => {
  for (const mlst of [true, false]) {
    const late: { text?: string | undefined } = {}
    const server = await startScriptedServer({
      mlst,
      files: { '/a': 'abc', '/b': 'abcdef' },
      on: {
        ...lateHandlers(['SIZE', 'MLST', 'CWD', 'EPSV', 'REST'], late),
        STOR: async ctx => {
          await ctx.next()
          late.text = '226 Closing data connection'
        },
        DELE: ctx => ctx.reply('550 Permission denied'),
      },
    })
    const vfs = new FtpVfs(server.url, { connections: 1, retryDelay: 1 })
    for (let round = 0; round < 3; round++) {
      await vfs.writeFile(`/up${round}`, 'x'.repeat(round + 1), { flag: 'w' })
      const [a, b] = await Promise.all([vfs.stat('/a'), vfs.stat('/b')])
      t.same([a.size, b.size], [3, 6], `round ${round}`)
      await t.rejects(vfs.unlink('/a'), { code: 'EACCES' })
      t.equal(await vfs.readFile('/b', 'utf8'), 'abcdef')
    }
    vfs.destroy()
    await server.stop()
  }
})
