import t from 'tap'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import type { Handler, Script } from '../support/script.js'

// Servers that open the data connection before they look at the path: what is missing, or a folder,
// breaks off with 4yz. The trap: a transfer that was cut, which is asked for again and again.

const files = { '/d/f': 'content' }

/** 150, a data connection that is closed, and the reply. */
const breaksOff =
  (reply: string): Handler =>
  async ctx => {
    const entry = ctx.server.files.get(ctx.path)
    const parent = ctx.server.files.get(ctx.path.slice(0, ctx.path.lastIndexOf('/')) || '/')
    const stands = ctx.command === 'RETR' ? entry && entry.content !== 'dir' : parent?.content === 'dir'
    if (stands) return ctx.next()
    ctx.reply('150 Opening data connection')
    const socket = await ctx.data
    socket.resume().end()
    ctx.reply(reply)
  }

const atOnce =
  (reply: string): Handler =>
  ctx =>
    ctx.server.files.get(ctx.path)?.content instanceof Buffer ? ctx.next() : ctx.reply(reply)

for (const mlst of [true, false]) {
  for (const reply of ['426 Failure', '450 Failure', '451 Failure', '550 Failure']) {
    for (const [when, refuses] of [
      ['at once', atOnce],
      ['behind 150', breaksOff],
    ] as const) {
      const script: Script = { mlst, files, on: { RETR: refuses(reply) } }
      t.test(`${reply}, ${when}; MLST: ${mlst}`, async t => {
        const { vfs, sent } = await scriptedVfs(t, script)
        for (const [path, code] of [
          ['/none', 'ENOENT'],
          ['/none/f', 'ENOENT'],
          ['/d/f/below', 'ENOTDIR'],
          ['/d', 'EISDIR'],
        ] as const) {
          t.match(await failureOf(vfs.readFile(path)), { code }, path)
          const stream = vfs.createReadStream(path)
          const ended = new Promise((resolve, reject) => stream.on('close', resolve).on('error', reject))
          stream.resume()
          t.match(await failureOf(ended), { code }, `stream of ${path}`)
          t.match(await failureOf(vfs.copyFile(path, '/copy')), { code }, `copy of ${path}`)
        }
        t.equal(sent().filter(line => line === 'RETR /none').length, 3, 'nothing is tried again')
        t.equal(await vfs.readFile('/d/f', 'utf8'), 'content')
      })
    }
  }

  t.test(`a folder that is missing, where an upload breaks off; MLST: ${mlst}`, async t => {
    for (const reply of ['426 Failure', '451 Failure', '550 Failure']) {
      const { vfs } = await scriptedVfs(t, { mlst, files, on: { STOR: breaksOff(reply) } })
      t.match(await failureOf(vfs.writeFile('/none/f', 'x')), { code: 'ENOENT' }, reply)
      t.match(await failureOf(vfs.writeFile('/d/f/below', 'x')), { code: 'ENOTDIR' }, reply)
    }
  })
}

t.test('a file that is there, and does not come, is a download that ended early', async t => {
  const RETR: Handler = async ctx => {
    ctx.reply('150 Opening data connection')
    ;(await ctx.data).end()
    ctx.reply('426 Failure')
  }
  const { vfs, sent } = await scriptedVfs(t, { files, on: { RETR } }, { retries: 1, retryDelay: 1 })
  t.match(await failureOf(vfs.readFile('/d/f')), { code: 'ERR_FTP_SHORT_READ' })
  t.equal(sent().filter(line => line.startsWith('RETR')).length, 2)
})
