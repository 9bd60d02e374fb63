import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { bytes, MIB } from '../conformance/bytes.js'
import { startScriptedServer } from '../support/scripted-server.js'
import { until } from './pool-on.js'
import { bytesReceived, onEachServer, open } from './stage.js'

// Nobody holds a connection while waiting for somebody else's: with one connection all of this has to finish.
const single = { connections: 1 }
const KIB = 1024

const hash = (data: Buffer): string => createHash('sha1').update(data).digest('hex')
const many = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

await onEachServer(t, 'a read stream piped into a write stream of the same FtpVfs', async (t, stage) => {
  const vfs = open(t, stage.url, single)
  const data = bytes(3 * MIB)
  await vfs.writeFile('/from', data)
  await pipeline(vfs.createReadStream('/from'), vfs.createWriteStream('/to'))
  t.ok(data.equals(stage.stored('/to')))
  await vfs.close()
})

await onEachServer(t, 'fifty such pipes at once', async (t, stage) => {
  const vfs = open(t, stage.url, single)
  // From 100 KiB, which are collected, to 3 MiB, which are spooled.
  const sizes = many(50).map(i => (i % 10 === 0 ? 3 * MIB - i : (100 + 7 * i) * KIB + i))
  const source = bytes(3 * MIB)
  await vfs.mkdir('/to')
  for (const [i, size] of sizes.entries()) await vfs.writeFile(`/from ${i}`, source.subarray(0, size))
  await Promise.all(
    many(50).map(i => pipeline(vfs.createReadStream(`/from ${i}`), vfs.createWriteStream(`/to/${i}`))),
  )
  t.same(
    many(50).map(i => hash(stage.stored(`/to/${i}`))),
    sizes.map(size => hash(source.subarray(0, size))),
  )
  await vfs.close()
})

await onEachServer(t, 'a stat after each chunk of a 64 MiB read', async (t, stage) => {
  const vfs = open(t, stage.url, single)
  const size = 64 * MIB
  const part = bytes(4 * MIB)
  await vfs.writeFile(
    '/large',
    many(16).map(() => part),
  )
  await vfs.writeFile('/other', 'other')
  const read = createHash('sha1')
  const seen = new Set<number>()
  const received = await bytesReceived(async () => {
    for await (const chunk of vfs.createReadStream('/large')) {
      read.update(chunk as Buffer)
      seen.add((await vfs.stat('/other')).size)
    }
  })
  t.same([...seen], [5])
  const written = createHash('sha1')
  for (let i = 0; i < 16; i++) written.update(part)
  t.equal(read.digest('hex'), written.digest('hex'))
  t.comment(`${(received / size).toFixed(2)} times its bytes`)
  t.ok(received <= 2 * size, 'at most twice its bytes are fetched')
  await vfs.close()
})

await t.test('and a scripted server sends at most twice its bytes', async t => {
  const large = bytes(64 * MIB)
  const server = await startScriptedServer({ files: { '/large': large, '/other': 'other' } })
  t.teardown(() => server.stop())
  const vfs = open(t, server.url, single)
  for await (const chunk of vfs.createReadStream('/large')) {
    if ((chunk as Buffer).length > 0) await vfs.stat('/other')
  }
  t.comment(`${(server.bytesSent / large.length).toFixed(2)} times its bytes`)
  t.ok(server.bytesSent <= 2 * large.length)
  await vfs.close()
})

for (const [name, before] of Object.entries({ nothing: 0, 'a few bytes': 1000, '3 MiB': 3 * MIB })) {
  await onEachServer(
    t,
    `a write stream left open after ${name}, while other calls go on`,
    async (t, stage) => {
      const vfs = open(t, stage.url, single)
      await vfs.writeFile('/other', 'other')
      const stream = vfs.createWriteStream('/left')
      const data = bytes(before + 5000)
      if (before > 0) await new Promise(resolve => stream.write(data.subarray(0, before), resolve))
      t.equal((await vfs.stat('/other')).size, 5)
      t.equal(await vfs.readFile('/other', 'utf8'), 'other')
      await vfs.writeFile('/another', bytes(2 * MIB))
      t.ok((await vfs.readdir('/')).includes('another'))
      stream.end(data.subarray(before))
      await once(stream, 'close')
      t.ok(data.equals(stage.stored('/left')))
      await vfs.close()
    },
  )
}

await onEachServer(t, 'two write streams that are fed in turns', async (t, stage) => {
  const vfs = open(t, stage.url, single)
  const data = bytes(6 * MIB)
  const streams = ['/a', '/b'].map(path => vfs.createWriteStream(path))
  for (let at = 0; at < data.length; at += MIB) {
    for (const stream of streams) {
      await new Promise(resolve => stream.write(data.subarray(at, at + MIB), resolve))
      await vfs.stat('/')
    }
  }
  await Promise.all(streams.map(stream => (stream.end(), once(stream, 'close'))))
  t.ok(data.equals(stage.stored('/a')) && data.equals(stage.stored('/b')))
  await vfs.close()
})

await onEachServer(t, 'a stat for each entry of an open folder', async (t, stage) => {
  const vfs = open(t, stage.url, single)
  await vfs.mkdir('/folder')
  await Promise.all(many(60).map(i => vfs.writeFile(`/folder/${i}`, 'x'.repeat(i))))
  const seen: number[] = []
  for await (const { name } of await vfs.opendir('/folder')) {
    t.equal((await vfs.stat(`/folder/${name}`)).size, Number(name))
    seen.push(Number(name))
  }
  t.same(
    seen.sort((a, b) => a - b),
    many(60),
  )
  await vfs.close()
})

await onEachServer(t, 'a folder left open, and folders opened within it', async (t, stage) => {
  const vfs = open(t, stage.url, single)
  await Promise.all(many(5).map(i => vfs.mkdir(`/folder/${i}/${i}`, { recursive: true })))
  const left = await vfs.opendir('/folder')
  const found: string[] = []
  for await (const { name } of await vfs.opendir('/folder')) {
    for await (const inner of await vfs.opendir(`/folder/${name}`)) found.push(`${name}/${inner.name}`)
  }
  t.same(
    found.sort(),
    many(5).map(i => `${i}/${i}`),
  )
  await left.close()
  await vfs.close()
})

await onEachServer(t, 'copies, several at once', async (t, stage) => {
  const vfs = open(t, stage.url, single)
  const data = bytes(3 * MIB)
  await vfs.writeFile('/from', data)
  await Promise.all(many(4).map(i => vfs.copyFile('/from', `/to ${i}`)))
  for (const i of many(4)) t.ok(data.equals(stage.stored(`/to ${i}`)))
  await vfs.close()
})

await onEachServer(t, 'listings of many folders at once', async (t, stage) => {
  const vfs = open(t, stage.url, single)
  await Promise.all(many(60).map(i => vfs.mkdir(`/d${i}/in${i}`, { recursive: true })))
  const lists = await Promise.all([
    ...many(60).map(i => vfs.readdir(`/d${i}`)),
    ...many(10).map(i => vfs.readdir(`/none${i}`).catch(({ code }: NodeJS.ErrnoException) => [code])),
  ])
  t.same(lists, [...many(60).map(i => [`in${i}`]), ...many(10).map(() => ['ENOENT'])])
  t.equal((await vfs.readdir('/', { recursive: true })).length, 120)
  await vfs.close()
})

await onEachServer(t, 'streams that nobody reads', async (t, stage) => {
  const vfs = open(t, stage.url, single)
  const data = bytes(3 * MIB)
  await vfs.writeFile('/large', data)
  const unread = many(5).map(() => vfs.createReadStream('/large'))
  await Promise.all(unread.map(stream => once(stream, 'ready')))
  t.equal((await vfs.stat('/large')).size, data.length)
  const [first, ...others] = unread
  const parts: Buffer[] = []
  for await (const part of first!) parts.push(part as Buffer)
  t.ok(data.equals(Buffer.concat(parts)))
  for (const stream of others) stream.destroy()
  await vfs.close()
})

await onEachServer(t, 'a reader that is destroyed while it waits for the session', async (t, stage) => {
  const vfs = open(t, stage.url, single)
  await vfs.writeFile('/large', bytes(3 * MIB))
  const reading = vfs.createReadStream('/large')
  await once(reading, 'ready')
  const waiting = many(3).map(() => vfs.createReadStream('/large'))
  await sleep(1)
  for (const stream of waiting) stream.destroy()
  await Promise.all(waiting.map(async stream => stream.closed || once(stream, 'close')))
  reading.destroy()
  await once(reading, 'close')
  t.equal((await vfs.stat('/large')).size, 3 * MIB)
  t.match(vfs.stats(), { busy: 0, waiting: 0 })
  await vfs.close()
})

await onEachServer(
  t,
  'what is aborted, waiting or running, leaves the session to the others',
  async (t, stage) => {
    const vfs = open(t, stage.url, single)
    await vfs.writeFile('/large', bytes(3 * MIB))
    const source = bytes(3 * MIB)
    const waits = (signal: AbortSignal): Promise<unknown>[] => [
      vfs.readFile('/large', { signal }),
      vfs.writeFile('/new', source, { signal }),
      pipeline(vfs.createReadStream('/large', { signal }), vfs.createWriteStream('/piped', { signal })),
      once(vfs.createReadStream('/large', { signal }), 'close'),
    ]
    for (const delay of [0, 2, 10]) {
      const abort = new AbortController()
      const outcomes = Promise.allSettled(waits(abort.signal))
      await sleep(delay)
      abort.abort()
      for (const outcome of await outcomes) {
        // What was quicker than the signal is done.
        if (outcome.status === 'rejected') t.equal((outcome.reason as Error).name, 'AbortError')
      }
      t.equal((await vfs.stat('/large')).size, 3 * MIB)
      await until(() => vfs.stats().busy + vfs.stats().waiting === 0)
    }
    await vfs.close()
  },
)

await t.test('a write stream that is given up leaves its session in step', async t => {
  const server = await startScriptedServer({ files: { '/other': 'other' } })
  t.teardown(() => server.stop())
  const vfs = open(t, server.url, single)
  const stream = vfs.createWriteStream('/given-up').on('error', () => {})
  await new Promise(resolve => stream.write(bytes(2 * MIB), resolve))
  stream.destroy()
  const sizes = many(20).map(async () => (await vfs.stat('/other')).size)
  t.same(
    await Promise.all(sizes),
    many(20).map(() => 5),
  )
  await once(stream, 'close')
  await t.rejects(vfs.stat('/given-up'), { code: 'ENOENT' })
  t.ok(server.commands.filter(({ line }) => line === 'NOOP').length <= 1)
  await vfs.close()
})

await t.test('a listing that breaks off under its reader holds no session', async t => {
  const names = many(2_000).map(i => `type=file;size=1; file ${i}\r\n`)
  const server = await startScriptedServer({
    files: { '/folder': null, '/other': 'other' },
    on: {
      MLSD: async ctx => {
        await ctx.send(
          (async function* () {
            yield names.join('')
            await sleep(50)
            ctx.connection.drop('both', true)
          })(),
        )
      },
    },
  })
  t.teardown(() => server.stop())
  const vfs = open(t, server.url, single)
  const folder = await vfs.opendir('/folder')
  t.ok(await folder.read())
  // While the user is at this entry, the listing is lost.
  await until(() => server.openControl === 0)
  t.equal((await vfs.stat('/other')).size, 5)
  const reading = (async () => {
    while (await folder.read());
  })()
  await t.rejects(reading, { code: 'ERR_FTP_CONNECTION_LOST' })
  await vfs.close()
})
