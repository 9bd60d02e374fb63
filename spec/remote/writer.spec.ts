import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { bytes, failureOf, greetings, MIB, pieces, scriptedVfs, type ScriptedVfs } from './scripted-vfs.js'

/** The number of times that a command was sent. */
function count({ server }: ScriptedVfs, verb: string): number {
  return server.commands.filter(({ line }) => line.split(' ')[0] === verb).length
}

t.test('an empty file', async t => {
  const { vfs, sent, content } = await scriptedVfs(t)
  await vfs.writeFile('/f', '')
  t.equal(content('/f'), '')
  t.same(sent(), ['EPSV', 'STOR /f', 'SIZE /f'])
})

t.test('a small file takes no session before its end, and is sent once', async t => {
  const { vfs, server, sent, content } = await scriptedVfs(t)
  const stream = vfs.createWriteStream('/f')
  await new Promise(resolve => stream.write('one ', resolve))
  t.equal(server.connections, 0)
  await new Promise<void>(resolve => stream.end('two', resolve))
  t.equal(content('/f'), 'one two')
  t.same(sent(), ['EPSV', 'STOR /f', 'SIZE /f'])
})

t.test('on servers that stand it, SIZE rides behind STOR, and EPSV for the next one', async t => {
  const { vfs, server } = await scriptedVfs(t, { greeting: greetings.vsftpd })
  await vfs.writeFile('/f', 'x')
  t.same(server.flights.slice(1), [['STOR /f', 'SIZE /f', 'EPSV']])
})

t.test('more than 1 MiB is sent while it comes when a session is free', async t => {
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

t.test('the memory of a chunk may be used again behind its callback', async t => {
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
  await t.test('to a file, its size is asked along', async t => {
    const { vfs, server, content } = await scriptedVfs(t, {
      greeting: greetings.vsftpd,
      files: { '/f': 'old' },
    })
    await vfs.connect()
    const before = server.flights.length
    await vfs.appendFile('/f', ' new')
    t.equal(content('/f'), 'old new')
    t.same(server.flights.slice(before), [
      ['SIZE /f', 'EPSV'],
      ['APPE /f', 'SIZE /f', 'EPSV'],
    ])
  })

  await t.test('to a file of a server that is not known', async t => {
    const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'old' } })
    await vfs.appendFile('/f', ' new')
    t.equal(content('/f'), 'old new')
  })

  for (const greeting of [greetings.vsftpd, '220 somebody']) {
    await t.test(`where there is no file: ${greeting}`, async t => {
      const { vfs, content } = await scriptedVfs(t, { greeting })
      await vfs.appendFile('/f', 'new')
      t.equal(content('/f'), 'new')
    })
  }

  await t.test('of nothing makes a file', async t => {
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

  await t.test('where neither SIZE nor MLST is known, the listing tells the size', async t => {
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
  const on = { APPE: (ctx: { reply(text: string): void }) => ctx.reply('502 No APPE here') }

  await t.test('append is ENOTSUP and changes nothing', async t => {
    const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'old' }, on })
    const error = await failureOf(vfs.appendFile('/f', ' new'))
    t.match(error, { code: 'ENOTSUP', syscall: 'open', path: '/f', cause: { code: 502 } })
    t.match(error.message, /the server has no APPE/)
    t.equal(content('/f'), 'old')
    t.notOk('incomplete' in error)
  })

  await t.test('an upload is spooled whole, so that others may work meanwhile', async t => {
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

  await t.test('wx where there is nothing', async t => {
    const { vfs, content } = await scriptedVfs(t)
    await vfs.writeFile('/f', 'new', { flag: 'wx' })
    t.equal(content('/f'), 'new')
  })

  await t.test('wx where SIZE and MLST are not known: the listing tells', async t => {
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

  await t.test('w and start: zeros lie before', async t => {
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

  await t.test('in place where the server keeps what lies around it', async t => {
    const [content, sent] = await patched(t, greetings.vsftpd, 3, 'abc')
    t.equal(content, '012abc6789')
    t.same(sent.slice(-4), ['REST 3', 'STOR /f', 'SIZE /f', 'EPSV'])
    t.notOk(sent.includes('RETR /f'))
  })

  for (const greeting of [greetings.pureFtpd, '220 somebody']) {
    await t.test(`by reading it all elsewhere: ${greeting}`, async t => {
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

    await t.test(`nothing changes nothing: ${greeting}`, async t => {
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

  await t.test('a file that has become shorter meanwhile is not said to be right', async t => {
    let asked = 0
    const { vfs } = await scriptedVfs(t, {
      greeting: greetings.vsftpd,
      files: { '/f': '0123456789' },
      sizeLies: (_, size) => (asked++ === 0 ? 20 : size),
    })
    const error = await failureOf(
      new Promise((_, reject) => {
        vfs.createWriteStream('/f', { flags: 'r+', start: 3 }).on('error', reject).end('abc')
      }),
    )
    t.match(error, { code: 'ERR_FTP_UPLOAD_VERIFY', incomplete: '/f' })
  })
})
