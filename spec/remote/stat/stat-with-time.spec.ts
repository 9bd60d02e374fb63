import t from 'tap'
import type { Script } from '../../support/scripted-server.js'
import { failureOf, scriptedVfs } from '../scripted-vfs.js'

/** As of vsftpd: only a listing shows the time of a folder. */
const on: Script['on'] = {
  MDTM: ctx => ctx.reply('550 Not a plain file'),
  STAT: ctx => ctx.reply('502 No STAT'),
}

t.test(
  'a folder that another program removes and creates during stat has the time of the new one',
  async t => {
    let listings = 0
    const { vfs } = await scriptedVfs(t, {
      files: { '/lock/x': '' },
      mlst: false,
      on: { ...on, LIST: ctx => (++listings <= 2 ? ctx.send([]) : ctx.next()) },
    })
    const { mtimeMs } = await vfs.stat('/lock')
    t.not(mtimeMs, 0)
    t.ok(listings > 2)
  },
)

t.test('a folder that vanishes during stat is ENOENT', async t => {
  const { vfs, server } = await scriptedVfs(t, {
    files: { '/lock/x': '' },
    mlst: false,
    on: {
      ...on,
      LIST(ctx) {
        server.files.delete('/lock')
        return ctx.next()
      },
    },
  })
  t.match(await failureOf(vfs.stat('/lock')), { code: 'ENOENT', syscall: 'stat', path: '/lock' })
})
