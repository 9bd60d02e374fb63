import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import type { FtpVfsOptions } from '../../../lib/index.js'
import { EPOCH, type Entry, type Handler, type Script } from '../../support/script.js'
import type { CommandContext } from '../../support/scripted-command.js'
import { bytes, failureOf, greetings, MIB, pieces, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

type Answers = Record<string, Handler>

const count = ({ sent }: ScriptedVfs, verb: string): number =>
  sent().filter(line => line.split(' ')[0] === verb).length

const entry = (content: Buffer, modified = new Date()): Entry => ({ content, modified, mode: 0o644 })

/** The reply to each command after a file was stored. */
function behindStor(verbs: readonly string[], answer: Handler): Answers {
  let stored = false
  const STOR: Handler = async ctx => {
    await ctx.next()
    stored = true
  }
  const asked = verbs.map(verb => [verb, (ctx: CommandContext) => (stored ? answer(ctx) : ctx.next())])
  return { STOR, ...(Object.fromEntries(asked) as Answers) }
}

const questions = ['SIZE', 'MDTM', 'MLST', 'MLSD', 'LIST', 'STAT', 'NLST', 'CWD']

t.test('a file that got a 226 stays, whatever happens to the questions about it', async t => {
  const refusal =
    (reply: string): Handler =>
    ctx =>
      ctx.reply(reply)
  const unknown = { code: 'ERR_FTP_UPLOAD_VERIFY', actual: undefined, incomplete: '/f' }
  const cases: [title: string, on: Answers, options?: FtpVfsOptions][] = [
    ['the questions are refused', behindStor(questions, refusal('550 Permission denied'))],
    ['the questions are not implemented', behindStor(questions, refusal('502 Not implemented'))],
    ['the replies are nonsense', behindStor(questions, refusal('213 yes'))],
    ['the session is lost each time', behindStor(questions, ctx => ctx.connection.drop('both'))],
    [
      'no session comes free in time',
      { HELP: () => new Promise(() => {}), SITE: () => new Promise(() => {}) },
      { uploadDelay: 200, queueTimeout: 100 },
    ],
  ]
  for (const [title, on, options] of cases) {
    await t.test(title, async t => {
      const script = { files: { '/f': 'old' }, on }
      const stage = await scriptedVfs(t, script, { shortTimeout: 1000, ...options })
      const { vfs, content } = stage
      const writing = failureOf(vfs.writeFile('/f', 'new content'))
      if (options) {
        while (content('/f') === 'old') await new Promise(resolve => setTimeout(resolve, 2))
        // It holds the only session until it gives up.
        void vfs.chmod('/other', 0o600).catch(() => {})
      }
      const error = await writing
      t.match(error, unknown)
      t.match(error.message, /is stored but could not be checked/)
      t.match(error.message, /verifyUploads: false/)
      t.equal(content('/f'), 'new content')
      t.equal(count(stage, 'DELE'), 0)
    })
  }

  await t.test('SIZE of an empty file is nonsense, and the listing decides', async t => {
    const on = { SIZE: (ctx: CommandContext) => ctx.reply('213 ') }
    const { vfs, content } = await scriptedVfs(t, { on, mlst: false })
    await vfs.writeFile('/f', '')
    t.equal(content('/f'), '')
  })

  for (const [title, end] of [
    ['the upload is aborted after it', (_: ScriptedVfs, abort: AbortController) => abort.abort()],
    ['the FtpVfs is destroyed after it', ({ vfs }: ScriptedVfs) => vfs.destroy()],
  ] as const) {
    await t.test(title, async t => {
      for (const stream of [false, true]) {
        const stage = await scriptedVfs(t, { files: { '/f': 'old' } }, { uploadDelay: 600_000 })
        const { vfs, content } = stage
        const abort = new AbortController()
        const options = { signal: abort.signal }
        const writing = failureOf(
          stream
            ? pipeline(Readable.from(['new content']), vfs.createWriteStream('/f'), options)
            : vfs.writeFile('/f', 'new content', options),
        )
        const stored = (): boolean => content('/f') === 'new content' && vfs.stats().busy === 0
        while (!stored()) await new Promise(resolve => setTimeout(resolve, 2))
        end(stage, abort)
        t.match((await writing).code, /^(ABORT_ERR|ERR_FTP_CLOSED)$/)
        t.equal(content('/f'), 'new content')
        t.equal(count(stage, 'DELE'), 0)
      }
    })
  }

  await t.test('only a temporary file is removed when its upload is aborted afterwards', async t => {
    const options = { uploadDelay: 600_000, atomicUploads: true }
    const { vfs, server, content } = await scriptedVfs(t, { files: { '/f': 'old' } }, options)
    const abort = new AbortController()
    const writing = failureOf(vfs.writeFile('/f', 'new content', { signal: abort.signal }))
    while (server.files.size < 3 || vfs.stats().busy > 0) await new Promise(resolve => setTimeout(resolve, 2))
    abort.abort()
    t.match(await writing, { code: 'ABORT_ERR' })
    t.same([...server.files.keys()], ['/', '/f'])
    t.equal(content('/f'), 'old')
  })
})

t.test('an incomplete file is removed only if it differs from the file before', async t => {
  const failing = async function* (): AsyncGenerator<Buffer> {
    yield* pieces(bytes(3 * MIB))
    await Promise.resolve()
    throw new Error('the source broke')
  }

  await t.test('a server that shows only whole files still has the old one', async t => {
    const STOR: Handler = async ctx => {
      ctx.reply('150 Go on')
      for await (const _ of await ctx.data);
      ctx.reply('226 Done')
    }
    for (const modified of [EPOCH, new Date()]) {
      const stage = await scriptedVfs(t, { on: { STOR } })
      stage.server.files.set('/f', entry(Buffer.from('old'), modified))
      t.match(await failureOf(stage.vfs.writeFile('/f', failing())), { message: 'the source broke' })
      t.equal(stage.content('/f'), 'old')
      t.equal(count(stage, 'DELE'), 0)
    }
  })

  await t.test('if the state before is unknown, it stays, and the error names it', async t => {
    const on = {
      SIZE: (ctx: CommandContext) => ctx.reply('550 Permission denied'),
      MLST: (ctx: CommandContext) => ctx.reply('550 Permission denied'),
    }
    const stage = await scriptedVfs(t, { on })
    const error = await failureOf(stage.vfs.writeFile('/f', failing()))
    t.match(error, { message: 'the source broke', incomplete: '/f' })
    t.equal(count(stage, 'DELE'), 0)
  })
})

t.test('a late size is asked for again', async t => {
  for (const [title, first] of [
    ['smaller at first', '213 1'],
    ['missing at first', '550 No such file'],
  ] as const) {
    await t.test(title, async t => {
      let asked = 0
      const late: Handler = ctx => (++asked <= 4 ? ctx.reply(first) : ctx.next())
      const stage = await scriptedVfs(t, { on: { ...behindStor(['SIZE'], late) }, mlst: false })
      await stage.vfs.writeFile('/f', 'content')
      t.ok(asked > 4)
      t.equal(count(stage, 'STOR'), 1)
    })
  }

  await t.test('a size that is too large is not', async t => {
    let asked = 0
    const more: Handler = ctx => {
      asked += 1
      return ctx.reply('213 1000')
    }
    const stage = await scriptedVfs(t, { on: behindStor(['SIZE'], more) })
    const error = await failureOf(stage.vfs.writeFile('/f', 'content'))
    t.match(error, { code: 'ERR_FTP_UPLOAD_VERIFY', expected: 7, actual: 1000, incomplete: '/f' })
    t.equal(count(stage, 'STOR'), 2, 'it is sent twice')
    t.equal(asked, 3, 'behind each, and before the second')
  })
})

t.test('bytes that can be read again are sent again', async t => {
  const data = bytes(3 * MIB)
  const ways: Record<string, (on: ScriptedVfs) => Promise<void>> = {
    'a Buffer': ({ vfs }) => vfs.writeFile('/f', data),
    'a file of the server': ({ vfs }) => vfs.copyFile('/src', '/f'),
    'an open file': async ({ vfs }) => {
      await using file = await vfs.open('/f', 'w')
      await file.writeFile(data)
    },
  }
  const takes = async (ctx: CommandContext, max: number): Promise<void> => {
    ctx.reply('150 Go on')
    const chunks: Buffer[] = []
    for await (const chunk of (await ctx.data) as AsyncIterable<Buffer>) chunks.push(chunk)
    ctx.server.files.set(ctx.path, entry(Buffer.concat(chunks).subarray(0, max)))
  }
  const faults: Record<string, Script> = {
    'behind a wrong size': {
      on: { STOR: async ctx => (ctx.n > 1 ? ctx.next() : (await takes(ctx, MIB), ctx.reply('226 Done'))) },
    },
    'behind a 451': {
      on: { STOR: async ctx => (ctx.n > 1 ? ctx.next() : (await takes(ctx, MIB), ctx.reply('451 Oh'))) },
    },
    'behind a loss in its middle': { cut: { command: 'STOR', after: 2 * MIB, reset: true } },
    'behind a loss of its data connection': { cut: { command: 'STOR', after: 2 * MIB, what: 'data' } },
    'when no more is taken': {
      on: {
        STOR: async ctx => {
          if (ctx.n > 1) return ctx.next()
          const socket = await ctx.data
          ctx.reply('150 Go on')
          socket.pause()
          await new Promise(resolve => socket.once('close', resolve))
          ctx.reply('426 Too slow')
        },
      },
    },
  }
  for (const [fault, script] of Object.entries(faults)) {
    for (const [way, store] of Object.entries(ways)) {
      await t.test(`${way}, ${fault}`, async t => {
        const files = { '/src': data, '/f': bytes(data.length, 2) }
        const options = { shortTimeout: 400, readWriteTimeout: 400 }
        const stage = await scriptedVfs(t, { files, ...script }, options)
        await store(stage)
        t.ok(stage.content('/f') === data.toString('latin1'))
        t.equal(count(stage, 'STOR'), 2)
      })
    }
  }

  await t.test('a copy is an error if its source has changed meanwhile', async t => {
    const stage = await scriptedVfs(t, { files: { '/src': data } }, { connections: 2 })
    stage.server.on['STOR'] = async ctx => {
      if (ctx.n > 1) return ctx.next()
      const socket = await ctx.data
      ctx.reply('150 Go on')
      // More than is collected: the sent bytes are no longer here.
      let received = 0
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        if ((received += chunk.length) > 1.5 * MIB) break
      }
      stage.server.files.set('/src', entry(bytes(data.length, 3)))
      ctx.connection.drop('both')
    }
    const error = await failureOf(stage.vfs.copyFile('/src', '/f'))
    t.match(error, { code: 'ERR_FTP_FILE_CHANGED' })
    t.notOk(stage.server.files.has('/f'))
  })

  await t.test('a Buffer needs no temporary file', async t => {
    const { vfs, content } = await scriptedVfs(t, {}, { spoolDirectory: '/dev/null/none' })
    const files = ['/a', '/b', '/c', '/d']
    await Promise.all(files.map(path => vfs.writeFile(path, data)))
    for (const path of files) t.ok(content(path) === data.toString('latin1'))
  })
})

t.test('size and time as before', async t => {
  const data = bytes(2 * MIB)
  const old = bytes(2 * MIB, 2)
  /** Stores with the time of the old file, or under another name that it does not report. */
  const stores =
    (path: string): Handler =>
    async ctx => {
      ctx.reply('150 Go on')
      const chunks: Buffer[] = []
      for await (const chunk of (await ctx.data) as AsyncIterable<Buffer>) chunks.push(chunk)
      ctx.server.files.set(path, entry(Buffer.concat(chunks), EPOCH))
      ctx.reply('226 Done')
    }
  const ways: Record<string, (on: ScriptedVfs) => Promise<unknown>> = {
    'a Buffer': ({ vfs }) => vfs.writeFile('/f', data),
    'a stream': ({ vfs }) => pipeline(Readable.from(pieces(data)), vfs.createWriteStream('/f')),
  }
  const hash: Handler = ctx => {
    const { content } = ctx.server.files.get(ctx.path)!
    const digest = createHash('sha256')
      .update(content as Buffer)
      .digest('hex')
    ctx.reply(`250 ${digest.toUpperCase()}`)
  }
  const features = ['SIZE', 'MDTM', 'XSHA256']

  for (const [way, store] of Object.entries(ways)) {
    for (const [how, script, verb] of [
      ['the bytes are read back', {}, 'RETR'],
      ['the server reports a hash', { features, on: { XSHA256: hash } }, 'XSHA256'],
    ] as const) {
      const on = (t: Test, path: string): Promise<ScriptedVfs> =>
        scriptedVfs(t, { files: { '/f': old }, ...script, on: { ...script.on, STOR: stores(path) } })

      await t.test(`${way}: ${how}, and they are the new ones`, async t => {
        const stage = await on(t, '/f')
        await store(stage)
        t.ok(stage.content('/f') === data.toString('latin1'))
        t.same([count(stage, 'STOR'), count(stage, verb)], [1, 1])
      })

      await t.test(`${way}: ${how}, and they are the old ones`, async t => {
        const stage = await on(t, '/f.1')
        const error = await failureOf(store(stage))
        t.match(error, { code: 'ERR_FTP_UPLOAD_VERIFY', expected: data.length, actual: data.length })
        t.match(error.message, /another name/)
        t.ok(stage.content('/f') === old.toString('latin1'))
        t.same([count(stage, 'STOR'), count(stage, 'DELE')], [1, 0], 'no third file is made')
      })
    }
  }
})

t.test('a new file is not read back if SIZE had refused the missing one in unusual words', async t => {
  const SIZE: Handler = ctx => (ctx.server.files.has(ctx.path) ? ctx.next() : ctx.reply('550 Nichts da'))
  const stage = await scriptedVfs(t, { on: { SIZE } })
  await stage.vfs.writeFile('/f', 'content')
  t.equal(stage.content('/f'), 'content')
  t.same([count(stage, 'STOR'), count(stage, 'RETR')], [1, 0])
})

t.test('a change in place is read back', async t => {
  const files = { '/f': bytes(20_000) }
  const change = bytes(10_000, 2)
  const cut: Handler = async ctx => {
    const at = ctx.connection.restart
    ctx.connection.restart = 0
    ctx.reply('150 Go on')
    const chunks: Buffer[] = []
    for await (const chunk of (await ctx.data) as AsyncIterable<Buffer>) chunks.push(chunk)
    const content = Buffer.from(ctx.server.files.get('/f')!.content as Buffer)
    Buffer.concat(chunks).subarray(0, 5000).copy(content, at)
    ctx.server.files.set('/f', entry(content))
    ctx.reply('226 Done')
  }
  const ways: Record<string, (on: ScriptedVfs) => Promise<void>> = {
    'an open file': async ({ vfs }) => {
      await using file = await vfs.open('/f', 'r+')
      await file.write(change, 0, change.length, 1000)
      await file.sync()
    },
    'a stream': ({ vfs }) =>
      pipeline(Readable.from([change]), vfs.createWriteStream('/f', { flags: 'r+', start: 1000 })),
  }
  for (const [way, store] of Object.entries(ways)) {
    await t.test(`${way}: a missing part is sent again`, async t => {
      const STOR: Handler = ctx => (ctx.n === 1 ? cut(ctx) : ctx.next())
      const { vfs, server } = await scriptedVfs(t, { greeting: greetings.vsftpd, files, on: { STOR } })
      await store({ vfs } as ScriptedVfs)
      t.ok(change.equals((server.files.get('/f')!.content as Buffer).subarray(1000, 11_000)))
    })

    await t.test(`${way}: a part that is missing again is an error`, async t => {
      const stage = await scriptedVfs(t, { greeting: greetings.vsftpd, files, on: { STOR: cut } })
      const error = await failureOf(store(stage))
      const verify = (error['suppressed'] ?? error) as typeof error
      t.match(verify, { code: 'ERR_FTP_UPLOAD_VERIFY', incomplete: '/f', message: /read back/ })
    })
  }

  await t.test('if STOR behind REST is refused, the whole file is stored', async t => {
    const refuse: Handler = ctx => {
      if (ctx.connection.restart === 0) return ctx.next()
      // As in ProFTPD 1.3.8: the position is consumed.
      ctx.connection.restart = 0
      ctx.reply('501 No REST')
    }
    const on = { STOR: refuse }
    const stage = await scriptedVfs(t, { greeting: greetings.proftpd, files, on })
    for (const store of Object.values(ways)) {
      await store(stage)
      const content = stage.server.files.get('/f')!.content as Buffer
      t.ok(change.equals(content.subarray(1000, 11_000)))
      t.equal(content.length, 20_000)
    }
    t.equal(stage.sent().filter(line => line === 'REST 1000').length, 1, 'it is not tried again at once')
  })
})

t.test('a server that refuses dot files gets temporary names without dots', async t => {
  const STOR: Handler = ctx => (ctx.path.startsWith('/.') ? ctx.reply('553 Prohibited') : ctx.next())
  const stage = await scriptedVfs(t, { files: { '/f': 'old' }, on: { STOR } }, { atomicUploads: true })
  await stage.vfs.writeFile('/f', 'new')
  await stage.vfs.writeFile('/g', 'new')
  const big = bytes(3 * MIB)
  await pipeline(Readable.from(pieces(big)), stage.vfs.createWriteStream('/h'))
  t.same([...stage.server.files.keys()].sort(), ['/', '/f', '/g', '/h'])
  t.equal(stage.content('/f'), 'new')
  const names = stage.sent().filter(line => line.startsWith('STOR '))
  t.match(names, [/^STOR \/\.ftp-vfs-/, /^STOR \/ftp-vfs-/, /^STOR \/ftp-vfs-/, /^STOR \/ftp-vfs-/])
  t.equal(names.length, 4, 'it is learnt once')
})

t.test('a server that waits for the bytes without a 1xx gets them with the second attempt', async t => {
  const STOR: Handler = async ctx => {
    const socket = await ctx.data
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    ctx.server.files.set(ctx.path, { content: Buffer.concat(chunks), modified: new Date(), mode: 0o644 })
    ctx.reply('226 Stored')
  }
  const { vfs, content, sent } = await scriptedVfs(t, { on: { STOR } }, { shortTimeout: 300 })
  await vfs.writeFile('/f', 'content')
  t.equal(content('/f'), 'content')
  await vfs.writeFile('/g', 'more')
  t.equal(content('/g'), 'more')
  t.same(
    sent().filter(line => line.startsWith('STOR')),
    ['STOR /f', 'STOR /f', 'STOR /g'],
  )
})
