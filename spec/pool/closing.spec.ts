import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { Dir } from '../../lib/node/dir.js'
import type { FtpVfs } from '../../lib/index.js'
import { bytes, MIB } from '../conformance/bytes.js'
import { startScriptedServer } from '../support/scripted-server.js'
import { gate, until } from './pool-on.js'
import { onEachServer, open, socketsOf } from './stage.js'

const closed = { code: 'ERR_FTP_CLOSED' }
const data = bytes(3 * MIB)

const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: NodeJS.ErrnoException) => error.code ?? error.name,
  )

/** What becomes of a stream: `closed`, or the code of its error. */
function ending(stream: NodeJS.EventEmitter): Promise<string> {
  return new Promise(resolve => {
    let code: string | undefined
    stream.once('error', (error: NodeJS.ErrnoException) => (code = error.code ?? error.name))
    stream.once('close', () => resolve(code ?? 'closed'))
  })
}

/** A bit of everything at once; the server's session, of which there is one, is in use and waited for. */
async function everything(vfs: FtpVfs) {
  await vfs.writeFile('/large', data)
  await vfs.mkdir('/folder')
  await Promise.all([1, 2, 3].map(i => vfs.writeFile(`/folder/${i}`, 'x')))
  const folder = await vfs.opendir('/folder')
  const unread = vfs.createReadStream('/large')
  const read = ending(unread)
  await once(unread, 'ready')
  const left = vfs.createWriteStream('/left')
  left.write('a few bytes')
  const ended = vfs.createWriteStream('/ended')
  ended.end(data)
  const running = outcome(vfs.readFile('/large'))
  const waiting = Array.from({ length: 20 }, (_, i) => outcome(i % 2 ? vfs.stat('/large') : vfs.readdir('/')))
  const pipe = outcome(pipeline(vfs.createReadStream('/large'), vfs.createWriteStream('/piped')))
  return { folder, read, left: ending(left), ended: ending(ended), running, waiting, pipe }
}

await onEachServer(t, 'close in the middle of everything', async (t, stage) => {
  const sockets = socketsOf(t)
  const vfs = open(t, stage.url, { connections: 1 })
  const going = await everything(vfs)
  await vfs.close()

  t.equal(await going.ended, 'closed', 'an ended stream finishes')
  t.ok(data.equals(stage.stored('/ended')))
  t.equal(await going.left, 'ERR_FTP_CLOSED', 'a stream that is open errors')
  t.equal(await going.read, 'ERR_FTP_CLOSED')
  t.equal(await going.pipe, 'ERR_FTP_CLOSED')
  await t.rejects(going.folder.read(), closed)
  await t.resolves(going.folder.close())
  for (const waiting of going.waiting) t.equal(await waiting, 'ERR_FTP_CLOSED', 'what waits is rejected')
  t.match(await going.running, /^(done|ERR_FTP_CLOSED)$/, 'by whether it had begun')
  t.throws(() => stage.stored('/left'), 'an incomplete file is not left')

  t.match(vfs.stats(), { sessions: 0, busy: 0, waiting: 0 })
  t.same(await sockets.open(), [])
  await t.rejects(vfs.stat('/'), closed)
  t.throws(() => vfs.createReadStream('/large'), closed)
  t.throws(() => vfs.createWriteStream('/large'), closed)
  await t.rejects(vfs.opendir('/'), closed)
  await t.rejects(vfs.connect(), closed)
  await vfs.close()
})

await onEachServer(t, 'destroy in the middle of everything', async (t, stage) => {
  const sockets = socketsOf(t)
  const vfs = open(t, stage.url, { connections: 1 })
  const going = await everything(vfs)
  vfs.destroy()
  t.equal(vfs.stats().sessions, 0)
  for (const stream of [going.ended, going.left, going.read, going.pipe, going.running, ...going.waiting]) {
    t.equal(await stream, 'ERR_FTP_CLOSED')
  }
  await t.rejects(going.folder.read(), closed)
  t.same(await sockets.open(), [])
  await vfs.close()
})

await onEachServer(t, 'a call that has begun is finished by close', async (t, stage) => {
  const vfs = open(t, stage.url, { connections: 1 })
  await vfs.writeFile('/large', data)
  const calls = Promise.allSettled([vfs.readFile('/large'), vfs.writeFile('/written', data)])
  // Looked at in every turn: the first one may be done within milliseconds.
  while (vfs.stats().busy !== 1) await new Promise(resolve => setImmediate(resolve))
  await vfs.close()
  const results = await calls
  // One of them had the session.
  t.same(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  for (const result of results) {
    if (result.status === 'rejected') t.match(result.reason, closed)
    else if (result.value) t.ok(data.equals(result.value))
    else t.ok(data.equals(stage.stored('/written')))
  }
})

await onEachServer(
  t,
  'a stream that is not closed by itself does not keep the pool open',
  async (t, stage) => {
    const vfs = open(t, stage.url, { connections: 1 })
    const options = { autoClose: false }
    const written = vfs.createWriteStream('/file', options)
    written.end('content')
    await once(written, 'finish')
    const read = vfs.createReadStream('/file', options).resume()
    await once(read, 'end')
    const failed = vfs.createWriteStream('/missing/file', options)
    failed.end('content')
    await once(failed, 'error')
    const missing = vfs.createReadStream('/missing', options)
    await once(missing, 'error')
    for (const stream of [written, read, failed, missing]) stream.on('error', () => {})
    await vfs.close()
    t.match(vfs.stats(), { sessions: 0, busy: 0 })
  },
)

await t.test('what stalls on the user does not keep the pool open once it is aborted', async t => {
  const server = await startScriptedServer()
  t.teardown(() => server.stop())
  const vfs = open(t, server.url, { connections: 1 })
  const never = new Promise<void>(() => {})
  for (const first of ['a few bytes', data]) {
    const source = (async function* () {
      yield first
      await never
    })()
    const abort = new AbortController()
    const writing = vfs.writeFile('/stalled', source, { signal: abort.signal })
    await sleep(50)
    abort.abort()
    await t.rejects(writing, { name: 'AbortError' })
    t.ok((await vfs.readdir('/')).length <= 1, 'its session is free')
  }
  await vfs.close()
  t.notOk(server.files.has('/stalled'))
})

await t.test('a call that waits for bytes of the user, and has no session, is rejected by close', async t => {
  const server = await startScriptedServer()
  t.teardown(() => server.stop())
  const vfs = open(t, server.url, { connections: 1 })
  const source = (async function* () {
    yield 'a few bytes'
    await new Promise<void>(() => {})
  })()
  const rejected = t.rejects(vfs.writeFile('/stalled', source), closed)
  await sleep(20)
  await vfs.close()
  await rejected
})

for (const how of ['close', 'destroy'] as const) {
  await t.test(`${how} while folders and files are being opened`, async t => {
    const { opened, open: go } = gate()
    const server = await startScriptedServer({
      files: { '/folder/file': 'x' },
      on: { EPSV: ctx => opened.then(() => ctx.next()) },
    })
    t.teardown(() => server.stop())
    const vfs = open(t, server.url, { connections: 2 })
    const folder: Promise<Dir> = vfs.opendir('/folder')
    const stream = ending(vfs.createReadStream('/folder/file'))
    const rejected = t.rejects(folder, closed)
    await until(() => server.commands.filter(({ line }) => line === 'EPSV').length === 2)
    const closing = vfs[how]()
    go()
    await closing
    await rejected
    t.equal(await stream, 'ERR_FTP_CLOSED')
    await until(() => server.openControl === 0)
  })
}

await t.test('destroy during a transfer that has stalled frees its sockets at once', async t => {
  const sockets = socketsOf(t)
  const server = await startScriptedServer({
    files: { '/large': bytes(8 * MIB) },
    on: {
      // Neither takes nor gives a byte.
      STOR: async ctx => {
        await ctx.data
        ctx.reply('150 Go on')
        await new Promise(() => {})
      },
      RETR: async ctx => {
        await ctx.data
        ctx.reply('150 Wait')
        await new Promise(() => {})
      },
    },
  })
  t.teardown(() => server.stop())
  const vfs = open(t, server.url, { connections: 3 })
  const going = [
    outcome(vfs.writeFile('/to', bytes(20 * MIB))),
    outcome(vfs.readFile('/large')),
    ending(vfs.createReadStream('/large')),
  ]
  await until(() => server.commands.filter(({ line }) => /^(STOR|RETR)/.test(line)).length === 3)
  await sleep(50)
  vfs.destroy()
  for (const end of going) t.equal(await end, 'ERR_FTP_CLOSED')
  t.same(await sockets.open(), [])
})
