import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { FtpVfsOptions } from '../../../lib/index.js'
import type { Handler, Script } from '../../support/script.js'
import type { CommandContext } from '../../support/scripted-command.js'
import type { Connection } from '../../support/scripted-connection.js'
import { until } from '../../support/until.js'
import { bytes, failureOf, greetings, MIB, pieces, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

const count = ({ sent }: ScriptedVfs, verb: string): number =>
  sent().filter(line => line.split(' ')[0] === verb).length

const says =
  (reply: string): Handler =>
  ctx =>
    ctx.reply(reply)

const drops: Handler = ctx => ctx.connection.drop('both')

/** Puts a file on the server, as if it had just been stored. */
const lay = ({ server }: Pick<ScriptedVfs, 'server'>, path: string, ...parts: Buffer[]): void =>
  void server.files.set(path, { content: Buffer.concat(parts), modified: new Date(), mode: 0o644 })

/** Takes the bytes of an upload, and reads no further than necessary after `enough` bytes. */
async function taken(ctx: CommandContext, enough = Infinity): Promise<Buffer> {
  ctx.reply('150 Go on')
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of (await ctx.data) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    if ((length += chunk.length) > enough) break
  }
  return Buffer.concat(chunks)
}

const write = (stream: NodeJS.WritableStream, piece: Buffer): Promise<void> =>
  new Promise((resolve, reject) => stream.write(piece, error => (error ? reject(error) : resolve())))

const end = (stream: NodeJS.WritableStream): Promise<void> =>
  new Promise((resolve, reject) => stream.on('error', reject).end(resolve))

t.test('appended bytes are stored once when the session is lost', async t => {
  const old = Buffer.from('old')

  /** Appends the received bytes once they are more than `enough`, then loses the session. */
  const losesFirst: Handler = async ctx => {
    if (ctx.n > 1) return ctx.next()
    const before = ctx.server.files.get(ctx.path)!.content as Buffer
    lay(ctx, ctx.path, before, await taken(ctx, 300_000))
    ctx.connection.drop('both', true)
  }

  for (const greeting of [greetings.vsftpd, '220 somebody']) {
    await t.test(`while a stream sends its collected bytes: ${greeting}`, async t => {
      const data = bytes(12 * MIB)
      const script = { greeting, files: { '/f': old }, on: { APPE: losesFirst } }
      const stage = await scriptedVfs(t, script, { replayBuffer: 11 * MIB })
      const stream = stage.vfs.createWriteStream('/f', { flags: 'a' })
      for (const piece of pieces(data)) await write(stream, piece)
      await end(stream)
      t.ok(stage.content('/f') === `old${data.toString('latin1')}`)
      t.equal(count(stage, 'APPE'), 2)
    })
  }

  await t.test('while a stream resumes after it has yielded to others', async t => {
    const data = bytes(24 * MIB)
    const script = { files: { '/x': 'x' }, on: { APPE: losesFirst } }
    const stage = await scriptedVfs(t, script, { replayBuffer: 11 * MIB })
    const stream = stage.vfs.createWriteStream('/f')
    for (const piece of pieces(data.subarray(0, 11.25 * MIB))) await write(stream, piece)
    await stage.vfs.stat('/x')
    for (const piece of pieces(data.subarray(11.25 * MIB))) await write(stream, piece)
    await end(stream)
    t.ok(stage.content('/f') === data.toString('latin1'))
    t.same([count(stage, 'STOR'), count(stage, 'APPE')], [1, 2])
  })

  /**
   * Its first APPE is lost with `early` of its bytes; `late` of them are there once SIZE has been
   * asked again.
   */
  const landing = (data: Buffer, early: number, late: number): Script => {
    let land: (() => void) | undefined
    const APPE: Handler = async ctx => {
      if (ctx.n > 1) return ctx.next()
      await taken(ctx)
      lay(ctx, '/f', old, data.subarray(0, early))
      land = () => lay(ctx, '/f', old, data.subarray(0, late))
      ctx.connection.drop('both')
    }
    const SIZE: Handler = async ctx => {
      await ctx.next()
      land?.()
      land = undefined
    }
    return { greeting: greetings.vsftpd, files: { '/f': old }, on: { APPE, SIZE } }
  }
  const data = bytes(1000)

  await t.test('nothing is appended', async t => {
    const APPE: Handler = ctx => (ctx.n > 1 ? ctx.next() : ctx.connection.drop('both'))
    const stage = await scriptedVfs(t, { greeting: greetings.vsftpd, files: { '/f': old }, on: { APPE } })
    await stage.vfs.appendFile('/f', '')
    t.equal(stage.content('/f'), 'old')
    t.equal(count(stage, 'APPE'), 2)
  })

  await t.test('all bytes arrive only after SIZE', async t => {
    const stage = await scriptedVfs(t, landing(data, 0, data.length))
    const error = await failureOf(stage.vfs.appendFile('/f', data))
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST' })
    t.equal(stage.content('/f'), `old${data.toString('latin1')}`)
    t.equal(count(stage, 'APPE'), 1)
  })

  await t.test('more bytes arrive after SIZE', async t => {
    const stage = await scriptedVfs(t, landing(data, 300, 800))
    await stage.vfs.appendFile('/f', data)
    t.equal(stage.content('/f'), `old${data.toString('latin1')}`)
  })

  for (const verifyUploads of [true, false]) {
    await t.test(`without a reported size nothing is sent again: verifyUploads ${verifyUploads}`, async t => {
      const script: Script = {
        greeting: greetings.vsftpd,
        files: { '/f': old },
        mlst: false,
        cut: { command: 'APPE', after: 500 },
        on: { SIZE: says('550 Permission denied') },
      }
      const stage = await scriptedVfs(t, script, { verifyUploads })
      await stage.vfs.connect()
      const error = await failureOf(stage.vfs.appendFile('/f', data))
      t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', incomplete: '/f' })
      t.equal(count(stage, 'APPE'), 1)
      t.equal(stage.content('/f'), `old${data.toString('latin1', 0, 500)}`)
    })
  }
})

t.test('a file without proof of a change is neither removed nor accepted as the new one', async t => {
  /** Takes all bytes, and stores none of them under the name. */
  const elsewhere: Handler = async ctx => {
    await taken(ctx)
    ctx.reply('226 Done')
  }
  const losesAll: Handler = async ctx => {
    await taken(ctx)
    ctx.connection.drop('both')
  }
  const failing = async function* (): AsyncGenerator<Buffer> {
    yield* pieces(bytes(3 * MIB))
    await Promise.resolve()
    throw new Error('the source broke')
  }

  for (const words of ['SIZE is disabled', 'Zugriff verweigert', 'Could not get file size.']) {
    await t.test(`the source fails, and SIZE replies: ${words}`, async t => {
      const on = { SIZE: says(`550 ${words}`), MDTM: says('502 MDTM?'), STOR: elsewhere }
      const stage = await scriptedVfs(t, { mlst: false, files: { '/f': 'old' }, on })
      t.match(await failureOf(stage.vfs.writeFile('/f', failing())), { message: 'the source broke' })
      t.equal(stage.content('/f'), 'old')
      t.equal(count(stage, 'DELE'), 0)
    })
  }

  for (const mlst of [true, false]) {
    await t.test(`the session is lost, SIZE is disabled, and MLST is ${mlst ? '' : 'not '}known`, async t => {
      const on = { SIZE: says('550 SIZE is disabled'), MDTM: says('502 MDTM?'), STOR: losesAll }
      const stage = await scriptedVfs(t, { mlst, files: { '/f': 'old!' }, on })
      t.match(await failureOf(stage.vfs.writeFile('/f', 'new!')), { code: 'ERR_FTP_CONNECTION_LOST' })
      t.equal(stage.content('/f'), 'old!')
    })
  }

  for (const [title, on] of [
    ['SIZE is disabled', { SIZE: says('550 SIZE is disabled'), MDTM: says('502 MDTM?') }],
    [
      'SIZE and MDTM are denied',
      { SIZE: says('550 Permission denied'), MDTM: says('550 Permission denied') },
    ],
  ] as const) {
    await t.test(`the file is stored under another name, of the same size, and ${title}`, async t => {
      const stage = await scriptedVfs(t, { files: { '/f': 'old!' }, on: { ...on, STOR: elsewhere } })
      t.match(await failureOf(stage.vfs.writeFile('/f', 'new!')), { code: 'ERR_FTP_UPLOAD_VERIFY' })
      t.equal(stage.content('/f'), 'old!')
    })
  }

  await t.test('Pure-FTPd stores it under another name, of the same size, with a long path', async t => {
    const path = `/d${'/abcdefghijklmnopqrstuvwxyz'.repeat(10)}/f`
    const STOR: Handler = async ctx => {
      if (!ctx.server.files.has(ctx.path)) return ctx.next()
      lay(ctx, `${ctx.path}.1`, await taken(ctx))
      ctx.reply('226 Done')
    }
    const script = { greeting: greetings.pureFtpd, files: { [path]: 'old!' }, on: { STOR } }
    const stage = await scriptedVfs(t, script)
    await stage.vfs.writeFile('/w', 'x')
    t.match(await failureOf(stage.vfs.writeFile(path, 'new!')), { code: 'ERR_FTP_UPLOAD_VERIFY' })
    t.equal(stage.content(path), 'old!')
  })
})

t.test('a file that got a 226 stays when the next attempt fails', async t => {
  /** Stores two files, and loses the session after the second 226. `next` handles what follows. */
  const storesTwo = (next: Handler): Handler => {
    return async ctx => {
      if (ctx.n > 2) return next(ctx)
      await ctx.next()
      if (ctx.n === 1) return
      await ctx.connection.flush()
      ctx.connection.drop('both')
    }
  }

  await t.test('it is lost', async t => {
    const script = { greeting: greetings.vsftpd, on: { STOR: storesTwo(drops) } }
    const stage = await scriptedVfs(t, script)
    await stage.vfs.writeFile('/w', 'x')
    const error = await failureOf(stage.vfs.writeFile('/f', 'new content'))
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', incomplete: '/f' })
    t.equal(stage.content('/f'), 'new content')
    t.equal(count(stage, 'DELE'), 0)
  })

  await t.test('the folder is refused', async t => {
    const script = { greeting: greetings.vsftpd, files: { '/d/x': 'x' }, on: { STOR: storesTwo(drops) } }
    const stage = await scriptedVfs(t, script, { useCwdNames: true })
    await stage.vfs.writeFile('/d/w', 'x')
    let refusals = 0
    stage.server.on['CWD'] = ctx => {
      if (count(stage, 'STOR') < 2 || refusals > 0) return ctx.next()
      refusals += 1
      return ctx.reply('550 Busy')
    }
    const error = await failureOf(stage.vfs.writeFile('/d/f', 'new content'))
    t.match(error, { incomplete: '/d/f' })
    t.equal(refusals, 1)
    t.equal(stage.content('/d/f'), 'new content')
    t.equal(count(stage, 'DELE'), 0)
  })
})

t.test('the error of a refused attempt names the file that a lost one has left', async t => {
  await t.test('without a reply to the lost attempt', async t => {
    let silent = false
    const unlessSilent: Handler = ctx => (silent ? undefined : ctx.next())
    const STOR: Handler = ctx => {
      if (ctx.n === 1) return ctx.next()
      if (ctx.n > 2) return ctx.reply('550 Permission denied')
      lay(ctx, '/f', Buffer.alloc(0))
      silent = false
      ctx.connection.drop('both')
    }
    const on = { STOR, SIZE: unlessSilent, MDTM: unlessSilent }
    const stage = await scriptedVfs(t, { greeting: greetings.vsftpd, files: { '/f': 'old content' }, on })
    await stage.vfs.writeFile('/w', 'x')
    silent = true
    t.match(await failureOf(stage.vfs.writeFile('/f', 'new')), { code: 'EACCES', incomplete: '/f' })
    t.equal(stage.content('/f'), '')
  })

  await t.test('the transfer of a copy had begun, and the copy cannot be removed', async t => {
    const STOR: Handler = async ctx => {
      if (ctx.n > 1) return ctx.reply('553 No more')
      lay(ctx, '/f', await taken(ctx, 1.5 * MIB))
      ctx.connection.drop('both')
    }
    const on = { STOR, DELE: says('550 Permission denied') }
    const files = { '/src': bytes(4 * MIB), '/f': 'old' }
    const stage = await scriptedVfs(t, { files, on }, { connections: 2 })
    t.match(await failureOf(stage.vfs.copyFile('/src', '/f')), { code: 'EACCES', incomplete: '/f' })
    t.not(stage.content('/f'), 'old')
  })
})

t.test('each error names the file that its own call leaves', async t => {
  const losesNames = { RNFR: drops, RNTO: drops }

  await t.test('of two uploads', async t => {
    const options: FtpVfsOptions = { atomicUploads: true, connections: 2 }
    const { vfs } = await scriptedVfs(t, { greeting: greetings.vsftpd, on: losesNames }, options)
    const errors = await Promise.all(['a', 'b'].map(name => failureOf(vfs.writeFile(`/${name}`, name))))
    t.match(
      errors.map(({ incomplete }) => incomplete),
      [/^\/\.ftp-vfs-.*-a$/, /^\/\.ftp-vfs-.*-b$/],
    )
  })

  await t.test('of an upload and of others that share its session', async t => {
    const on = { ...losesNames, DELE: drops }
    const script = { greeting: greetings.vsftpd, files: { '/x': 'x' }, on }
    const stage = await scriptedVfs(t, script, { atomicUploads: true })
    const writing = failureOf(stage.vfs.writeFile('/a', 'a'))
    await until(() => count(stage, 'STOR') > 0)
    const others = [1, 2, 3].map(() => failureOf(stage.vfs.unlink('/x')))
    t.match((await writing)['incomplete'], /^\/\.ftp-vfs-.*-a$/)
    for (const error of await Promise.all(others)) {
      t.match(error, { code: 'ERR_FTP_CONNECTION_LOST' })
      t.notOk('incomplete' in error)
    }
  })
})

t.test('a copy is sent again when its sent bytes are lost while the source is silent', async t => {
  const data = bytes(4 * MIB)
  for (const [title, lose] of [
    ['while others want its session', ({ vfs }) => vfs.readFile('/x').catch(() => {})],
    ['while no call wants its session', (_, connection) => connection.drop('both')],
  ] as [string, (on: ScriptedVfs, connection: Connection) => unknown][]) {
    await t.test(title, async t => {
      let received = 0
      let storing: Connection | undefined
      let lost = false
      const slowly = async function* (): AsyncGenerator<Buffer> {
        yield* pieces(data.subarray(0, 2.5 * MIB))
        await until(() => lost)
        yield* pieces(data.subarray(2.5 * MIB))
      }
      const RETR: Handler = ctx => (ctx.n > 1 ? ctx.next() : ctx.send(slowly()))
      const STOR: Handler = async ctx => {
        if (ctx.n > 1) return ctx.next()
        storing = ctx.connection
        ctx.reply('150 Go on')
        const chunks: Buffer[] = []
        try {
          for await (const chunk of (await ctx.data) as AsyncIterable<Buffer>) {
            chunks.push(chunk)
            received += chunk.length
          }
        } catch {
          // Cut in the middle.
        }
        lay(ctx, ctx.path, Buffer.concat(chunks).subarray(0, MIB))
        ctx.connection.drop('both')
        lost = true
      }
      const files = { '/src': data, '/x': 'x' }
      const stage = await scriptedVfs(t, { files, on: { RETR, STOR } }, { connections: 2 })
      const copying = stage.vfs.copyFile('/src', '/f')
      await until(() => received > 1.5 * MIB)
      await Promise.all([copying, lose(stage, storing!)])
      t.ok(stage.content('/f') === data.toString('latin1'))
      t.equal(count(stage, 'STOR'), 2)
    })
  }
})

t.test('a file is stored in the end', async t => {
  await t.test('after a refused name with a dot and a 451', async t => {
    const STOR: Handler = ctx => {
      if (ctx.path.startsWith('/.')) return ctx.reply('553 No dot')
      return ctx.n === 2 ? ctx.reply('451 Oh') : ctx.next()
    }
    const stage = await scriptedVfs(t, { on: { STOR } }, { atomicUploads: true })
    await stage.vfs.writeFile('/f', 'x')
    t.equal(stage.content('/f'), 'x')
    t.same([...stage.server.files.keys()], ['/', '/f'])
  })

  await t.test('after a lost attempt and lost logins', async t => {
    const STOR: Handler = ctx => (ctx.n > 1 ? ctx.next() : drops(ctx))
    const PASS: Handler = ctx => (ctx.n > 1 && ctx.n <= 5 ? drops(ctx) : ctx.next())
    const stage = await scriptedVfs(t, { on: { STOR, PASS } }, { retries: 5 })
    await stage.vfs.writeFile('/f', 'new')
    t.equal(stage.content('/f'), 'new')
    t.equal(stage.server.connections, 6)
  })
})

t.test('an upload waits for a file that the lost session still holds', async t => {
  const script: Script = {
    files: { '/f': 'old' },
    on: {
      STOR: async ctx => {
        if (ctx.n === 1) return ctx.connection.drop('both')
        if (ctx.n <= 3) return ctx.reply('550 /f: Temporary hidden file /.in.f. already exists')
        await ctx.next()
      },
    },
  }
  const { vfs, content, sent } = await scriptedVfs(t, script, { retries: 3 })
  await vfs.writeFile('/f', 'new content')
  t.equal(content('/f'), 'new content')
  t.equal(sent().filter(line => line === 'STOR /f').length, 4)
})

for (const reply of ['425 No data connection', '426 Aborted', '450 In use', '451 Local error']) {
  t.test(`an upload refused by ${reply}`, async t => {
    const ways: Record<string, (on: ScriptedVfs) => Promise<unknown>> = {
      writeFile: ({ vfs }) => vfs.writeFile('/f', 'new'),
      appendFile: ({ vfs }) => vfs.appendFile('/f', 'new'),
      copyFile: ({ vfs }) => vfs.copyFile('/src', '/f'),
      'a write stream': ({ vfs }) => pipeline(Readable.from(['new']), vfs.createWriteStream('/f')),
      'an atomic one': ({ vfs }) => vfs.writeFile('/f', 'new'),
    }
    for (const [way, store] of Object.entries(ways)) {
      const options = { atomicUploads: way === 'an atomic one' }
      const verb = way === 'appendFile' ? 'APPE' : 'STOR'
      const files = { '/src': 'new' }

      await t.test(`${way}: it is sent again up to the maximum of attempts`, async t => {
        const busy: Handler = ctx => (ctx.n <= 2 ? ctx.reply(reply) : ctx.next())
        const stage = await scriptedVfs(t, { files, on: { [verb]: busy } }, options)
        await store(stage)
        t.equal(stage.content('/f'), 'new')
      })

      await t.test(`${way}: but not more often`, async t => {
        const stage = await scriptedVfs(t, { files, on: { [verb]: says(reply) } }, options)
        const error = await failureOf(store(stage))
        t.match(error, {
          attempts: 3,
          message: /tried 3 times/,
          code: /^(EBUSY|EIO|ERR_FTP_DATA_CONNECTION|ERR_FTP_CONNECTION_LOST)$/,
        })
        t.equal(count(stage, verb), 3)
      })
    }
  })
}

for (const reply of ['450 In use', '451 Local error']) {
  t.test(`${reply} is final at once if an obstacle at the path is found`, async t => {
    const stage = await scriptedVfs(t, { files: { '/d': null, '/g': 'x' }, on: { STOR: says(reply) } })
    t.match(await failureOf(stage.vfs.writeFile('/d', 'new')), { code: 'EISDIR' })
    t.match(await failureOf(stage.vfs.writeFile('/none/f', 'new')), { code: 'ENOENT' })
    t.match(await failureOf(stage.vfs.writeFile('/g/f', 'new')), { code: 'ENOTDIR' })
    t.equal(count(stage, 'STOR'), 3)
  })
}

t.test('the two rounds of a copy share one maximum of attempts', async t => {
  const STOR: Handler = async ctx => {
    lay(ctx, '/f', await taken(ctx, 1.5 * MIB))
    ctx.connection.drop('both')
  }
  const stage = await scriptedVfs(t, { files: { '/src': bytes(4 * MIB) }, on: { STOR } }, { connections: 2 })
  t.match(await failureOf(stage.vfs.copyFile('/src', '/f')), { code: 'ERR_FTP_CONNECTION_LOST', attempts: 3 })
  t.equal(count(stage, 'STOR'), 3)
})

t.test('a refusal without a loss before it is reported at once', async t => {
  const on = { STOR: (ctx: CommandContext) => ctx.reply('550 /f: Operation not permitted') }
  const { vfs, sent } = await scriptedVfs(t, { files: { '/f': 'old' }, on })
  await t.rejects(vfs.writeFile('/f', 'new content'), { code: 'EACCES' })
  t.equal(sent().filter(line => line === 'STOR /f').length, 1)
})

t.test('a refusal after a loss is final if a folder at the path explains it', async t => {
  const files = { '/folder/in/it': 'x', '/file': 'x' }
  for (const [path, code] of [
    ['/missing/f', 'ENOENT'],
    ['/file/f', 'ENOTDIR'],
    ['/folder', 'EISDIR'],
  ] as const) {
    await t.test(`${path}: ${code}`, async t => {
      const losesFirst: Handler = ctx => (ctx.n === 1 ? drops(ctx) : ctx.reply('550 Failed to open file.'))
      const stage = await scriptedVfs(t, { files, on: { STOR: losesFirst } })
      t.equal((await failureOf(stage.vfs.writeFile(path, 'x'))).code, code)
      t.equal(count(stage, 'STOR'), 2)
    })
  }
})

t.test(
  'with atomicUploads a lost upload is sent again to another temporary name, and none stays',
  async t => {
    for (const size of [5, 100_000]) {
      for (const way of ['writeFile', 'createWriteStream'] as const) {
        await t.test(`${way}, ${size} bytes`, async t => {
          // The server opens the file of the lost session late, and empties it.
          const late: (() => void)[] = []
          const STOR: Handler = async ctx => {
            if (ctx.n > 1) return ctx.next()
            await taken(ctx)
            late.push(() => lay(ctx, ctx.path, Buffer.alloc(0)))
            ctx.connection.drop('both')
          }
          const RNFR: Handler = ctx => {
            for (const open of late.splice(0)) open()
            return ctx.next()
          }
          const stage = await scriptedVfs(t, { on: { STOR, RNFR } }, { atomicUploads: true })
          const data = bytes(size)
          if (way === 'writeFile') await stage.vfs.writeFile('/f', data)
          else await pipeline(Readable.from(pieces(data)), stage.vfs.createWriteStream('/f'))
          t.equal(stage.content('/f'), data.toString('latin1'))
          t.same(
            [...stage.server.files.keys()].filter(path => path !== '/'),
            ['/f'],
          )
        })
      }
    }
  },
)
