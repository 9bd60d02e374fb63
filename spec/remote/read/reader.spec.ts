import t, { type Test } from 'tap'
import { Call } from '../../../lib/pool/call.js'
import { Reader } from '../../../lib/remote/read/reader.js'
import { hashesOf, selfSigned } from '../../support/certificates.js'
import {
  startScriptedServer,
  type CommandContext,
  type Cut,
  type Handler,
  type Script,
  type ScriptTls,
} from '../../support/scripted-server.js'
import { until } from '../../support/until.js'
import { remoteOn } from '../remote-on.js'
import {
  bytes,
  failureOf,
  fewRetries,
  greetings,
  MIB,
  scriptedVfs,
  type ScriptedVfs,
} from '../scripted-vfs.js'

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

t.test('a whole file: SIZE and MDTM share a flight with EPSV', async t => {
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

  await t.test('one that ends with the file is not aborted', async t => {
    const on = await onFile(t, { greeting: greetings.vsftpd })
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

  await t.test('if REST is refused, the bytes before the range are skipped', async t => {
    const on = await onFile(t, { on: { REST: ctx => ctx.reply('502 REST?') } })
    t.ok(data.subarray(100_000, 200_000).equals(await read(on, { start: 100_000, end: 199_999 })))
    t.ok(data.subarray(299_999).equals(await read(on, { start: 299_999 })))
  })
})

const places: [title: string, cut: Cut][] = [
  ['before EPSV is answered', { command: 'EPSV' }],
  ['when RETR has arrived', { command: 'RETR' }],
  ['after the 150', { command: 'RETR', after: '150' }],
  ['after the 150, the data connection', { command: 'RETR', after: '150', what: 'data' }],
  ['after 1 byte', { command: 'RETR', after: 1 }],
  ['after 100,000 bytes', { command: 'RETR', after: 100_000 }],
  ['after 100,000 bytes, by a reset', { command: 'RETR', after: 100_000, reset: true }],
  ['after 100,000 bytes, the data connection', { command: 'RETR', after: 100_000, what: 'data' }],
  ['after 100,000 bytes, the control connection', { command: 'RETR', after: 100_000, what: 'control' }],
  ['after all bytes', { command: 'RETR', after: data.length }],
]

for (const greeting of ['220 somebody', greetings.vsftpd]) {
  t.test(`a connection lost during a download is no error: ${greeting}`, async t => {
    for (const [title, cut] of places) {
      await t.test(title, async t => {
        t.ok(data.equals(await read(await onFile(t, { greeting, cut }))))
        const part = { start: 50_000, end: 249_999 }
        t.ok(data.subarray(50_000, 250_000).equals(await read(await onFile(t, { greeting, cut }), part)))
      })
    }
  })
}

t.test('without a reported size and time, the 226 is trusted', async t => {
  const on = await onFile(t, {
    cut: { command: 'RETR', after: 100_000 },
    on: { SIZE: ctx => ctx.reply('502 SIZE?'), MDTM: ctx => ctx.reply('502 MDTM?') },
  })
  t.ok(data.equals(await read(on)))
  t.ok(data.subarray(100_000, 200_000).equals(await read(on, { start: 100_000, end: 199_999 })))
})

t.test('after a loss it resumes with REST', async t => {
  const on = await onFile(t, { greeting: greetings.vsftpd, cut: { command: 'RETR', after: 100_000 } })
  t.ok(data.equals(await read(on)))
  t.same(
    on.sent().filter(line => /^RE(ST|TR)/.test(line)),
    ['RETR /f', 'REST 100000', 'RETR /f'],
  )
})

t.test('every loss after at least 1 MiB is followed by another attempt', async t => {
  const big = bytes(11 * MIB)
  const cut = Array.from({ length: 10 }, (_, i) => ({ command: 'RETR', nth: i + 1, after: MIB + 10_000 }))
  const on = await scriptedVfs(t, { greeting: greetings.vsftpd, files: { '/f': big }, cut })
  t.ok(big.equals(await read(on)))

  await t.test('losses after fewer bytes are counted', async t => {
    const cut = Array.from({ length: 10 }, (_, i) => ({ command: 'RETR', nth: i + 1, after: 10_000 }))
    const on = await onFile(t, { greeting: greetings.vsftpd, cut })
    t.match(await failureOf(read(on)), { code: 'ERR_FTP_CONNECTION_LOST', attempts: 3 })
  })

  const slowly = async (t: Test, file: Buffer, after: number): Promise<[Buffer, unknown]> => {
    const cut = Array.from({ length: 10 }, (_, i) => ({ command: 'RETR', nth: i + 1, after }))
    const server = await startScriptedServer({ greeting: greetings.vsftpd, files: { '/f': file }, cut })
    t.teardown(() => server.stop())
    const remote = remoteOn(t, server.url, fewRetries)
    const reader = new Reader(remote, new Call(), '/f', { window: file.length })
    t.teardown(() => reader.close())
    const chunks: Buffer[] = []
    try {
      for (let chunk; (chunk = await reader.read());) {
        chunks.push(Buffer.from(chunk))
        while (remote.pool.stats.busy > 0) await new Promise(setImmediate)
      }
      return [Buffer.concat(chunks), undefined]
    } catch (error) {
      return [Buffer.concat(chunks), error]
    }
  }

  await t.test('also if bytes of each attempt wait: they are delivered before the error', async t => {
    const file = bytes(11 * MIB)
    const [came, error] = await slowly(t, file, MIB / 2)
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', attempts: 3 })
    t.ok(came.equals(file.subarray(0, 1.5 * MIB)), `${came.length} bytes`)
  })

  await t.test('a slow reader resumes, too, if each attempt brings 1 MiB', async t => {
    const [came, error] = await slowly(t, big, MIB + 10_000)
    t.equal(error, undefined)
    t.ok(came.equals(big))
  })
})

t.test('a download with a transient refusal', async t => {
  const busy =
    (reply: string): Handler =>
    ctx =>
      ctx.n === 1 ? ctx.reply(reply) : ctx.next()

  await t.test('is tried again', async t => {
    for (const reply of ['450 File busy', '451 Local error', '425 No data connection', '426 Aborted']) {
      const on = await onFile(t, { on: { RETR: busy(reply) } })
      t.ok(data.equals(await read(on)), reply)
    }
  })

  await t.test('is an error in the end', async t => {
    for (const [reply, code] of [
      ['450 File busy', 'EBUSY'],
      ['451 Local error', 'EIO'],
    ] as const) {
      const on = await onFile(t, { on: { RETR: ctx => ctx.reply(reply) } })
      t.match(await failureOf(read(on)), { code, attempts: 3 })
      t.equal(on.sent().filter(line => line === 'RETR /f').length, 3)
    }
  })

  await t.test('is not tried again for a missing file or a folder', async t => {
    const on = await scriptedVfs(t, {
      files: { '/d': null },
      on: { RETR: ctx => ctx.reply('450 No such file or directory') },
    })
    t.match(await failureOf(on.vfs.readFile('/missing')), { code: 'ENOENT' })
    t.match(await failureOf(on.vfs.readFile('/d')), { code: 'EISDIR' })
    t.equal(on.sent().filter(line => line.startsWith('RETR')).length, 2)
  })

  await t.test('is tried again midway', async t => {
    const on = await onFile(t, {
      greeting: greetings.vsftpd,
      on: {
        RETR: async ctx => {
          if (ctx.n > 1) return ctx.next()
          const socket = await ctx.data
          ctx.reply('150 Here it comes')
          socket.end(data.subarray(0, 100_000))
          // A reply before the bytes ends the transfer.
          while (on.vfs.stats().bytesReceived < 100_000) await new Promise(setImmediate)
          ctx.reply('451 Local error')
        },
      },
    })
    t.ok(data.equals(await read(on)))
    t.ok(on.sent().includes('REST 100000'))
  })
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

  await t.test('is resumed', async t => {
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

  await t.test('one that only grows is read to its new end', async t => {
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

t.test('a reader that is closed', async t => {
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

  await t.test('while it waits for a session stops waiting', async t => {
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

  await t.test('while its session dies takes no other', async t => {
    const on = await onFile(t)
    let lose = (): void => {}
    on.server.on['EPSV'] = async ctx => {
      await new Promise<void>(resolve => (lose = resolve))
      ctx.connection.drop('both')
    }
    const remote = remoteOn(t, on.server.url, fewRetries)
    const call = new Call()
    const reader = new Reader(remote, call, '/f')
    const reading = reader.read()
    await until(() => on.sent().includes('EPSV'))
    await reader.close()
    t.equal(await reading, undefined)
    lose()
    await until(() => remote.pool.stats.busy === 0)
    t.equal(call.failed, 0, 'no attempt follows')
    t.equal(remote.pool.stats.waiting, 0)
  })
})

t.test('a reader whose bytes are not taken', async t => {
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

  await t.test('gives its session to others, and resumes later', async t => {
    const on = await scriptedVfs(t, { files: { '/f': big } })
    const stream = on.vfs.createReadStream('/f')
    await new Promise(resolve => stream.once('readable', resolve))
    t.equal((await on.vfs.stat('/f')).size, big.length)
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    t.ok(big.equals(Buffer.concat(chunks)))
    t.equal(on.server.connections, 1)
  })

  await t.test('fetches at most twice the bytes, with a question after each chunk', async t => {
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

t.test('a control connection lost during the transfer', async t => {
  const short = 400
  const cut = (how: Partial<Cut> = {}): Script => ({
    cut: { command: 'RETR', after: 100_000, what: 'control', ...how },
  })
  /** Sends all bytes, announces its end after some of them, and then is silent. */
  const sends =
    (news: (ctx: CommandContext) => Promise<void> | void, bytes = data): Handler =>
    async ctx => {
      if (ctx.n > 1) return ctx.next()
      const socket = await ctx.data
      ctx.reply('150 Here it comes')
      socket.write(bytes.subarray(0, 100_000))
      await news(ctx)
      await new Promise<void>(resolve => socket.end(bytes.subarray(100_000), resolve))
    }
  /** As with a 421: the server closes, but the bytes that it sent arrive. */
  const dropped = (said: string) => (ctx: CommandContext) =>
    new Promise<void>(resolve => {
      ctx.connection.socket.write(said, () => {
        ctx.connection.drop('control')
        resolve()
      })
    })
  const losses: Record<string, Script> = {
    'by FIN': cut(),
    'by RST': cut({ reset: true }),
    'after the last byte': cut({ after: data.length }),
    'by 421': { on: { RETR: sends(dropped('421 Timeout\r\n')) } },
    'in the middle of a reply': { on: { RETR: sends(dropped('226 Trans')) } },
    'by silence': { on: { RETR: sends(() => {}) } },
  }
  const commands = ({ server }: ScriptedVfs) =>
    server.commands.map(({ line }) => line).filter(line => /^(?:RETR|REST)/.test(line))

  for (const greeting of ['220 somebody', greetings.vsftpd]) {
    for (const [how, script] of Object.entries(losses)) {
      await t.test(`${how}, after all bytes: the file is read once (${greeting})`, async t => {
        const on = await scriptedVfs(
          t,
          { greeting, files: { '/f': data }, ...script },
          { shortTimeout: how === 'by silence' ? short : 10_000 },
        )
        t.ok(data.equals(await on.vfs.readFile('/f')))
        t.same(commands(on), ['RETR /f'])
        t.equal((await on.vfs.stat('/f')).size, data.length)
        t.equal(on.server.connections, 2, 'another session is used next')
      })
    }
  }

  await t.test('before all bytes: reading resumes', async t => {
    const half = data.subarray(0, 150_000)
    for (const news of [dropped(''), dropped('421 Timeout\r\n')]) {
      const on = await onFile(t, { greeting: greetings.vsftpd, on: { RETR: sends(news, half) } })
      t.ok(data.equals(await on.vfs.readFile('/f')))
      t.same(commands(on), ['RETR /f', 'REST 150000', 'RETR /f'])
    }
  })

  await t.test('of a range: its last byte counts', async t => {
    const on = await onFile(t, { ...cut(), greeting: greetings.vsftpd })
    const part = { start: 50_000, end: 249_999 }
    t.ok(data.subarray(50_000, 250_000).equals(await read(on, part)))
    t.equal(commands(on).filter(line => line.startsWith('RETR')).length, 1)
  })

  await t.test('without a reported size: reading resumes', async t => {
    const on = await onFile(t, {
      ...cut(),
      greeting: greetings.vsftpd,
      on: { SIZE: ctx => ctx.reply('502 SIZE?'), MDTM: ctx => ctx.reply('502 MDTM?') },
    })
    t.ok(data.equals(await on.vfs.readFile('/f')))
    t.same(commands(on), ['RETR /f', `REST ${data.length}`, 'RETR /f'])
  })

  await t.test('destroy ends it at once', async t => {
    const ended: Promise<unknown>[] = []
    const on = await onFile(t, {
      on: {
        async RETR(ctx) {
          const socket = await ctx.data
          ctx.reply('150 Here it comes')
          ended.push(new Promise(resolve => socket.resume().once('close', resolve)))
          socket.on('end', () => socket.end())
          await new Promise<void>(resolve => socket.write(data.subarray(0, 100_000), () => resolve()))
          ctx.connection.drop('control')
        },
      },
    })
    const stream = on.vfs.createReadStream('/f')
    const failed = new Promise<Error>(resolve => stream.once('error', resolve))
    for (let taken = 0; taken < 100_000;) {
      const chunk = stream.read() as Buffer | null
      if (chunk) taken += chunk.length
      else await new Promise(resolve => stream.once('readable', resolve))
    }
    const reading = failureOf(on.vfs.readFile('/f'))
    on.vfs.destroy()
    t.match(await failed, { code: 'ERR_FTP_CLOSED' })
    t.match(await reading, { code: 'ERR_FTP_CLOSED' })
    await Promise.all(ended)
    t.equal(on.server.openControl, 0)
  })

  await t.test('destroy ends a listing at once, too', async t => {
    let ended = Promise.resolve()
    const on = await onFile(t, {
      on: {
        async MLSD(ctx) {
          const socket = await ctx.data
          ctx.reply('150 Here it comes')
          ended = new Promise(resolve => socket.resume().once('close', () => resolve()))
          socket.on('end', () => socket.end())
          await new Promise<void>(resolve => socket.write('type=file;size=1; a\r\n', () => resolve()))
          ctx.connection.drop('control')
        },
      },
    })
    const listing = failureOf(on.vfs.readdir('/'))
    while (!on.sent().includes('MLSD') || on.server.openControl > 0) await new Promise(setImmediate)
    on.vfs.destroy()
    t.match(await listing, { code: 'ERR_FTP_CLOSED' })
    await ended
  })
})

t.test('over TLS', async t => {
  const { cert, key } = await selfSigned()
  const own = await selfSigned()
  const trusting = { encryptionMode: 'Explicit', acceptSpecifiedSslHash: hashesOf(cert).sha256 } as const
  const onTls = (t: Test, tls: Partial<ScriptTls> = {}, script: Script = {}): Promise<ScriptedVfs> =>
    scriptedVfs(t, { files: { '/f': data, '/d': null }, tls: { cert, key, ...tls }, ...script }, trusting)
  const retr = ({ server }: ScriptedVfs) => server.commands.filter(({ line }) => line === 'RETR /f').length

  await t.test('a file, and one with a lost connection', async t => {
    const on = await onTls(t, { sessionReuse: 'required' }, { cut: { command: 'RETR', after: 100_000 } })
    t.ok(data.equals(await on.vfs.readFile('/f')))
    t.ok(on.server.commands.every(({ secure, line }) => secure || line === 'AUTH TLS'))
  })

  await t.test('a session whose TLS is refused once is replaced', async t => {
    let refused = false
    for (const verb of ['RETR', 'MLSD']) {
      const on = await onTls(
        t,
        {},
        {
          on: {
            async [verb](ctx) {
              if (refused) return ctx.next()
              refused = true
              ctx.reply('150 Here it comes')
              const socket = await ctx.secureData
              socket.end()
              ctx.reply('522 TLS session not reused')
            },
          },
        },
      )
      if (verb === 'RETR') t.ok(data.equals(await on.vfs.readFile('/f')))
      else t.same((await on.vfs.readdir('/')).sort(), ['d', 'f'])
      t.equal(on.server.connections, 2)
      refused = false
    }
  })

  await t.test('a server that always refuses TLS is an error', async t => {
    const refuse: Handler = async ctx => {
      ctx.reply('150 Here it comes')
      const socket = await ctx.secureData
      socket.end()
      ctx.reply('522 TLS session not reused')
    }
    const on = await onTls(t, {}, { on: { RETR: refuse, MLSD: refuse, LIST: refuse } })
    const refused = { code: 'ERR_FTP_TLS', cause: { code: 522 } }
    t.match(await failureOf(on.vfs.readFile('/f')), refused)
    t.equal(retr(on), 3)
    t.match(await failureOf(on.vfs.readdir('/')), refused)
  })

  await t.test('a missing file costs no session', async t => {
    for (const greeting of ['220 somebody', greetings.vsftpd]) {
      const on = await onTls(t, {}, { greeting })
      t.match(await failureOf(on.vfs.readFile('/missing')), { code: 'ENOENT' })
      t.match(await failureOf(on.vfs.readFile('/d')), { code: 'EISDIR' })
      t.ok(data.equals(await on.vfs.readFile('/f')))
      t.equal(on.server.connections, 1)
    }
  })

  for (const greeting of ['220 somebody', greetings.vsftpd]) {
    await t.test(`another certificate on the data connection is an error at once (${greeting})`, async t => {
      const on = await onTls(t, { dataCert: own.cert, dataKey: own.key }, { greeting })
      const { sha256 } = hashesOf(own.cert)
      for (const work of [on.vfs.readFile('/f'), on.vfs.readdir('/')]) {
        const error = await failureOf(work)
        t.match(error, { code: 'ERR_FTP_CERTIFICATE' })
        t.equal(String(error['fingerprint256']).replaceAll(':', ''), sha256)
      }
      const stream = on.vfs.createReadStream('/f')
      stream.on('data', () => t.fail('not a byte is delivered'))
      t.match(await new Promise(resolve => stream.once('error', resolve)), { code: 'ERR_FTP_CERTIFICATE' })
      t.equal(retr(on), 2, 'it is not tried again')
      t.equal(on.vfs.stats().sessions, 0)
    })
  }

  await t.test('without close_notify', async t => {
    await t.test('a file whose bytes have all come is accepted', async t => {
      const on = await onTls(t, { noCloseNotify: true })
      t.ok(data.equals(await on.vfs.readFile('/f')))
      t.equal(retr(on), 1)
    })

    const shorter: Handler = async ctx => {
      ctx.connection.restart = 0
      await ctx.send([data.subarray(0, 1000)])
    }
    await t.test('a file that is cut short is read again, despite the 226', async t => {
      const on = await onTls(
        t,
        { noCloseNotify: true },
        { on: { RETR: ctx => (ctx.n === 1 ? shorter(ctx) : ctx.next()) } },
      )
      t.ok(data.equals(await on.vfs.readFile('/f')))
      t.same(
        on.sent().filter(line => /^RE/.test(line)),
        ['RETR /f', 'RETR /f'],
      )
    })

    await t.test('and is an error when nothing more comes', async t => {
      const RETR: Handler = ctx => (ctx.n === 1 ? shorter(ctx) : ctx.send([]))
      const on = await onTls(t, { noCloseNotify: true }, { on: { RETR } })
      t.match(await failureOf(on.vfs.readFile('/f')), { code: 'ERR_FTP_SHORT_READ', cause: { code: 226 } })
    })
  })
})
