import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Handler } from '../../support/script.js'
import { until } from '../../support/until.js'
import { bytes, failureOf, greetings, MIB, pieces, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

/** How often a command was sent. */
function count({ server }: ScriptedVfs, verb: string): number {
  return server.commands.filter(({ line }) => line.split(' ')[0] === verb).length
}

const write = (stream: NodeJS.WritableStream, piece: Buffer): Promise<void> =>
  new Promise((resolve, reject) => stream.write(piece, error => (error ? reject(error) : resolve())))

const end = (stream: NodeJS.WritableStream): Promise<void> =>
  new Promise((resolve, reject) => stream.on('error', reject).end(resolve))

/** The result of the work, or `late`. */
const inTime = <T>(work: Promise<T>, max = 5000): Promise<T | 'late'> =>
  Promise.race([work, sleep(max, 'late' as const, { ref: false })])

t.test('an empty file', async t => {
  const { vfs, sent, content } = await scriptedVfs(t)
  await vfs.writeFile('/f', '')
  t.equal(content('/f'), '')
  t.same(sent(), ['SIZE /f', 'MDTM /f', 'EPSV', 'STOR /f', 'SIZE /f'])
})

t.test('a small file takes no session before its end, and is sent once', async t => {
  const { vfs, server, sent, content } = await scriptedVfs(t)
  const stream = vfs.createWriteStream('/f')
  await new Promise(resolve => stream.write('one ', resolve))
  t.equal(server.connections, 0)
  await new Promise<void>(resolve => stream.end('two', resolve))
  t.equal(content('/f'), 'one two')
  t.same(sent(), ['SIZE /f', 'MDTM /f', 'EPSV', 'STOR /f', 'SIZE /f'])
})

t.test(
  'if the server allows it, SIZE and MDTM share a flight with STOR, and with EPSV for the next file',
  async t => {
    const { vfs, server } = await scriptedVfs(t, { greeting: greetings.vsftpd })
    await vfs.writeFile('/f', 'x')
    t.same(server.flights.slice(1), [['SIZE /f', 'MDTM /f', 'STOR /f', 'SIZE /f', 'MDTM /f', 'EPSV']])
  },
)

t.test('more than 1 MiB is sent live when a session is free', async t => {
  const data = bytes(3 * MIB)
  const { vfs, server, content } = await scriptedVfs(t)
  const stream = vfs.createWriteStream('/f')
  for (const piece of pieces(data)) await new Promise(resolve => stream.write(piece, resolve))
  t.equal(server.commands.filter(({ line }) => line === 'STOR /f').length, 1, 'before its end')
  await new Promise<void>(resolve => stream.end(resolve))
  t.ok(content('/f') === data.toString('latin1'))
})

t.test('more than 1 MiB goes to a temporary file while the sessions are in use', async t => {
  const data = bytes(3 * MIB)
  const big = bytes(8 * MIB)
  const on = await scriptedVfs(t, { files: { '/big': big } })
  const { vfs, content } = on
  const reader = vfs.createReadStream('/big')
  await new Promise(resolve => reader.once('readable', resolve))
  const stream = vfs.createWriteStream('/f')
  for (const piece of pieces(data)) await new Promise(resolve => stream.write(piece, resolve))
  t.equal(count(on, 'STOR'), 0)
  await new Promise<void>(resolve => stream.end(resolve))
  t.ok(content('/f') === data.toString('latin1'))
  reader.destroy()
})

t.test('a chunk of many MiB', async t => {
  const data = bytes(5 * MIB)
  const { vfs, content } = await scriptedVfs(t)
  await vfs.writeFile('/f', data)
  t.ok(content('/f') === data.toString('latin1'))
})

t.test('the memory of a chunk may be reused after its callback', async t => {
  const { vfs, content } = await scriptedVfs(t)
  const stream = vfs.createWriteStream('/f')
  const chunk = Buffer.alloc(64 * 1024)
  for (let round = 0; round < 48; round++) {
    chunk.fill(round)
    await new Promise(resolve => stream.write(chunk, resolve))
  }
  chunk.fill(255)
  await new Promise<void>(resolve => stream.end(resolve))
  const expected = Buffer.concat(Array.from({ length: 48 }, (_, round) => Buffer.alloc(64 * 1024, round)))
  t.ok(content('/f') === expected.toString('latin1'))
})

t.test('append', async t => {
  await t.test('to a file, with SIZE in the same flight', async t => {
    const { vfs, server, content } = await scriptedVfs(t, {
      greeting: greetings.vsftpd,
      files: { '/f': 'old' },
    })
    await vfs.connect()
    const before = server.flights.length
    await vfs.appendFile('/f', ' new')
    t.equal(content('/f'), 'old new')
    t.same(server.flights.slice(before), [
      ['SIZE /f', 'MDTM /f', 'EPSV'],
      ['APPE /f', 'SIZE /f', 'MDTM /f', 'EPSV'],
    ])
  })

  await t.test('to a file on an unrecognised server', async t => {
    const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'old' } })
    await vfs.appendFile('/f', ' new')
    t.equal(content('/f'), 'old new')
  })

  for (const greeting of [greetings.vsftpd, '220 somebody']) {
    await t.test(`to a missing file: ${greeting}`, async t => {
      const { vfs, content } = await scriptedVfs(t, { greeting })
      await vfs.appendFile('/f', 'new')
      t.equal(content('/f'), 'new')
    })
  }

  await t.test('of no bytes creates a file', async t => {
    const { vfs, content } = await scriptedVfs(t)
    await vfs.appendFile('/f', '')
    t.equal(content('/f'), '')
  })

  await t.test('of many MiB', async t => {
    const data = bytes(3 * MIB)
    const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'old' } })
    await pipeline(Readable.from(pieces(data)), vfs.createWriteStream('/f', { flags: 'a' }))
    t.ok(content('/f') === `old${data.toString('latin1')}`)
  })

  await t.test('without SIZE and MLST, the listing reports the size', async t => {
    const { vfs, content } = await scriptedVfs(t, {
      files: { '/f': 'old' },
      features: 'none',
      mlst: false,
      on: { SIZE: ctx => ctx.reply('502 SIZE?') },
    })
    await vfs.appendFile('/f', ' new')
    t.equal(content('/f'), 'old new')
  })
})

t.test('a server without APPE', async t => {
  const on = {
    APPE: (ctx: { reply(text: string): void }) => ctx.reply('502 No APPE here'),
    HELP: (ctx: { reply(text: string): void }) => ctx.reply('214 APPE* is not implemented'),
  }

  await t.test('refuses an append with ENOTSUP, and nothing changes', async t => {
    const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'old' }, on })
    const error = await failureOf(vfs.appendFile('/f', ' new'))
    t.match(error, { code: 'ENOTSUP', syscall: 'open', path: '/f', cause: { code: 502 } })
    t.match(error.message, /the server has no APPE/)
    t.equal(content('/f'), 'old')
    t.notOk('incomplete' in error)
  })

  await t.test('gets an upload that was spooled whole, so that others may work meanwhile', async t => {
    const data = bytes(3 * MIB)
    const server = await scriptedVfs(t, { files: { '/other': 'x' }, on })
    const { vfs, content } = server
    const stream = vfs.createWriteStream('/f')
    for (const piece of pieces(data)) {
      await new Promise(resolve => stream.write(piece, resolve))
      await vfs.stat('/other')
    }
    t.equal(count(server, 'STOR'), 0)
    await new Promise<void>(resolve => stream.end(resolve))
    t.ok(content('/f') === data.toString('latin1'))
  })
})

t.test(
  'one that holds the only session and gets no input lets others work, and goes on with APPE',
  async t => {
    const data = bytes(3 * MIB)
    const server = await scriptedVfs(t, { files: { '/other': 'x' } })
    const { vfs, content } = server
    const stream = vfs.createWriteStream('/f')
    const [head, tail] = [data.subarray(0, 2 * MIB), data.subarray(2 * MIB)]
    for (const piece of pieces(head)) await new Promise(resolve => stream.write(piece, resolve))
    t.equal(count(server, 'STOR'), 1)
    t.equal(await vfs.readFile('/other', 'utf8'), 'x')
    stream.end(tail)
    await new Promise(resolve => stream.once('finish', resolve))
    t.equal(count(server, 'STOR'), 1)
    t.ok(server.sent().includes('APPE /f'))
    t.ok(content('/f') === data.toString('latin1'))
  },
)

t.test('a stream that yields to others', async t => {
  await t.test('does so after an empty chunk, too', async t => {
    const { vfs } = await scriptedVfs(t, { files: { '/other': 'x' } })
    const stream = vfs.createWriteStream('/f')
    for (const piece of pieces(bytes(3 * MIB))) await write(stream, piece)
    const reading = vfs.readFile('/other', 'utf8')
    await until(() => vfs.stats().waiting > 0)
    await write(stream, Buffer.alloc(0))
    t.equal(await inTime(reading), 'x')
    stream.destroy()
  })

  await t.test('does not wait for uploadDelay each time', async t => {
    const server = await scriptedVfs(t, { files: { '/other': 'x' } }, { uploadDelay: 600_000 })
    const stream = server.vfs.createWriteStream('/f').on('error', () => {})
    for (let round = 0; round < 3; round++) {
      const writing = (async () => {
        for (const piece of pieces(bytes(2 * MIB))) await write(stream, piece)
        return 'written'
      })()
      t.equal(await inTime(writing), 'written')
      t.equal(await inTime(server.vfs.readFile('/other', 'utf8')), 'x')
    }
    t.same([count(server, 'STOR'), count(server, 'APPE')], [1, 2])
    stream.destroy()
  })

  await t.test('fails at once when its sent bytes are lost meanwhile', async t => {
    const on: Record<string, Handler> = {
      STOR: async ctx => {
        ctx.reply('150 Go on')
        for await (const _ of await ctx.data);
        ctx.connection.drop('both')
      },
    }
    const { vfs } = await scriptedVfs(t, { files: { '/other': 'x' }, on })
    const stream = vfs.createWriteStream('/f')
    const failing = new Promise<Error>(resolve => stream.once('error', resolve))
    for (const piece of pieces(bytes(2 * MIB))) await write(stream, piece)
    t.equal(await vfs.readFile('/other', 'utf8'), 'x')
    t.match(await inTime(failing), { code: 'ERR_FTP_CONNECTION_LOST' })
    await t.rejects(write(stream, Buffer.from('more')))
  })
})

t.test('a stream destroyed while it tests APPE', async t => {
  const closed = async (stream: Writable): Promise<Error> => {
    const error = new Promise<Error>(resolve => stream.once('error', resolve))
    const closing = new Promise<void>(resolve => stream.once('close', resolve))
    stream.destroy(new Error('mine'))
    await closing
    return error
  }

  await t.test('by HELP stores nothing afterwards', async t => {
    let go = (): void => {}
    const gate = new Promise<void>(resolve => (go = resolve))
    const HELP: Handler = async ctx => {
      await gate
      return ctx.next()
    }
    const server = await scriptedVfs(t, { files: { '/f': 'old' }, on: { HELP } })
    const stream = server.vfs.createWriteStream('/f')
    for (const piece of pieces(bytes(1.5 * MIB))) stream.write(piece)
    await until(() => count(server, 'HELP') > 0)
    const closing = closed(stream)
    go()
    t.match(await inTime(closing), { message: 'mine' })
    t.equal(count(server, 'STOR'), 0)
    t.equal(server.content('/f'), 'old')
    t.equal(server.vfs.stats().busy, 0)
  })

  await t.test('with a trial file removes that file', async t => {
    let go = (): void => {}
    const gate = new Promise<void>(resolve => (go = resolve))
    const script = { greeting: greetings.pureFtpd, files: { '/f': 'old' }, on: { APPE: () => gate } }
    const server = await scriptedVfs(t, script)
    const stream = server.vfs.createWriteStream('/f')
    for (const piece of pieces(bytes(2 * MIB))) stream.write(piece)
    await until(() => count(server, 'APPE') > 0)
    t.match(await inTime(closed(stream)), { message: 'mine' }, 'it does not wait for the reply')
    await until(() => count(server, 'DELE') > 0 && server.vfs.stats().busy === 0)
    t.same([...server.server.files.keys()], ['/', '/f'])
    t.equal(server.content('/f'), 'old')
    t.notOk(server.sent().includes('STOR /f'))
    go()
  })
})

t.test('a stream without a data connection to test APPE gives its session back', async t => {
  const refuses: Handler = ctx => ctx.reply('502 No port')
  const on = { EPSV: refuses, PASV: refuses }
  const { vfs } = await scriptedVfs(t, { greeting: greetings.pureFtpd, on }, { shortTimeout: 1000 })
  const stream = vfs.createWriteStream('/f')
  const closing = new Promise<string>(resolve => stream.once('close', () => resolve('closed')))
  const writing = (async () => {
    for (const piece of pieces(bytes(2 * MIB))) await write(stream, piece)
  })()
  const error = failureOf(writing)
  stream.on('error', () => {})
  t.match(await inTime(error), { message: /502 No port/ })
  t.equal(await inTime(closing), 'closed')
  t.equal(vfs.stats().busy, 0)
  t.ok((await inTime(vfs.stat('/'))) !== 'late')
  vfs.destroy()
})

t.test('streams, copies and pipelines at once', async t => {
  const data = bytes(3 * MIB)
  for (const connections of [1, 2]) {
    await t.test(`connections: ${connections}`, async t => {
      const script = { greeting: greetings.vsftpd, files: { '/src': data } }
      const { vfs, content } = await scriptedVfs(t, script, { connections })
      const haltingly = async (path: string, turn: number): Promise<void> => {
        const stream = vfs.createWriteStream(path)
        for (const [at, piece] of [...pieces(data)].entries()) {
          await write(stream, piece)
          // Longer than a stream keeps a session that others want.
          if (at % 12 === turn) await sleep(30)
        }
        await end(stream)
      }
      const all = [0, 1, 2, 3, 4, 5].flatMap(turn => [
        haltingly(`/s${turn}`, turn),
        vfs.copyFile('/src', `/c${turn}`),
        pipeline(vfs.createReadStream('/src'), vfs.createWriteStream(`/p${turn}`)),
      ])
      t.not(await inTime(Promise.all(all), 20_000), 'late')
      for (const way of ['s', 'c', 'p'])
        for (let turn = 0; turn < 6; turn++) t.ok(content(`/${way}${turn}`) === data.toString('latin1'))
    })
  }
})

t.test('flags', async t => {
  await t.test('wx onto a file is EEXIST, and nothing is stored', async t => {
    const server = await scriptedVfs(t, { files: { '/f': 'old', '/d': null } })
    for (const path of ['/f', '/d']) {
      const error = await failureOf(server.vfs.writeFile(path, 'new', { flag: 'wx' }))
      t.match(error, { code: 'EEXIST', syscall: 'open', path })
    }
    t.equal(server.content('/f'), 'old')
    t.equal(count(server, 'STOR') + count(server, 'DELE'), 0)
  })

  await t.test('wx to a missing file', async t => {
    const { vfs, content } = await scriptedVfs(t)
    await vfs.writeFile('/f', 'new', { flag: 'wx' })
    t.equal(content('/f'), 'new')
  })

  await t.test('wx without SIZE and MLST: the listing decides', async t => {
    const server = await scriptedVfs(t, {
      files: { '/f': 'old' },
      features: 'none',
      mlst: false,
      on: { SIZE: ctx => ctx.reply('500 ?'), STAT: ctx => ctx.reply('502 ?') },
    })
    t.match(await failureOf(server.vfs.writeFile('/f', 'new', { flag: 'wx' })), { code: 'EEXIST' })
    await server.vfs.writeFile('/g', 'new', { flag: 'wx' })
    t.same([server.content('/f'), server.content('/g')], ['old', 'new'])
  })

  await t.test('w and start: zeros come first', async t => {
    const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'old and long' } })
    const write = (text: string): Promise<void> =>
      pipeline(Readable.from([text]), vfs.createWriteStream('/f', { start: 3 }))
    await write('new')
    t.equal(content('/f'), '\0\0\0new')
  })

  await t.test('w and start without data: an empty file', async t => {
    const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'old' } })
    await new Promise<void>(resolve => vfs.createWriteStream('/f', { start: 3 }).end(resolve))
    t.equal(content('/f'), '')
  })
})

t.test('changing a part of a file', async t => {
  async function patched(
    t: Test,
    greeting: string,
    start: number,
    text: string,
    old = '0123456789',
  ): Promise<[string | undefined, string[]]> {
    const { vfs, sent, content } = await scriptedVfs(t, { greeting, files: { '/f': old } })
    const stream = vfs.createWriteStream('/f', { flags: 'r+', start })
    await new Promise<void>((resolve, reject) => {
      stream.on('error', reject).on('finish', resolve)
      stream.end(text)
    })
    return [content('/f'), sent()]
  }

  await t.test('in place if the server keeps the bytes around it', async t => {
    const [content, sent] = await patched(t, greetings.vsftpd, 3, 'abc')
    t.equal(content, '012abc6789')
    const stored = sent.lastIndexOf('STOR /f')
    t.same(sent.slice(stored - 1, stored + 4), ['REST 3', 'STOR /f', 'SIZE /f', 'MDTM /f', 'EPSV'])
    t.same(
      sent.filter(line => /^(REST|RETR|STOR)/.test(line)),
      ['REST 3', 'STOR /f', 'REST 3', 'RETR /f'],
      'what was changed is read back, and nothing else',
    )
  })

  for (const greeting of [greetings.pureFtpd, '220 somebody']) {
    await t.test(`by reading the whole file elsewhere: ${greeting}`, async t => {
      const [content, sent] = await patched(t, greeting, 3, 'abc')
      t.equal(content, '012abc6789')
      t.ok(sent.includes('RETR /f'))
      t.notOk(sent.includes('REST 3'))
    })
  }

  for (const greeting of [greetings.vsftpd, '220 somebody']) {
    await t.test(`at its beginning, at its end and beyond: ${greeting}`, async t => {
      t.equal((await patched(t, greeting, 0, 'abc'))[0], 'abc3456789')
      t.equal((await patched(t, greeting, 0, 'abcdefghijkl'))[0], 'abcdefghijkl')
      t.equal((await patched(t, greeting, 10, 'abc'))[0], '0123456789abc')
      t.equal((await patched(t, greeting, 8, 'abcd'))[0], '01234567abcd')
      t.equal((await patched(t, greeting, 12, 'abc'))[0], '0123456789\0\0abc')
      t.equal((await patched(t, greeting, 2, 'abc', ''))[0], '\0\0abc')
    })

    await t.test(`no bytes change nothing: ${greeting}`, async t => {
      const [content, sent] = await patched(t, greeting, 3, '')
      t.equal(content, '0123456789')
      t.notOk(sent.includes('STOR /f'))
    })

    await t.test(`of a missing file is ENOENT: ${greeting}`, async t => {
      const { vfs, server } = await scriptedVfs(t, { greeting })
      const stream = vfs.createWriteStream('/f', { flags: 'r+', start: 3 })
      t.match(await failureOf(new Promise((_, reject) => stream.on('error', reject))), { code: 'ENOENT' })
      t.notOk(server.files.has('/f'))
    })
  }

  await t.test('a file that has become shorter meanwhile is an error', async t => {
    let asked = 0
    const { vfs } = await scriptedVfs(
      t,
      {
        greeting: greetings.vsftpd,
        files: { '/f': '0123456789' },
        sizeLies: (_, size) => (asked++ === 0 ? 20 : size),
      },
      { shortTimeout: 300 },
    )
    const error = await failureOf(
      new Promise((_, reject) => {
        vfs.createWriteStream('/f', { flags: 'r+', start: 3 }).on('error', reject).end('abc')
      }),
    )
    t.match(error, { code: 'ERR_FTP_UPLOAD_VERIFY', incomplete: '/f' })
  })
})
