import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'
import type { Script } from '../support/script.js'

/**
 * Twisted 22.4: CWD and PASV in one flight, CWD is refused, so that no one connects to the port. Ten
 * seconds later `425` comes for the PASV that had its `227`, and the next call takes it for its own.
 */
const late = 40

/** PASV is answered a second time where no connection comes. */
function twisted(): Script & { unused: number } {
  const script: Script & { unused: number } = {
    unused: 0,
    greeting: '220 Twisted 22.4.0 FTP Server',
    mlst: false,
    epsv: 'refused',
    files: { '/a': 'abc', '/d/b': 'bc' },
    on: {
      PASV: async ctx => {
        await ctx.next()
        const timer = setTimeout(() => {
          script.unused += 1
          ctx.reply("425 Can't open data connection.")
        }, late)
        ctx.connection.data.made().then(
          () => clearTimeout(timer),
          () => {},
        )
      },
    },
  }
  return script
}

t.test('no port is left without a connection', async t => {
  const script = twisted()
  const { vfs } = await scriptedVfs(t, script)
  for (let round = 0; round < 3; round++) {
    await t.rejects(vfs.readdir('/none'), { code: 'ENOENT' })
    await t.rejects(vfs.readFile('/none'), { code: 'ENOENT' })
    await new Promise(resolve => setTimeout(resolve, 2 * late))
    t.equal((await vfs.stat('/a')).size, 3)
    t.same(await vfs.readdir('/d'), ['b'])
    t.equal(await vfs.readFile('/a', 'utf8'), 'abc')
  }
  t.equal(script.unused, 0)
})
