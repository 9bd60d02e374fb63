import t, { type Test } from 'tap'
import type { Cut, Script } from '../support/scripted-server.js'
import { bytes, failureOf, greetings, MIB, scriptedVfs, type ScriptedVfs } from './scripted-vfs.js'

const data = bytes(300_000)

async function read(
  { vfs }: ScriptedVfs,
  options: { start?: number; end?: number; highWaterMark?: number } = {},
): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of vfs.createReadStream('/f', options)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const onFile = (t: Test, script: Script = {}): Promise<ScriptedVfs> =>
  scriptedVfs(t, { files: { '/f': data }, ...script })

t.test('a whole file: its size and time are asked in the flight of EPSV', async t => {
  const on = await onFile(t)
  t.ok(data.equals(await read(on)))
  t.same(on.server.flights.slice(-2), [['SIZE /f', 'MDTM /f', 'EPSV'], ['RETR /f']])
})

t.test('an empty file', async t => {
  const on = await scriptedVfs(t, { files: { '/f': '' } })
  t.equal((await read(on)).length, 0)
  t.equal((await read(on, { start: 5 })).length, 0)
})

t.test('ranges', async t => {
  const on = await onFile(t)
  for (const [start, end] of [
    [0, 0],
    [0, 99_999],
    [1, 1],
    [100_000, 199_999],
    [200_000, data.length - 2],
    [200_000, data.length - 1],
    [200_000, data.length + 5],
    [200_000, Infinity],
    [data.length - 1, data.length - 1],
  ] as const) {
    t.ok(data.subarray(start, end + 1).equals(await read(on, { start, end })), `${start} to ${end}`)
  }
  t.equal(on.server.connections, 1)

  await t.test('one that ends where the file does is not broken off', async t => {
    const on = await onFile(t)
    let brokenOff: boolean | undefined
    on.server.on['RETR'] = async ctx => {
      await ctx.send(
        (async function* () {
          yield data.subarray(100_000)
          const socket = await ctx.data
          await new Promise(resolve => setTimeout(resolve, 50))
          brokenOff = socket.destroyed
        })(),
      )
    }
    t.ok(data.subarray(100_000).equals(await read(on, { start: 100_000, end: data.length - 1 })))
    t.equal(brokenOff, false)
  })

  await t.test('one that begins behind the end is empty, and RETR is not sent', async t => {
    for (const start of [data.length, data.length + 1]) t.equal((await read(on, { start })).length, 0)
    t.equal(on.sent().at(-1), 'EPSV')
  })

  await t.test('where REST is refused, what lies before is left out', async t => {
    const on = await onFile(t, { on: { REST: ctx => ctx.reply('502 REST?') } })
    t.ok(data.subarray(100_000, 200_000).equals(await read(on, { start: 100_000, end: 199_999 })))
    t.ok(data.subarray(299_999).equals(await read(on, { start: 299_999 })))
  })
})

const places: [title: string, cut: Cut][] = [
  ['before EPSV is answered', { command: 'EPSV' }],
  ['when RETR has come', { command: 'RETR' }],
  ['behind the 150', { command: 'RETR', after: '150' }],
  ['behind the 150, the data connection', { command: 'RETR', after: '150', what: 'data' }],
  ['after 1 byte', { command: 'RETR', after: 1 }],
  ['after 100,000 bytes', { command: 'RETR', after: 100_000 }],
  ['after 100,000 bytes, by a reset', { command: 'RETR', after: 100_000, reset: true }],
  ['after 100,000 bytes, the data connection', { command: 'RETR', after: 100_000, what: 'data' }],
  ['after 100,000 bytes, the control connection', { command: 'RETR', after: 100_000, what: 'control' }],
  ['after all bytes', { command: 'RETR', after: data.length }],
]

for (const greeting of ['220 somebody', greetings.vsftpd]) {
  t.test(`a connection that is lost on the way is no error: ${greeting}`, async t => {
    for (const [title, cut] of places) {
      await t.test(title, async t => {
        t.ok(data.equals(await read(await onFile(t, { greeting, cut }))))
        const part = { start: 50_000, end: 249_999 }
        t.ok(data.subarray(50_000, 250_000).equals(await read(await onFile(t, { greeting, cut }), part)))
      })
    }
  })
}

t.test('where the server tells neither size nor time, 226 is believed', async t => {
  const on = await onFile(t, {
    cut: { command: 'RETR', after: 100_000 },
    on: { SIZE: ctx => ctx.reply('502 SIZE?'), MDTM: ctx => ctx.reply('502 MDTM?') },
  })
  t.ok(data.equals(await read(on)))
  t.ok(data.subarray(100_000, 200_000).equals(await read(on, { start: 100_000, end: 199_999 })))
})

t.test('after a loss it goes on where it was, with REST', async t => {
  const on = await onFile(t, { cut: { command: 'RETR', after: 100_000 } })
  t.ok(data.equals(await read(on)))
  t.same(
    on.sent().filter(line => /^RE(ST|TR)/.test(line)),
    ['RETR /f', 'REST 100000', 'RETR /f'],
  )
})

t.test('every loss that brings bytes is followed by another attempt', async t => {
  const cut = Array.from({ length: 20 }, (_, i) => ({ command: 'RETR', nth: i + 1, after: 10_000 }))
  t.ok(data.equals(await read(await onFile(t, { cut }))))
})

t.test('three losses without a byte are an error', async t => {
  const on = await onFile(t, { cut: [1, 2, 3].map(nth => ({ command: 'RETR', nth })) })
  t.match(await failureOf(read(on)), { code: 'ERR_FTP_CONNECTION_LOST' })
  t.equal(on.sent().filter(line => line === 'RETR /f').length, 3)
  t.ok(data.equals(await on.vfs.readFile('/f')), 'and the fs goes on')
})

t.test('a download that is shorter than the file', async t => {
  const short = async (ctx: Parameters<NonNullable<Script['on']>[string]>[0]): Promise<void> => {
    ctx.connection.restart = 0
    await ctx.send([data.subarray(0, 1000)])
  }

  await t.test('is gone on with', async t => {
    const on = await onFile(t, { on: { RETR: ctx => (ctx.n === 1 ? short(ctx) : ctx.next()) } })
    t.ok(data.equals(await read(on)))
  })

  await t.test('and is an error when nothing more comes', async t => {
    const on = await onFile(t, { on: { RETR: ctx => (ctx.n === 1 ? short(ctx) : ctx.send([])) } })
    const error = await failureOf(read(on))
    t.match(error, { code: 'ERR_FTP_SHORT_READ', cause: { code: 226 } })
    t.match(error.message, '1000 of 300000 bytes came')
  })
})

t.test('a file that is changed meanwhile', async t => {
  const changed = [
    ['shorter', Buffer.from('other'), new Date('2026-01-01')],
    ['of the same length', bytes(data.length, 2), new Date('2026-01-01')],
    ['removed', undefined, undefined],
  ] as const
  for (const [title, content, modified] of changed) {
    await t.test(title, async t => {
      const on = await onFile(t, { cut: { command: 'RETR', after: 100_000 } })
      on.server.on['RETR'] = async ctx => {
        if (content) ctx.server.files.set('/f', { content, modified, mode: 0o644 })
        else ctx.server.files.delete('/f')
        await ctx.send([data])
      }
      t.match(await failureOf(read(on)), { code: 'ERR_FTP_FILE_CHANGED' })
      await on.vfs.stat('/')
    })
  }

  await t.test('one that only grows is read as far as it has come', async t => {
    const more = Buffer.concat([data, bytes(1000)])
    const on = await onFile(t, { on: { RETR: ctx => ctx.send([more]) } })
    t.ok(more.equals(await read(on)))
    t.ok(data.equals(await read(on, { end: data.length - 1 })))
  })
})

t.test('a refusal', async t => {
  await t.test('of a missing file, of a folder', async t => {
    const on = await scriptedVfs(t, { files: { '/d': null, '/file': 'x' } })
    t.match(await failureOf(read(on)), { code: 'ENOENT', syscall: 'open', path: '/f', cause: { code: 550 } })
    t.match(await failureOf(on.vfs.readFile('/d')), { code: 'EISDIR', syscall: 'read' })
    t.match(await failureOf(on.vfs.readFile('/file/f')), { code: 'ENOTDIR' })
  })

  await t.test('in the middle', async t => {
    const on = await onFile(t, {
      cut: { command: 'RETR', after: 100_000 },
      on: { RETR: ctx => (ctx.n === 1 ? ctx.next() : ctx.reply('550 Permission denied')) },
    })
    t.match(await failureOf(read(on)), { code: 'EACCES', cause: { code: 550 } })
    t.equal(on.vfs.stats().busy, 0)
  })

  await t.test('after the 150', async t => {
    const on = await onFile(t, {
      on: {
        RETR: async ctx => {
          ctx.reply('150 Here it comes')
          ;(await ctx.data).destroy()
          ctx.reply('551 EACCES')
        },
      },
    })
    t.match(await failureOf(read(on)), { code: 'EACCES', cause: { code: 551 } })
  })

  await t.test('frees its session before it asks for the reason', async t => {
    const on = await onFile(t, { on: { RETR: ctx => ctx.reply('550 Failed to open file.') } })
    t.match(await failureOf(read(on)), { code: 'EACCES' })
  })
})

t.test('a reader that is broken off', async t => {
  const big = bytes(8 * MIB)

  for (const greeting of ['220 somebody', greetings.vsftpd, greetings.pureFtpd]) {
    await t.test(`after its first chunk gives the session back: ${greeting}`, async t => {
      const on = await scriptedVfs(t, { greeting, files: { '/f': big } })
      for (let round = 0; round < 3; round++) {
        const stream = on.vfs.createReadStream('/f')
        await new Promise(resolve => stream.once('readable', resolve))
        const closed = new Promise(resolve => stream.once('close', resolve))
        stream.destroy()
        await closed
        t.equal(on.vfs.stats().busy, 0)
        t.equal((await on.vfs.stat('/f')).size, big.length)
      }
      t.equal(on.server.connections, 1)
    })
  }

  await t.test('while it waits for a session waits no more', async t => {
    const on = await scriptedVfs(t, { files: { '/f': big, '/g': big } })
    const first = on.vfs.createReadStream('/g')
    await new Promise(resolve => first.once('readable', resolve))
    const stream = on.vfs.createReadStream('/f')
    await new Promise(setImmediate)
    const closed = new Promise(resolve => stream.once('close', resolve))
    stream.destroy()
    await closed
    t.notOk(on.sent().includes('RETR /f'))
    first.destroy()
  })

  await t.test('while it is opened', async t => {
    const on = await onFile(t)
    let release = (): void => {}
    on.server.on['EPSV'] = async ctx => {
      await new Promise<void>(resolve => (release = resolve))
      await ctx.next()
    }
    const stream = on.vfs.createReadStream('/f')
    const seen: string[] = []
    for (const event of ['open', 'ready', 'data', 'end', 'error']) stream.on(event, () => seen.push(event))
    while (!on.sent().includes('EPSV')) await new Promise(setImmediate)
    const closed = new Promise(resolve => stream.once('close', resolve))
    stream.destroy()
    release()
    await closed
    t.same(seen, [])
  })
})

t.test('one whose bytes are not taken', async t => {
  const big = bytes(16 * MIB)

  await t.test('reads no further than its window', async t => {
    const on = await scriptedVfs(t, { files: { '/f': big } }, { connections: 2 })
    const stream = on.vfs.createReadStream('/f')
    await new Promise(resolve => stream.once('readable', resolve))
    await on.vfs.stat('/f')
    const taken = stream.bytesRead + stream.readableLength
    t.ok(taken < MIB, `${taken} bytes`)
    t.ok(on.server.bytesSent < big.length)
    stream.destroy()
  })

  await t.test('gives its session to others, and goes on later', async t => {
    const on = await scriptedVfs(t, { files: { '/f': big } })
    const stream = on.vfs.createReadStream('/f')
    await new Promise(resolve => stream.once('readable', resolve))
    t.equal((await on.vfs.stat('/f')).size, big.length)
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    t.ok(big.equals(Buffer.concat(chunks)))
    t.equal(on.server.connections, 1)
  })

  await t.test('a question behind each chunk: at most twice the bytes are fetched', async t => {
    const bigger = Buffer.concat([big, big, big, big])
    const on = await scriptedVfs(t, { files: { '/f': bigger } })
    const chunks: Buffer[] = []
    for await (const chunk of on.vfs.createReadStream('/f')) {
      chunks.push(chunk as Buffer)
      await on.vfs.stat('/f')
    }
    t.ok(bigger.equals(Buffer.concat(chunks)))
    t.ok(on.server.bytesSent <= 2 * bigger.length, `${on.server.bytesSent} bytes`)
  })
})
