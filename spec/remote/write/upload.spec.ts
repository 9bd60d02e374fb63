import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { hashesOf, selfSigned } from '../../support/certificates.js'
import type { CommandContext, Cut, Handler, Script, ScriptTls } from '../../support/scripted-server.js'
import { bytes, failureOf, greetings, MIB, pieces, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

const data = bytes(300_000)
const text = data.toString('latin1')

/** The points at which a connection may be lost during an upload. */
const places: [title: string, cut: Cut][] = [
  ['before EPSV is answered', { command: 'EPSV' }],
  ['when STOR has arrived', { command: 'STOR' }],
  ['when STOR has arrived, and takes effect', { command: 'STOR', what: 'control' }],
  ['after the 150', { command: 'STOR', after: '150' }],
  ['after the 150, the control connection', { command: 'STOR', after: '150', what: 'control' }],
  ['after the 150, the data connection', { command: 'STOR', after: '150', what: 'data' }],
  ['after 1 byte', { command: 'STOR', after: 1 }],
  ['after 100,000 bytes', { command: 'STOR', after: 100_000 }],
  ['after 100,000 bytes, by a reset', { command: 'STOR', after: 100_000, reset: true }],
  ['after 100,000 bytes, the data connection', { command: 'STOR', after: 100_000, what: 'data' }],
  ['after 100,000 bytes, the control connection', { command: 'STOR', after: 100_000, what: 'control' }],
  ['after all bytes', { command: 'STOR', after: data.length }],
  ['after all bytes, the control connection', { command: 'STOR', after: data.length, what: 'control' }],
  ['after the 226', { command: 'SIZE' }],
]

const asAppend = (cut: Cut): Cut => (cut.command === 'STOR' ? { ...cut, command: 'APPE' } : cut)

// On a recognised server, after a first data connection, the first bytes precede the
// 1xx.
for (const [greeting, early] of [
  ['220 somebody', false],
  [greetings.vsftpd, false],
  [greetings.vsftpd, true],
] as const) {
  const files = { '/f': 'old', '/g': 'other' }
  const later = (cut: Cut): Cut =>
    early && (cut.command === 'EPSV' || cut.command === 'SIZE') ? { ...cut, nth: 2 } : cut
  const begun = async (t: Test, cut: Cut, options = {}): Promise<ScriptedVfs> => {
    const on = await scriptedVfs(t, { greeting, cut: later(cut), files }, options)
    if (early) await on.vfs.readFile('/g')
    return on
  }

  t.test(`a connection lost during an upload: ${greeting}${early ? ', early bytes' : ''}`, async t => {
    for (const [title, cut] of places) {
      await t.test(`${title}: the file is stored whole`, async t => {
        const { vfs, content } = await begun(t, cut)
        await vfs.writeFile('/f', data)
        t.ok(content('/f') === text)
      })

      await t.test(`${title}, in an append: the bytes are stored once`, async t => {
        const { vfs, content } = await begun(t, asAppend(cut))
        await vfs.appendFile('/f', data)
        t.ok(content('/f') === `old${text}`)
      })

      await t.test(`${title}, in an unverified append: the bytes are stored once`, async t => {
        const { vfs, content } = await begun(t, asAppend(cut), { verifyUploads: false })
        await vfs.appendFile('/f', data)
        t.ok(content('/f') === `old${text}`)
      })
    }
  })
}

t.test('a connection that is lost repeatedly', async t => {
  const again = (cut: Cut): Cut[] => [1, 2, 3].map(nth => ({ ...cut, nth }))

  await t.test('is an error, and the incomplete file is removed', async t => {
    const { vfs, server } = await scriptedVfs(t, { cut: again({ command: 'STOR', after: 1000 }) })
    const error = await failureOf(vfs.writeFile('/f', data))
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST' })
    t.notOk('incomplete' in error)
    t.notOk(server.files.has('/f'))
  })

  await t.test('the last time before the 150: the incomplete file is removed, too', async t => {
    for (const greeting of ['220 somebody', greetings.vsftpd]) {
      const { vfs, server } = await scriptedVfs(t, {
        greeting,
        cut: [{ command: 'STOR', after: 1000 }, ...again({ command: 'STOR' }).slice(1)],
      })
      const error = await failureOf(vfs.writeFile('/f', data))
      t.match(error, { code: 'ERR_FTP_CONNECTION_LOST' })
      t.notOk('incomplete' in error)
      t.notOk(server.files.has('/f'))
    }
  })

  await t.test('before anything is stored: the old file stays', async t => {
    const { vfs, content } = await scriptedVfs(t, {
      cut: again({ command: 'STOR' }),
      files: { '/f': 'old' },
    })
    const error = await failureOf(vfs.writeFile('/f', data))
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST' })
    t.notOk('incomplete' in error, 'the server shows the old size and time')
    t.equal(content('/f'), 'old')
  })

  await t.test('before STOR: the error names no incomplete file', async t => {
    const { vfs, content } = await scriptedVfs(t, {
      cut: again({ command: 'EPSV' }),
      files: { '/f': 'old' },
    })
    const error = await failureOf(vfs.writeFile('/f', data))
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST' })
    t.notOk('incomplete' in error)
    t.equal(content('/f'), 'old')
  })

  await t.test('in an append: the error names the incomplete file', async t => {
    const { vfs, content } = await scriptedVfs(t, {
      cut: again({ command: 'APPE', after: 1000 }),
      files: { '/f': 'old' },
    })
    const error = await failureOf(vfs.appendFile('/f', data))
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', incomplete: '/f' })
    t.ok(`old${text}`.startsWith(content('/f')!))
  })
})

t.test('a connection lost while input still arrives', async t => {
  const big = bytes(3 * MIB)
  const upload = (
    { vfs }: ScriptedVfs,
    flags = 'w',
    source: Iterable<Buffer> | AsyncIterable<Buffer> = pieces(big),
  ): Promise<void> => pipeline(Readable.from(source), vfs.createWriteStream('/f', { flags }))

  await t.test('bytes that can be read again are sent again', async t => {
    const on = await scriptedVfs(t, { cut: { command: 'STOR' } })
    await upload(on)
    t.ok(on.content('/f') === big.toString('latin1'))
  })

  await t.test('bytes that can be read again are appended once', async t => {
    const on = await scriptedVfs(t, {
      cut: { command: 'APPE', what: 'control' },
      files: { '/f': 'old' },
    })
    await upload(on, 'a')
    t.ok(on.content('/f') === `old${big.toString('latin1')}`)
  })

  await t.test('later a loss is an error, and no file is left', async t => {
    const on = await scriptedVfs(t, { cut: { command: 'STOR', after: 2 * MIB } })
    const error = await failureOf(upload(on))
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST' })
    t.notOk(on.server.files.has('/f'))
  })

  await t.test('later in an append: the error names the incomplete file', async t => {
    const on = await scriptedVfs(t, {
      cut: { command: 'APPE', after: 2 * MIB },
      files: { '/f': 'old' },
    })
    const error = await failureOf(upload(on, 'a'))
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', incomplete: '/f' })
    t.ok(`old${big.toString('latin1')}`.startsWith(on.content('/f')!))
  })

  await t.test('after the last byte the size decides', async t => {
    const on = await scriptedVfs(t, { cut: { command: 'STOR', after: big.length, what: 'control' } })
    await upload(on)
    t.ok(on.content('/f') === big.toString('latin1'))
  })

  await t.test('after the 226, too', async t => {
    const on = await scriptedVfs(t, { cut: { command: 'SIZE' } })
    await upload(on)
    t.ok(on.content('/f') === big.toString('latin1'))
  })
})

t.test('a server that refuses', async t => {
  await t.test('the file: the old file stays', async t => {
    const { vfs, sent, content } = await scriptedVfs(t, {
      files: { '/f': 'old' },
      on: { STOR: ctx => ctx.reply('553 Could not create file.') },
    })
    const error = await failureOf(vfs.writeFile('/f', 'new'))
    t.match(error, { code: 'EACCES', syscall: 'open', path: '/f', cause: { code: 553 } })
    t.notOk('incomplete' in error)
    t.equal(content('/f'), 'old')
    t.notOk(sent().includes('DELE /f'))
  })

  await t.test('the file, after bytes were sent already: the old file stays', async t => {
    for (const flags of ['w', 'a']) {
      const { vfs, sent, content } = await scriptedVfs(t, {
        greeting: greetings.vsftpd,
        files: { '/f': 'old' },
        on: {
          STOR: ctx => ctx.reply('553 Could not create file.'),
          APPE: ctx => ctx.reply('553 Could not create file.'),
        },
      })
      await vfs.readFile('/f')
      for (const size of [3, 3 * MIB]) {
        const error = await failureOf(
          pipeline(Readable.from(pieces(bytes(size))), vfs.createWriteStream('/f', { flags })),
        )
        t.match(error, { code: 'EACCES', syscall: 'open', path: '/f', cause: { code: 553 } })
        t.notOk('incomplete' in error)
      }
      t.equal(content('/f'), 'old')
      t.notOk(sent().includes('DELE /f'))
    }
  })

  for (const [reply, code] of [
    ['452 Not enough room', 'ENOSPC'],
    ['552 Quota exceeded', 'ENOSPC'],
    ['451 No space left on device', 'ENOSPC'],
    ['451 Failure writing to local file.', 'EIO'],
    ['426 None; transfer aborted: No space left on device', 'ENOSPC'],
  ] as const) {
    await t.test(`the rest, after it has begun to store: ${reply}`, async t => {
      const { vfs, server } = await scriptedVfs(t, {
        on: {
          STOR: async ctx => {
            ctx.reply('150 Go on')
            for await (const _ of await ctx.data);
            ctx.server.files.set(ctx.path, {
              content: Buffer.from('part'),
              modified: new Date(),
              mode: 0o644,
            })
            ctx.reply(reply)
          },
        },
      })
      const error = await failureOf(vfs.writeFile('/f', data))
      t.match(error, { code, syscall: 'open', path: '/f', cause: { code: Number(reply.slice(0, 3)) } })
      t.notOk(server.files.has('/f'))
    })
  }

  await t.test('the data connection at first: the upload is tried again', async t => {
    let refused = false
    const { vfs, content } = await scriptedVfs(t, {
      on: {
        STOR: ctx => {
          if (refused) return ctx.next()
          refused = true
          ctx.reply('425 Cannot open data connection')
        },
      },
    })
    await vfs.writeFile('/f', 'x')
    t.equal(content('/f'), 'x')
  })

  await t.test('more bytes, with a 226', async t => {
    const { vfs, server } = await scriptedVfs(t, {
      on: {
        STOR: async ctx => {
          ctx.reply('150 Go on')
          const socket = await ctx.data
          ctx.server.files.set(ctx.path, { content: Buffer.from('part'), modified: new Date(), mode: 0o644 })
          ctx.reply('226 Done')
          socket.destroy()
        },
      },
    })
    const error = await failureOf(vfs.writeFile('/f', bytes(8 * MIB)))
    t.match(error.code, /ERR_FTP_CONNECTION_LOST|ERR_FTP_UPLOAD_VERIFY/)
    t.notOk(server.files.has('/f'))
  })
})

t.test('a source that fails', async t => {
  const broken = new Error('the source broke')

  async function* failing(length: number): AsyncGenerator<Buffer> {
    yield* pieces(bytes(length))
    await Promise.resolve()
    throw broken
  }

  await t.test('before anything was sent: nothing is sent', async t => {
    const { vfs, server, content } = await scriptedVfs(t, { files: { '/f': 'old' } })
    t.equal(await failureOf(pipeline(failing(300_000), vfs.createWriteStream('/f'))), broken)
    t.equal(await failureOf(vfs.writeFile('/f', failing(300_000))), broken)
    t.equal(content('/f'), 'old')
    t.equal(server.connections, 0)
  })

  await t.test('midway: the incomplete file is removed', async t => {
    const { vfs, server } = await scriptedVfs(t)
    t.equal(await failureOf(pipeline(failing(3 * MIB), vfs.createWriteStream('/f'))), broken)
    t.equal(await failureOf(vfs.writeFile('/g', failing(3 * MIB))), broken)
    t.notOk('incomplete' in broken)
    t.same([...server.files.keys()], ['/'])
  })

  await t.test('midway: the error names a file that cannot be removed', async t => {
    const { vfs } = await scriptedVfs(t, { on: { DELE: ctx => ctx.reply('550 Permission denied') } })
    const other = new Error('another source broke')
    async function* source(): AsyncGenerator<Buffer> {
      yield* pieces(bytes(3 * MIB))
      await Promise.resolve()
      throw other
    }
    const stream = vfs.createWriteStream('/f')
    const closed = new Promise(resolve => stream.once('close', resolve))
    t.equal(await failureOf(pipeline(source, stream)), other)
    await closed
    t.match(other, { incomplete: '/f' })
  })

  await t.test('midway in an append: the error names the incomplete file', async t => {
    const { vfs, server } = await scriptedVfs(t, { files: { '/f': 'old' } })
    const stream = vfs.createWriteStream('/f', { flags: 'a' })
    const closed = new Promise(resolve => stream.once('close', resolve))
    t.equal(await failureOf(pipeline(failing(3 * MIB), stream)), broken)
    await closed
    t.match(broken, { incomplete: '/f' })
    t.ok(server.files.has('/f'))
  })
})

t.test('atomicUploads', async t => {
  const files = { '/f': 'old' }
  const temporary = /^\/\.ftp-vfs-[0-9a-f]{12}-f$/
  const atomic = { atomicUploads: true }

  await t.test('stores under a temporary name and renames', async t => {
    const { vfs, server, sent, content } = await scriptedVfs(t, { files }, atomic)
    let before: string | undefined
    server.on['RNFR'] = ctx => {
      before = content('/f')
      return ctx.next()
    }
    await vfs.writeFile('/f', 'new')
    t.equal(before, 'old', 'the old file is there until then')
    t.equal(content('/f'), 'new')
    t.match(
      sent()
        .find(line => line.startsWith('STOR '))!
        .slice(5),
      temporary,
    )
    t.same(sent().at(-1), 'RNTO /f')
    t.same([...server.files.keys()], ['/', '/f'])
  })

  await t.test('a wrong size leaves the old file, and the temporary one, named by the error', async t => {
    const lies = { files, sizeLies: () => 5 }
    const { vfs, server, content } = await scriptedVfs(t, lies, { ...atomic, shortTimeout: 300 })
    const error = await failureOf(vfs.writeFile('/f', data))
    t.match(error, { code: 'ERR_FTP_UPLOAD_VERIFY', incomplete: temporary })
    t.equal(content('/f'), 'old')
    t.same([...server.files.keys()], ['/', '/f', error['incomplete']])
  })

  for (const [title, script, code] of [
    [
      'a refused rename',
      { on: { RNTO: (ctx: { reply(text: string): void }) => ctx.reply('553 No') } },
      'EEXIST',
    ],
    [
      'a connection that is lost again and again',
      { cut: [1, 2, 3].map(nth => ({ command: 'STOR', after: 100, nth })) },
      'ERR_FTP_CONNECTION_LOST',
    ],
  ] as const) {
    await t.test(`${title} leaves the old file and no other`, async t => {
      const { vfs, server, content } = await scriptedVfs(t, { files, ...script }, atomic)
      const error = await failureOf(vfs.writeFile('/f', data))
      t.match(error, { code })
      t.notOk('incomplete' in error)
      t.equal(content('/f'), 'old')
      t.same([...server.files.keys()], ['/', '/f'])
    })
  }

  await t.test('a source that fails leaves the old file and no other', async t => {
    const { vfs, server, content } = await scriptedVfs(t, { files }, atomic)
    async function* source(): AsyncGenerator<Buffer> {
      yield* pieces(bytes(3 * MIB))
      await Promise.resolve()
      throw new Error('broken')
    }
    t.match(await failureOf(vfs.writeFile('/f', source())), { message: 'broken' })
    t.equal(content('/f'), 'old')
    t.same([...server.files.keys()], ['/', '/f'])
  })

  await t.test('a change in place stores the whole file under a temporary name', async t => {
    const { vfs, sent, content } = await scriptedVfs(t, { files }, atomic)
    await pipeline(Readable.from(['LD']), vfs.createWriteStream('/f', { flags: 'r+', start: 1 }))
    t.equal(content('/f'), 'oLD')
    t.match(
      sent()
        .find(line => line.startsWith('STOR '))!
        .slice(5),
      temporary,
    )
  })

  await t.test('an append goes to the file itself', async t => {
    const { vfs, content, sent } = await scriptedVfs(t, { files }, atomic)
    await vfs.appendFile('/f', ' new')
    t.equal(content('/f'), 'old new')
    t.ok(sent().includes('APPE /f'))
  })
})

t.test('a file that is rebuilt from its own bytes is not removed after a failure', async t => {
  const cut = [1, 2, 3].map(nth => ({ command: 'STOR', after: 2, nth }))

  await t.test('a change in place', async t => {
    const { vfs, server } = await scriptedVfs(t, { files: { '/f': 'old' }, cut })
    const stream = vfs.createWriteStream('/f', { flags: 'r+', start: 1 })
    const error = await failureOf(pipeline(Readable.from(['LD']), stream))
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', incomplete: '/f' })
    t.ok(server.files.has('/f'))
  })

  await t.test('truncate', async t => {
    const { vfs, server } = await scriptedVfs(t, { files: { '/f': 'older' }, cut })
    t.match(await failureOf(vfs.truncate('/f', 3)), { code: 'ERR_FTP_CONNECTION_LOST', incomplete: '/f' })
    t.ok(server.files.has('/f'))
  })
})

t.test('a control connection lost during the upload', async t => {
  const big = bytes(3 * MIB)
  const short = 400
  const stors = ({ sent }: ScriptedVfs) => sent().filter(line => line === 'STOR /f').length
  const store = (ctx: CommandContext, content: Buffer): void =>
    void ctx.server.files.set(ctx.path, { content, modified: new Date(), mode: 0o644 })
  /** Takes all bytes, announces its end after some of them, and then is silent. */
  const takes =
    (news: (ctx: CommandContext) => Promise<void> | void, maxBytes = Infinity): Handler =>
    async ctx => {
      if (ctx.n > 1) return ctx.next()
      const socket = await ctx.data
      ctx.reply('150 Go on')
      const chunks: Buffer[] = []
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        if (chunks.push(chunk) === 1) await news(ctx)
      }
      store(ctx, Buffer.concat(chunks).subarray(0, maxBytes))
    }
  const dropped = (said: string) => (ctx: CommandContext) =>
    new Promise<void>(resolve => {
      ctx.connection.socket.write(said, () => {
        ctx.connection.drop('control')
        resolve()
      })
    })
  const cut = (how: Partial<Cut> = {}): Script => ({
    cut: { command: 'STOR', after: 1000, what: 'control', ...how },
  })
  const losses: Record<string, Script> = {
    'by FIN': cut(),
    'by RST': cut({ reset: true }),
    'by 421': { on: { STOR: takes(dropped('421 Timeout\r\n')) } },
    'by silence': { on: { STOR: takes(() => {}) } },
  }
  const timeouts = (how: string) => ({ readWriteTimeout: how === 'by silence' ? short : 10_000 })
  /** Sent live, or at the end if the HELP of the server does not name APPE. */
  const ways: Record<
    string,
    [script: Script['on'], upload: (on: ScriptedVfs, data: Buffer) => Promise<void>]
  > = {
    'sent while it comes': [
      {},
      ({ vfs }, data) => pipeline(Readable.from(pieces(data)), vfs.createWriteStream('/f')),
    ],
    'sent from the spool': [
      { HELP: ctx => ctx.reply('502 No help') },
      ({ vfs }, data) => pipeline(Readable.from(pieces(data)), vfs.createWriteStream('/f')),
    ],
  }

  for (const [way, [on, upload]] of Object.entries(ways)) {
    for (const [how, script] of Object.entries(losses)) {
      await t.test(`${how}, after all bytes have arrived: they are sent once (${way})`, async t => {
        const given = await scriptedVfs(t, { ...script, on: { ...on, ...script.on } }, timeouts(how))
        await upload(given, big)
        t.equal(stors(given), 1)
        t.ok(given.content('/f') === big.toString('latin1'))
        t.ok(given.sent().includes('SIZE /f'))
        t.equal((await given.vfs.stat('/f')).size, big.length)
      })
    }

    await t.test(`while the server still stores: the upload waits for it (${way})`, async t => {
      const STOR: Handler = async ctx => {
        if (ctx.n > 1) return ctx.next()
        const socket = await ctx.data
        ctx.reply('150 Go on')
        let chunks = 0
        let stored = Buffer.alloc(0)
        for await (const chunk of socket as AsyncIterable<Buffer>) {
          if (++chunks === 1) await dropped('')(ctx)
          stored = Buffer.concat([stored, chunk])
          store(ctx, stored)
          // The last bytes are in transit for a while.
          if (stored.length > 2 * MIB) await new Promise(resolve => setTimeout(resolve, 10))
        }
      }
      const given = await scriptedVfs(t, { on: { ...on, STOR } })
      await upload(given, big)
      t.equal(stors(given), 1)
      t.ok(given.content('/f') === big.toString('latin1'))
    })
  }

  await t.test('before all bytes have arrived: an error if they cannot be sent again', async t => {
    const on = await scriptedVfs(t, { on: { STOR: takes(dropped(''), 2 * MIB) } })
    const [, upload] = ways['sent while it comes']!
    const error = await failureOf(upload(on, big))
    t.match(error, {
      code: 'ERR_FTP_CONNECTION_LOST',
      message: /the file has 2097152 bytes, 3145728 were expected/,
    })
    t.equal(stors(on), 1)
    t.notOk(on.server.files.has('/f'))
  })

  await t.test('before all bytes have arrived: they are sent again if possible', async t => {
    const [script, upload] = ways['sent from the spool']!
    const on = await scriptedVfs(t, { on: { ...script, STOR: takes(dropped(''), 2 * MIB) } })
    await upload(on, big)
    t.equal(stors(on), 2)
    t.ok(on.content('/f') === big.toString('latin1'))
  })

  await t.test(
    'a short file is sent again: its size does not tell it from the one that it replaces',
    async t => {
      for (const script of Object.values({ ...losses, 'by silence': cut() })) {
        const on = await scriptedVfs(t, { ...script, files: { '/f': bytes(data.length, 2) } })
        await on.vfs.writeFile('/f', data)
        t.equal(stors(on), 2)
        t.ok(on.content('/f') === text)
      }
    },
  )

  await t.test('destroy ends it at once', async t => {
    for (const length of [300_000, 64 * MIB]) {
      const ended: Promise<unknown>[] = []
      const on = await scriptedVfs(t, {
        on: {
          async STOR(ctx) {
            const socket = await ctx.data
            ctx.reply('150 Go on')
            ended.push(new Promise(resolve => socket.once('close', resolve)))
            // Takes a few bytes, and then no more.
            await new Promise(resolve => socket.once('data', resolve))
            socket.pause()
            ctx.connection.drop('control')
          },
        },
      })
      const writing = failureOf(on.vfs.writeFile('/f', Buffer.alloc(length)))
      while (on.server.openControl > 0 || ended.length === 0) await new Promise(setImmediate)
      on.vfs.destroy()
      t.match(await writing, { code: 'ERR_FTP_CLOSED' })
      t.equal(stors(on), 1)
    }
  })
})

t.test('over TLS', async t => {
  const { cert, key } = await selfSigned()
  const own = await selfSigned()
  const trusting = { encryptionMode: 'Explicit', acceptSpecifiedSslHash: hashesOf(cert).sha256 } as const
  const onTls = (t: Test, tls: Partial<ScriptTls> = {}, script: Script = {}): Promise<ScriptedVfs> =>
    scriptedVfs(t, { tls: { cert, key, ...tls }, ...script }, trusting)

  await t.test('short and long files, and one with a lost connection', async t => {
    const big = bytes(3 * MIB)
    for (const greeting of ['220 somebody', greetings.vsftpd]) {
      const on = await onTls(
        t,
        { sessionReuse: 'required' },
        { greeting, cut: { command: 'STOR', nth: 3, after: 9 } },
      )
      await on.vfs.writeFile('/short', data)
      await pipeline(Readable.from(pieces(big)), on.vfs.createWriteStream('/long'))
      await on.vfs.writeFile('/lost', data)
      await on.vfs.appendFile('/short', 'more')
      t.ok(on.content('/short') === `${text}more`)
      t.ok(on.content('/long') === big.toString('latin1'))
      t.ok(on.content('/lost') === text)
      t.ok(on.server.commands.every(({ secure, line }) => secure || line === 'AUTH TLS'))
    }
  })

  const refuse: Handler = async ctx => {
    ctx.reply('150 Go on')
    const socket = await ctx.secureData
    socket.end()
    ctx.reply('522 TLS session not reused')
  }

  await t.test('a session whose TLS is refused once is replaced', async t => {
    const on = await onTls(t, {}, { on: { STOR: ctx => (ctx.n === 1 ? refuse(ctx) : ctx.next()) } })
    await on.vfs.writeFile('/f', data)
    t.ok(on.content('/f') === text)
    t.equal(on.server.connections, 2)
  })

  await t.test('a server that always refuses TLS is an error', async t => {
    const on = await onTls(t, {}, { on: { STOR: refuse } })
    t.match(await failureOf(on.vfs.writeFile('/f', data)), { code: 'ERR_FTP_TLS', cause: { code: 522 } })
    t.equal(on.sent().filter(line => line === 'STOR /f').length, 3)
  })

  for (const greeting of ['220 somebody', greetings.vsftpd]) {
    await t.test(`another certificate on the data connection: no byte is sent (${greeting})`, async t => {
      const on = await onTls(t, { dataCert: own.cert, dataKey: own.key }, { greeting })
      for (const file of [data, bytes(3 * MIB)]) {
        const error = await failureOf(pipeline(Readable.from(pieces(file)), on.vfs.createWriteStream('/f')))
        t.match(error, { code: 'ERR_FTP_CERTIFICATE' })
        t.equal(String(error['fingerprint256']).replaceAll(':', ''), hashesOf(own.cert).sha256)
      }
      t.equal(on.sent().filter(line => line === 'STOR /f').length, 2, 'it is not tried again')
      t.notOk(on.content('/f'))
    })
  }
})

t.test('a file with a path of 603 bytes is stored once, and the next file takes one flight', async t => {
  const folder = `/${'d'.repeat(200)}/${'d'.repeat(200)}`
  const long = `${folder}/${'f'.repeat(200)}`
  for (const greeting of Object.values(greetings)) {
    const on = await scriptedVfs(t, { greeting, files: { [folder]: null } })
    const { vfs, server, sent, content } = on
    await vfs.writeFile('/short', text)
    await vfs.writeFile(long, data)
    const before = server.flights.length
    await vfs.writeFile('/other', text)
    t.same(
      server.flights.slice(before).map(flight => flight.map(line => line.split(' ')[0])),
      [['SIZE', 'MDTM', 'STOR', 'SIZE', 'MDTM', 'EPSV']],
    )
    t.equal(sent().filter(line => line === `STOR ${long}`).length, 1)
    t.ok(content(long) === text)
  }
})
