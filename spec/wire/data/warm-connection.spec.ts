import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { FtpVfsOptions } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import type { Handler, Script } from '../../support/scripted-server.js'
import { open } from '../../real/vfs-on.js'
import { scriptedSession } from '../scripted-session.js'
import { failureOf, greetings, scriptedVfs } from '../../remote/scripted-vfs.js'

const text = 'some content'

/** An FtpVfs that is logged in, and the flights since then. */
async function loggedIn(t: Test, script: Script = {}, options: FtpVfsOptions = {}) {
  const on = await scriptedVfs(t, { greeting: greetings.vsftpd, mlst: false, ...script }, options)
  await on.vfs.connect()
  let seen = on.server.flights.length
  const flights = () => {
    const since = on.server.flights.slice(seen)
    seen = on.server.flights.length
    return since
  }
  return { ...on, flights }
}
const looks = (path: string) => [`SIZE ${path}`, `MDTM ${path}`]
const stores = (path: string) => [`STOR ${path}`, ...looks(path)]
const upload = (path: string) => [...looks(path), ...stores(path), 'EPSV']
const cold = (path: string) => [
  [...looks(path), 'EPSV'],
  [...stores(path), 'EPSV'],
]
const careful = (path: string) => [[...looks(path), 'EPSV'], stores(path)]

/** Closes the data connection before any byte is read or sent, without a reply that says so. */
const dead =
  (reply: string, nth = 1): Handler =>
  async ctx => {
    if (ctx.n !== nth) return ctx.next()
    const socket = await ctx.data
    ctx.reply('150 Here it comes')
    socket.on('error', () => {})
    socket.end()
    socket.resume()
    if (ctx.command === 'STOR')
      ctx.server.files.set(ctx.path, { content: Buffer.alloc(0), modified: new Date(), mode: 0o644 })
    ctx.reply(reply)
  }

await t.test('a transfer takes one flight', async t => {
  const { vfs, flights, content } = await loggedIn(t)
  await vfs.writeFile('/f', text)
  await vfs.writeFile('/g', '')
  t.equal(content('/f'), text)
  t.same(flights(), [upload('/f'), upload('/g')])
  t.equal(await vfs.readFile('/f', 'utf8'), text)
  t.same(flights(), [['SIZE /f', 'MDTM /f', 'RETR /f', 'EPSV']])
  let read = ''
  for await (const chunk of vfs.createReadStream('/f', { start: 5, end: 7 })) read += String(chunk)
  t.equal(read, 'con')
  t.same(flights(), [['SIZE /f', 'MDTM /f', 'REST 5', 'RETR /f', 'EPSV']])
  t.same(await vfs.readdir('/'), ['f', 'g'])
  t.same(flights(), [['CWD /', 'LIST -a', 'EPSV']])
})

await t.test(
  'a changed or missing file ends the transfer in the same write as the check of the file',
  async t => {
    const { vfs, flights } = await loggedIn(t, { files: { '/f': text } })
    t.match(await failureOf(vfs.readFile('/none')), { code: 'ENOENT' })
    t.match(await failureOf(vfs.readdir('/f')), { code: 'ENOTDIR' })
    t.same(flights().at(-2), ['CWD /f', 'LIST -a', 'EPSV'])
    t.equal(await vfs.readFile('/f', 'utf8'), text, 'the session is in step')
    t.same(flights(), [['SIZE /f', 'MDTM /f', 'RETR /f', 'EPSV']])
  },
)

await t.test('none is opened', async t => {
  for (const [title, script, options] of [
    ['on a server that is not known', { greeting: '220 somebody' }, {}],
    ['with PASV', {}, { dataConnectionType: 'PASV' }],
    ['in active mode', {}, { dataConnectionType: 'AutoActive' }],
  ] as const) {
    await t.test(title, async t => {
      const { vfs, server, flights } = await loggedIn(t, script, options)
      await vfs.writeFile('/f', text)
      const sent = flights().slice(1, 3).flat()
      t.same(
        sent.filter(line => line !== 'MDTM /f'),
        ['STOR /f', 'SIZE /f'],
      )
      t.notOk(server.flights.some(flight => flight.includes('EPSV') && flight.at(-1) !== 'EPSV'))
      t.notOk(server.flights.some(flight => flight.includes('EPSV') && flight.includes('STOR /f')))
    })
  }

  await t.test('for an upload whose bytes are not kept until the size is known', async t => {
    const { vfs, flights, content } = await loggedIn(t)
    const piece = Buffer.alloc(2 ** 20, 'x')
    const stream = vfs.createWriteStream('/f')
    for (let count = 0; count < 3; count++) await new Promise(resolve => stream.write(piece, resolve))
    await new Promise<void>(resolve => stream.end(resolve))
    t.equal(content('/f')!.length, 3 * 2 ** 20)
    t.same(flights(), cold('/f'))
  })

  await t.test('if one segment does not hold the commands', async t => {
    const folder = `/${'d'.repeat(200)}`.repeat(6)
    const { vfs, flights } = await loggedIn(t, { files: { [folder]: null } })
    await vfs.writeFile(`${folder}/f`, text)
    t.same(flights().slice(0, 2), [[...looks(`${folder}/f`), 'EPSV'], [`STOR ${folder}/f`]])
  })
})

await t.test('one that is not usable', async t => {
  await t.test(
    'because nothing listens there: the next transfer opens its own, and none is opened ahead again',
    async t => {
      const closed = createServer().listen(0, '127.0.0.1')
      await once(closed, 'listening')
      const { port } = closed.address() as AddressInfo
      await new Promise(resolve => closed.close(resolve))
      const EPSV: Handler = ctx => (ctx.n === 1 ? ctx.reply(`229 Go (|||${port}|)`) : ctx.next())
      const { vfs, flights, content } = await loggedIn(t, { on: { EPSV } })
      await vfs.writeFile('/f', text)
      await vfs.writeFile('/g', text)
      t.equal(content('/f'), text)
      t.same(flights(), [...careful('/f'), ...careful('/g')])
    },
  )

  await t.test('because EPSV is refused: the transfer that it went with succeeds', async t => {
    const { vfs, flights } = await loggedIn(t, {
      on: { EPSV: ctx => (ctx.n === 2 ? ctx.reply('425 No port is free') : ctx.next()) },
    })
    await vfs.writeFile('/f', text)
    await vfs.writeFile('/g', text)
    t.same(flights(), [upload('/f'), ...cold('/g')])
  })

  await t.test('because the reply names no port: neither the login nor the transfer fails', async t => {
    const EPSV: Handler = ctx => (ctx.n === 1 ? ctx.reply('229 Extended Passive Mode') : ctx.next())
    const { vfs, flights } = await loggedIn(t, { on: { EPSV } })
    await vfs.writeFile('/f', text)
    t.same(flights(), cold('/f'))
  })

  await t.test('because the server has closed it', async t => {
    const SITE: Handler = async ctx => {
      const socket = await ctx.data
      socket.resume()
      await new Promise<void>(resolve => socket.end(resolve))
      ctx.reply('200 Done')
    }
    const { vfs, server, flights } = await loggedIn(t, { on: { SITE } })
    await vfs.chmod('/', 0o755)
    // The close arrives after the reply.
    await new Promise(resolve => setTimeout(resolve, 50))
    await vfs.writeFile('/f', text)
    t.same(flights(), [['SITE CHMOD 755 /'], ...cold('/f')])
    t.equal(server.connections, 1)
  })

  await t.test('because the session was idle for long', async t => {
    const { vfs, flights } = await loggedIn(t)
    const { now } = Date
    t.teardown(() => void (Date.now = now))
    Date.now = () => now() + 21_000
    await vfs.writeFile('/f', text)
    t.same(
      flights(),
      [['NOOP', 'EPSV'], upload('/f')],
      'the session is checked, and another one is opened ahead',
    )
  })

  await t.test('because it is too old, although its session was in use', async t => {
    const { session } = await scriptedSession(t, { greeting: greetings.vsftpd })
    const { now } = Date
    t.teardown(() => void (Date.now = now))
    Date.now = () => now() + 21_000
    t.equal(await session.warm.use(), undefined)
  })

  for (const reply of ['226 Transfer complete', '425 No data connection', '426 Data connection closed']) {
    await t.test(`because it is dead: an upload is repeated without it: ${reply}`, async t => {
      for (const verifyUploads of [true, false]) {
        const { vfs, content, flights } = await loggedIn(t, { on: { STOR: dead(reply) } }, { verifyUploads })
        await vfs.writeFile('/f', text)
        t.equal(content('/f'), text)
        await vfs.writeFile('/g', text)
        t.same(flights().slice(-2), careful('/g'), 'so are later uploads')
      }
    })

    await t.test(`because it is dead: a download is repeated without it: ${reply}`, async t => {
      const { vfs, flights } = await loggedIn(t, { files: { '/f': text }, on: { RETR: dead(reply) } })
      t.equal(await vfs.readFile('/f', 'utf8'), text)
      t.equal(await vfs.readFile('/f', 'utf8'), text)
      t.same(flights().slice(-2), [['SIZE /f', 'MDTM /f', 'EPSV'], ['RETR /f']])
    })

    await t.test(`because it is dead: a folder is listed again: ${reply}`, async t => {
      const { vfs } = await loggedIn(t, { files: { '/f': text }, on: { LIST: dead(reply) } })
      t.same(await vfs.readdir('/'), ['f'])
    })
  }
})

await t.test('an unusable one costs little', async t => {
  await t.test('if one has worked before: others are still opened ahead', async t => {
    const files = { '/f': text }
    const { vfs, flights } = await loggedIn(t, { files, on: { RETR: dead('226 Transfer complete', 2) } })
    const read = ['SIZE /f', 'MDTM /f', 'RETR /f', 'EPSV']
    for (let count = 0; count < 3; count++) t.equal(await vfs.readFile('/f', 'utf8'), text)
    t.same(flights(), [read, read, ['SIZE /f', 'MDTM /f', 'EPSV'], ['RETR /f', 'EPSV'], read])
  })

  await t.test('if none has: another is tried after a minute', async t => {
    const { now } = Date
    let later = 0
    Date.now = () => now() + later
    t.teardown(() => void (Date.now = now))
    const { vfs, flights } = await loggedIn(t, { on: { STOR: dead('226 Transfer complete') } })
    await vfs.writeFile('/f', text)
    await vfs.writeFile('/g', text)
    t.same(flights().slice(-2), careful('/g'))
    later = 61_000
    await vfs.writeFile('/h', text)
    await vfs.writeFile('/i', text)
    t.same(flights(), [['NOOP', 'EPSV'], upload('/h'), upload('/i')])
  })
})

await t.test('it ends with its session', async t => {
  const { vfs, server } = await scriptedVfs(t, { greeting: greetings.vsftpd })
  await vfs.writeFile('/f', text)
  await vfs.close()
  // An open connection would keep the server from stopping in time.
  while (server.openHandles > 1) await new Promise(resolve => setImmediate(resolve))
  t.equal(server.openHandles, 1, 'the listener')
})

await forServers(t, 'many small files one by one, in both directions', async (t, server) => {
  const vfs = open(t, server.url, { connections: 1 })
  const before = vfs.stats()
  for (let index = 0; index < 50; index++) {
    const path = `/f${index % 7}`
    const content = text.repeat(index)
    await vfs.writeFile(path, content)
    t.equal(await vfs.readFile(path, 'utf8'), content)
    if (index % 5 === 0) t.match(await failureOf(vfs.readFile('/none')), { code: 'ENOENT' })
    if (index % 5 === 1) t.match(await failureOf(vfs.writeFile('/none/f', content)), { code: 'ENOENT' })
    if (index % 5 === 2) t.match(await failureOf(vfs.readdir('/none')), { code: 'ENOENT' })
    if (index % 5 === 3) t.equal((await vfs.readdir('/')).length, Math.min(7, index + 1))
  }
  t.equal(vfs.stats().opened, before.opened || 1, 'one login')
  // One per transfer and listing, two per refusal, and the login; without this 100 more.
  if (server.name !== 'pyftpdlib') t.ok(vfs.stats().flights < 200, `${vfs.stats().flights} flights`)
})
