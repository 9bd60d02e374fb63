import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import type { FtpVfs, FtpVfsOptions } from '../../../lib/index.js'
import { open } from '../../real/vfs-on.js'
import { forServers } from '../../support/for-servers.js'
import type { Script } from '../../support/scripted-server.js'
import { bytes, failureOf, greetings, MIB, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

const data = bytes(20 * MIB + 4321)
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

const onFile = (t: Test, script: Script = {}, options: FtpVfsOptions = {}): Promise<ScriptedVfs> =>
  scriptedVfs(t, { files: { '/f': data }, ...script }, { connections: 4, ...options })

async function read(vfs: FtpVfs, options: object, path = '/f'): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of vfs.createReadStream(path, options)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

t.test('the bytes come in order, whatever the connections', async t => {
  for (const connections of [1, 2, 4]) {
    const { vfs, server } = await onFile(t, {}, { connections })
    for (const parallel of [1, 2, 4, 9]) {
      t.ok(data.equals(await read(vfs, { parallel })), `${parallel} by ${connections}`)
      t.ok(data.equals(await vfs.readFile('/f', { parallel })), `${parallel} by ${connections}, readFile`)
    }
    t.ok(server.connections <= connections)
  }
})

t.test('several connections read at the same time', async t => {
  const { vfs, server } = await onFile(t, { greeting: greetings.vsftpd })
  let begun = 0
  let go = () => {}
  const all = new Promise<void>(resolve => (go = resolve))
  server.on['RETR'] = async ctx => {
    if (++begun === 4) go()
    await all
    await ctx.next()
  }
  t.ok(data.equals(await read(vfs, { parallel: 4 })))
  t.equal(server.connections, 4)
})

t.test('one connection makes one transfer', async t => {
  const { vfs, sent } = await onFile(t, {}, { connections: 1 })
  t.ok(data.equals(await read(vfs, { parallel: 4 })))
  t.same(
    sent().filter(line => /^(RETR|REST)/.test(line)),
    ['RETR /f'],
  )
})

t.test('a small file is read by one connection', async t => {
  const small = bytes(4 * MIB - 1)
  const { vfs, sent, server } = await scriptedVfs(t, { files: { '/f': small, '/g': '' } }, { connections: 4 })
  t.ok(small.equals(await read(vfs, { parallel: 4 })))
  t.equal((await read(vfs, { parallel: 4 }, '/g')).length, 0)
  t.ok(data.subarray(0, 0).equals(await read(vfs, { parallel: 4, start: small.length })))
  t.notOk(sent().some(line => line.startsWith('REST')))
  t.equal(server.connections, 1)
})

t.test('so is a file without a reported size', async t => {
  const { vfs, server } = await onFile(t, { on: { SIZE: ctx => ctx.reply('500 SIZE?') } })
  t.ok(data.equals(await read(vfs, { parallel: 4 })))
  t.equal(server.connections, 1)
})

t.test('ranges', async t => {
  const { vfs } = await onFile(t)
  for (const [start, end] of [
    [1, data.length - 2],
    [7 * MIB, 15 * MIB],
    [7 * MIB, Infinity],
    [data.length - 5 * MIB, data.length + 5],
  ] as const) {
    const expected = data.subarray(start, end + 1)
    t.ok(expected.equals(await read(vfs, { parallel: 3, start, end })), `${start} to ${end}`)
  }
})

t.test('each range survives lost connections', async t => {
  const cut = [1, 2, 3, 4, 5].map(nth => ({ command: 'RETR', nth, after: 700_000 }))
  for (const what of ['both', 'control', 'data'] as const) {
    const { vfs } = await onFile(t, { cut: cut.map(each => ({ ...each, what })) }, { retries: 5 })
    t.ok(data.equals(await read(vfs, { parallel: 4 })), what)
  }
})

t.test('a file that was changed between the ranges is an error', async t => {
  for (const [command, reply] of [
    ['SIZE', '213 99999999'],
    ['MDTM', '213 20260101000000'],
  ] as const) {
    let asked = 0
    let go = () => {}
    const second = new Promise<void>(resolve => (go = resolve))
    const { vfs } = await onFile(t, {
      greeting: greetings.vsftpd,
      on: {
        [command]: ctx => {
          if (++asked === 1) return ctx.next()
          ctx.reply(reply)
          go()
        },
        RETR: async ctx => {
          await second
          await ctx.next()
        },
      },
    })
    t.match(await failureOf(read(vfs, { parallel: 4 })), { code: 'ERR_FTP_FILE_CHANGED' }, command)
  }
})

t.test('errors are those of one connection', async t => {
  const { vfs } = await onFile(t, { files: { '/d': null } })
  t.match(await failureOf(read(vfs, { parallel: 4 }, '/none')), { code: 'ENOENT', path: '/none' })
  t.match(await failureOf(read(vfs, { parallel: 4 }, '/d')), { code: 'EISDIR' })
  t.match(await failureOf(vfs.readFile('/none', { parallel: 4 })), { code: 'ENOENT', path: '/none' })
  for (const [parallel, code] of [
    [0, 'ERR_OUT_OF_RANGE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
    ['2', 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    const options = { parallel: parallel as number }
    t.throws(() => vfs.createReadStream('/f', options), { code })
    t.match(await failureOf(vfs.readFile('/f', options)), { code })
  }
})

t.test('a stream that is destroyed midway leaves its sessions to others', async t => {
  const { vfs, server } = await onFile(t)
  for (let i = 0; i < 4; i++) {
    for await (const chunk of vfs.createReadStream('/f', { parallel: 4 })) {
      t.ok((chunk as Buffer).length > 0)
      break
    }
    t.equal((await vfs.stat('/f')).size, data.length)
  }
  await Promise.all(Array.from({ length: 8 }, () => vfs.stat('/f')))
  while (vfs.stats().busy > 0) await new Promise(resolve => setTimeout(resolve, 5))
  t.ok(server.connections <= 4)

  await t.test('a signal ends it', async t => {
    const abort = new AbortController()
    const stream = vfs.createReadStream('/f', { parallel: 4, signal: abort.signal })
    stream.once('readable', () => abort.abort())
    t.match(await failureOf(stream.toArray()), { code: 'ABORT_ERR' })
  })
})

t.test('while a stream is not read, others can use all its sessions', async t => {
  const { vfs } = await onFile(t, {}, { connections: 2 })
  const stream = vfs.createReadStream('/f', { parallel: 4 })
  await new Promise(resolve => stream.once('readable', resolve))
  t.same(
    await Promise.all(Array.from({ length: 3 }, async () => (await vfs.readFile('/f')).length)),
    Array.from({ length: 3 }, () => data.length),
  )
  t.ok(data.equals(Buffer.concat((await stream.toArray()) as Buffer[])))
})

t.test('many streams at once, and pipes between them, finish with any number of connections', async t => {
  const part = data.subarray(0, 6 * MIB)
  for (const connections of [1, 2, 4]) {
    const { vfs, content } = await scriptedVfs(t, { files: { '/f': part } }, { connections })
    const streams = await Promise.all(Array.from({ length: 5 }, () => read(vfs, { parallel: 4 })))
    t.ok(
      streams.every(each => each.equals(part)),
      `5 streams by ${connections}`,
    )
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        pipeline(vfs.createReadStream('/f', { parallel: 3 }), vfs.createWriteStream(`/to${i}`)),
      ),
    )
    const whole = part.toString('latin1')
    t.ok(
      Array.from({ length: 20 }, (_, i) => content(`/to${i}`) === whole).every(Boolean),
      `20 pipes by ${connections}`,
    )
  }
})

t.test('a server that allows fewer sessions is read with those', async t => {
  for (const work of [
    (vfs: FtpVfs) => read(vfs, { parallel: 4 }),
    async (vfs: FtpVfs, path: string) => {
      await vfs.download('/f', path, { parallel: 4 })
      return readFile(path)
    },
  ]) {
    const greeting = (nth: number): string => (nth > 2 ? '421 Too many connections' : '220 scripted')
    const { vfs, sent, spoolDirectory } = await onFile(t, { greeting })
    const path = join(spoolDirectory, 'f')
    t.ok(data.equals(await work(vfs, path)))
    await rm(path, { force: true })
    // Calls without a session of their own do not take sessions from each other.
    t.ok(sent().filter(line => line.startsWith('RETR')).length <= 6)
  }
})

await forServers(t, '40 MiB by several connections', async (t, server) => {
  const big = bytes(40 * MIB + 1)
  await writeFile(join(server.root, 'f'), big)
  for (const connections of [1, 3]) {
    const vfs = open(t, server.url, { connections })
    for (const parallel of [2, 4]) t.equal(sha256(await read(vfs, { parallel })), sha256(big))
    t.equal(sha256(await vfs.readFile('/f', { parallel: 3 })), sha256(big))
    for await (const chunk of vfs.createReadStream('/f', { parallel: 3, start: 5 })) {
      t.equal((chunk as Buffer)[0], big[5])
      break
    }
    t.equal((await vfs.stat('/f')).size, big.length)
    t.ok(vfs.stats().opened <= connections, 'no session was lost by the stops')
  }
})
