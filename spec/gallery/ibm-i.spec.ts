import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'
import type { Handler } from '../support/script.js'

const own = [
  'USER            77824 02/23/00 15:09:55 *DIR       d/',
  'USER                3 02/23/00 15:09:55 *STMF      f',
  '',
].join('\r\n')
const asUnix = [
  'drwxr-xr-x   2 user     0             77824 Feb 23  2000 d',
  '-rw-r--r--   1 user     0                 3 Feb 23  2000 f',
  '',
].join('\r\n')

const SYST: Handler = ctx =>
  ctx.reply('215  OS/400 is the remote operating system. The TCP/IP version is "V5R3M0".')

for (const reply of ['250 Now using list format "1".', '501 Unknown extension in database file name']) {
  t.test(`IBM i is asked for listings as those of Unix once a session: ${reply.slice(0, 3)}`, async t => {
    let format = own
    const { vfs, sent, server } = await scriptedVfs(t, {
      mlst: false,
      features: 'none',
      on: {
        SYST,
        SITE: ctx => {
          if (reply.startsWith('2')) format = asUnix
          ctx.reply(reply)
        },
        LIST: ctx => ctx.send([format]),
      },
    })
    for (let times = 0; times < 2; times++) {
      const found = await vfs.readdir('/', { withFileTypes: true })
      t.same(
        found.map(entry => [entry.name, entry.isDirectory()]),
        [
          ['d', true],
          ['f', false],
        ],
      )
    }
    const asked = sent().filter(line => line.startsWith('SITE'))
    t.same(
      asked,
      Array.from({ length: server.connections }, () => 'SITE LISTFMT 1'),
    )
  })
}

t.test('no other server is', async t => {
  const { vfs, sent } = await scriptedVfs(t, { mlst: false })
  await vfs.readdir('/')
  t.notOk(sent().some(line => line.startsWith('SITE')))
})
