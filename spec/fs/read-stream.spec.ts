import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { bytes, failureOf, MIB, scriptedVfs } from '../remote/scripted-vfs.js'
import { forServers } from '../support/for-servers.js'
import { recordControl } from '../support/recording-proxy.js'

const data = bytes(3 * MIB)

async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

t.test('open and ready come before the bytes, close after them', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': 'x' } })
  const stream = vfs.createReadStream('/f')
  const seen: string[] = []
  for (const event of ['open', 'ready', 'data', 'end', 'close'])
    stream.on(event, () => void seen.push(`${event} ${stream.pending}`))
  await new Promise(resolve => stream.once('close', resolve))
  t.same(seen, ['open false', 'ready false', 'data false', 'end false', 'close false'])
})

t.test('chunks are no longer than highWaterMark, and bytesRead counts them', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': data } })
  for (const highWaterMark of [1000, 64 * 1024, 10 * MIB]) {
    const stream = vfs.createReadStream('/f', { highWaterMark })
    let longest = 0
    let bytesRead = 0
    for await (const chunk of stream) {
      longest = Math.max(longest, (chunk as Buffer).length)
      bytesRead += (chunk as Buffer).length
    }
    t.ok(longest <= highWaterMark)
    t.equal(bytesRead, data.length)
    t.equal(stream.bytesRead, data.length)
  }
  t.ok(data.equals(await collect(vfs.createReadStream('/f', { highWaterMark: 0 }))))
})

t.test('an error is emitted even if the stream is not read', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/d': null } })
  const error = (path: string): Promise<Error & Record<string, unknown>> =>
    new Promise(resolve => void vfs.createReadStream(path).on('error', resolve as (e: Error) => void))
  t.match(await error('/none'), { code: 'ENOENT', syscall: 'open', path: '/none' })
  t.match(await error('/d'), { code: 'EISDIR', syscall: 'read' })
})

t.test('close of the FtpVfs ends a stream that is open, with ERR_FTP_CLOSED', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': bytes(8 * MIB) } })
  const stream = vfs.createReadStream('/f')
  await new Promise(resolve => stream.once('readable', resolve))
  const failed = new Promise<Error>(resolve => stream.once('error', resolve))
  await vfs.close()
  t.match(await failed, {
    code: 'ERR_FTP_CLOSED',
    syscall: 'read',
    path: '/f',
    message: "The FtpVfs is closed, read '/f'",
  })
})

t.test('and at once a stream that waits for a session', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': bytes(8 * MIB) } })
  const first = vfs.createReadStream('/f')
  await new Promise(resolve => first.once('readable', resolve))
  const second = vfs.createReadStream('/f')
  const failed = [first, second].map(stream => new Promise<Error>(resolve => stream.once('error', resolve)))
  await vfs.close()
  for (const error of await Promise.all(failed)) t.match(error, { code: 'ERR_FTP_CLOSED', path: '/f' })
})

t.test('an abandoned stream ends with the FtpVfs, without an error that crashes the process', async t => {
  for (const how of ['close', 'destroy'] as const) {
    const { vfs } = await scriptedVfs(t, { files: { '/f': bytes(8 * MIB) } }, { connections: 2 })
    const streams = [1, 2, 3, 4].map(() => vfs.createReadStream('/f'))
    await new Promise(resolve => streams[0]!.once('ready', resolve))
    const closed = streams.map(stream => new Promise(resolve => stream.once('close', resolve)))
    await vfs[how]()
    await Promise.all(closed)
    for (const { errored, readableEnded } of streams) {
      t.match(errored, { code: 'ERR_FTP_CLOSED', path: '/f' }, how)
      t.equal(readableEnded, false)
    }
  }
})

t.test('a pipe from a server to itself over one session', async t => {
  const { vfs, content, server } = await scriptedVfs(t, { files: { '/f': data } })
  await pipeline(vfs.createReadStream('/f'), vfs.createWriteStream('/g'))
  t.ok(content('/g') === data.toString('latin1'))
  t.equal(server.connections, 1)
})

t.test('fifty such pipes at once over one session', async t => {
  const names = Array.from({ length: 50 }, (_, i) => `/f${i}`)
  const files = Object.fromEntries(names.map((name, i) => [name, bytes(40_000 + i, i + 1)]))
  const { vfs, content, server } = await scriptedVfs(t, { files })
  await Promise.all(
    names.map(name => pipeline(vfs.createReadStream(name), vfs.createWriteStream(`${name}.copy`))),
  )
  for (const name of names) t.ok(content(`${name}.copy`) === files[name]!.toString('latin1'))
  t.equal(server.connections, 1)
})

await forServers(t, 'whole, in part, and at several places at once', async (t, { url }) => {
  await using vfs = new FtpVfs(url, { connections: 2 })
  await vfs.writeFile('/f', data)
  t.ok(data.equals(await collect(vfs.createReadStream('/f'))))
  const parts = [
    [0, 0],
    [1000, 1_999_999],
    [2 * MIB, Infinity],
    [data.length - 1, data.length - 1],
    [data.length, Infinity],
    [data.length + 100, Infinity],
  ] as const
  await Promise.all(
    parts.map(async ([start, end]) => {
      const part = await collect(vfs.createReadStream('/f', { start, end }))
      t.ok(data.subarray(start, end + 1).equals(part), `${start} to ${end}`)
    }),
  )
  await vfs.writeFile('/empty', '')
  t.equal((await collect(vfs.createReadStream('/empty'))).length, 0)
  t.ok(vfs.stats().opened <= 2)
})

await forServers(t, 'one that is left early gives its session back', async (t, server) => {
  await using proxy = await recordControl(server)
  const { user, password } = server
  await using vfs = new FtpVfs({ host: '127.0.0.1', port: proxy.port, user, password, connections: 1 })
  await vfs.writeFile('/f', bytes(16 * MIB))
  for (let round = 0; round < 4; round++) {
    const stream = vfs.createReadStream('/f', { start: round })
    for await (const chunk of stream) {
      t.ok((chunk as Buffer).length > 0)
      break
    }
    t.equal((await vfs.stat('/f')).size, 16 * MIB)
    t.equal(await vfs.readFile('/f').then(all => all.length), 16 * MIB)
  }
  t.equal(proxy.commands.filter(line => line.startsWith('USER')).length, 1, 'one control connection')
})

await forServers(
  t,
  'a question behind each chunk, and fifty pipes at once, over one session',
  async (t, { url }) => {
    await using vfs = new FtpVfs(url, { connections: 1 })
    await vfs.writeFile('/f', data)
    const chunks: Buffer[] = []
    for await (const chunk of vfs.createReadStream('/f')) {
      chunks.push(chunk as Buffer)
      await vfs.stat('/f')
    }
    t.ok(data.equals(Buffer.concat(chunks)))
    const names = Array.from({ length: 50 }, (_, i) => `/f${i}`)
    await Promise.all(names.map((name, i) => vfs.writeFile(name, bytes(20_000, i + 1))))
    await Promise.all(
      names.map(name => pipeline(vfs.createReadStream(name), vfs.createWriteStream(`${name}.copy`))),
    )
    for (const [i, name] of names.entries())
      t.ok(bytes(20_000, i + 1).equals(await vfs.readFile(`${name}.copy`)))
    t.equal(vfs.stats().opened, 1)
  },
)

t.test('a failed readFile leaves nothing in use', async t => {
  const { vfs } = await scriptedVfs(t, {
    files: { '/f': data },
    on: { RETR: ctx => ctx.reply('550 Permission denied') },
  })
  t.match(await failureOf(vfs.readFile('/f')), { code: 'EACCES' })
  t.equal(vfs.stats().busy, 0)
})
