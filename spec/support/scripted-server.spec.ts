import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import { startScriptedServer, type Script } from './scripted-server.js'

type Test = Pick<typeof t, 'teardown'>

/** A raw control connection: `ask` writes commands in one go and reads one reply for each. */
async function dial(port: number) {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  socket.on('error', () => {})
  const segments: string[] = []
  socket.on('data', chunk => segments.push(String(chunk)))
  const lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]()
  /** The next reply, all its lines; undefined at the end of the connection. */
  const reply = async () => {
    let whole: string | undefined
    for (;;) {
      const { value, done } = (await lines.next()) as { value: string; done?: boolean }
      if (done) return whole
      whole = whole === undefined ? value : `${whole}\n${value}`
      if (/^\d{3} /.test(value)) return whole
    }
  }
  const send = (...commands: string[]) => socket.write(commands.map(line => line + '\r\n').join(''), 'latin1')
  const ask = async (...commands: string[]) => {
    send(...commands)
    const replies: (string | undefined)[] = []
    for (let i = 0; i < commands.length; i++) replies.push(await reply())
    return replies
  }
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  const passive = async (): Promise<Socket> => {
    const [told] = await ask('EPSV')
    const data = connect(Number(/\|(\d+)\|/.exec(told!)![1]), '127.0.0.1')
    data.on('error', () => {})
    await once(data, 'connect')
    return data
  }
  return { socket, segments, reply, send, ask, closed, passive }
}

async function scripted(test: Test, script: Script = {}) {
  const server = await startScriptedServer(script)
  const sockets: Socket[] = []
  test.teardown(async () => {
    sockets.forEach(socket => socket.destroy())
    await server.stop()
  })
  const open = async () => {
    const client = await dial(server.port)
    sockets.push(client.socket)
    return client
  }
  const login = async () => {
    const client = await open()
    await client.reply()
    await client.ask('USER u')
    await client.ask('PASS p')
    return client
  }
  return { server, open, login }
}

void t.test('without a script it is a plain, sane server', async t => {
  const files = { '/a.txt': 'abc', '/d/b': Buffer.from('bb'), '/empty': null }

  await t.test('it greets, wants a login and answers in order', async t => {
    const { server, open } = await scripted(t)
    const client = await open()
    t.equal(await client.reply(), '220 scripted')
    t.same(await client.ask('PWD', 'PASS x', 'USER u', 'PASS p', 'PWD', 'TYPE I', 'SYST', 'NOOP', 'FOO'), [
      '530 Please log in',
      '503 USER first',
      '331 Password please',
      '230 Logged in',
      '257 "/" is the current directory',
      '200 Type set',
      '215 UNIX Type: L8',
      '200 Zzz',
      '500 FOO not understood',
    ])
    t.equal(server.connections, 1)
    t.equal(server.openControl, 1)
    t.same(await client.ask('QUIT'), ['221 Bye'])
    await client.closed
    t.equal(server.url, `ftp://127.0.0.1:${server.port}`)
  })

  await t.test('it keeps a tree under absolute and relative paths', async t => {
    const { server, login } = await scripted(t, { files })
    const { ask } = await login()
    t.same(
      await ask('CWD d', 'PWD', 'SIZE b', 'SIZE /a.txt', 'SIZE ../a.txt', 'SIZE /d', 'SIZE no', 'CWD b'),
      [
        '250 Directory changed',
        '257 "/d" is the current directory',
        '213 2',
        '213 3',
        '213 3',
        '550 Not a regular file',
        '550 No such file or directory',
        '550 Not a directory',
      ],
    )
    t.same(
      await ask('MKD x', 'MKD x', 'MKD no/x', 'RMD x', 'RMD /d', 'RMD b', 'DELE b', 'DELE b', 'DELE /empty'),
      [
        '257 "/d/x" created',
        '550 File exists',
        '550 No such file or directory',
        '250 Removed',
        '550 Directory not empty',
        '550 Not a directory',
        '250 Deleted',
        '550 No such file or directory',
        '550 Is a directory',
      ],
    )
    t.same([...server.files.keys()], ['/', '/a.txt', '/d', '/empty'])
    t.same(await ask('MKD say "hi"', 'CWD say "hi"', 'PWD'), [
      '257 "/d/say ""hi""" created',
      '250 Directory changed',
      '257 "/d/say ""hi""" is the current directory',
    ])
  })

  await t.test('it renames files and whole folders', async t => {
    const { server, login } = await scripted(t, { files })
    const { ask } = await login()
    t.same(
      await ask('RNTO /x', 'RNFR /no', 'RNFR /d', 'RNTO /d/e', 'RNFR /d', 'RNTO /a.txt', 'RNFR /a.txt'),
      [
        '503 RNFR first',
        '550 No such file or directory',
        '350 To what?',
        '550 Invalid argument',
        '350 To what?',
        '550 Is one a directory?',
        '350 To what?',
      ],
    )
    t.same(await ask('RNTO /d', 'RNFR /d', 'RNTO /empty', 'RNFR /a.txt', 'RNTO /empty/b'), [
      '550 Directory not empty',
      '350 To what?',
      '250 Renamed',
      '350 To what?',
      '250 Renamed',
    ])
    t.same([...server.files.keys()], ['/', '/empty', '/empty/b'])
    t.same(server.files.get('/empty/b')?.content, Buffer.from('abc'))
  })

  await t.test('it tells and sets times and modes', async t => {
    const { server, login } = await scripted(t, { files })
    const { ask } = await login()
    t.same(
      await ask(
        'MDTM a.txt',
        'MFMT 20210203040506 a.txt',
        'MDTM /a.txt',
        'SITE CHMOD 600 a.txt',
        'SITE UTIME',
      ),
      [
        '213 20200102030405',
        '213 Modify=20210203040506; a.txt',
        '213 20210203040506',
        '200 Mode changed',
        '504 No such SITE command',
      ],
    )
    t.equal(server.files.get('/a.txt')?.mode, 0o600)
    t.same(await ask('MLST a.txt', 'MLST /d', 'MLST no'), [
      '250-Listing\n type=file;size=3;modify=20210203040506;UNIX.mode=0600; /a.txt\n250 End',
      '250-Listing\n type=dir;modify=20200102030405;UNIX.mode=0755; /d\n250 End',
      '550 No such file or directory',
    ])
  })

  await t.test('it lists in every form', async t => {
    const { login } = await scripted(t, { files })
    const { ask, passive, reply } = await login()
    const listing = async (command: string) => {
      const data = await passive()
      t.same(await ask(command), ['150 Here it comes'])
      const told = await text(data)
      t.equal(await reply(), '226 Transfer complete')
      return told
    }
    t.equal(
      await listing('MLSD'),
      'type=file;size=3;modify=20200102030405;UNIX.mode=0644; a.txt\r\n' +
        'type=dir;modify=20200102030405;UNIX.mode=0755; d\r\n' +
        'type=dir;modify=20200102030405;UNIX.mode=0755; empty\r\n',
    )
    t.equal(await listing('LIST -a /d'), '-rw-r--r--    1 owner    group               2 Jan 02  2020 b\r\n')
    t.equal(await listing('LIST /empty'), '')
    t.equal(await listing('NLST'), 'a.txt\r\nd\r\nempty\r\n')
    t.same(await ask('STAT /d', 'LIST /no', 'MLSD /a.txt'), [
      '213-Status:\n-rw-r--r--    1 owner    group               2 Jan 02  2020 b\n213 End',
      '550 No such file or directory',
      '550 Not a directory',
    ])
  })

  await t.test('it sends and takes files, from an offset too', async t => {
    const { server, login } = await scripted(t, { files })
    const { ask, passive, reply } = await login()
    const up = async (command: string, bytes: string) => {
      const data = await passive()
      t.same(await ask(command), ['150 Here it comes'])
      data.end(bytes)
      t.equal(await reply(), '226 Transfer complete')
      return server.files.get('/n')?.content.toString()
    }
    t.equal(await up('STOR n', '0123456789'), '0123456789')
    t.equal(await up('APPE n', 'x'), '0123456789x')
    t.same(await ask('REST 3'), ['350 Restarting at 3'])
    t.equal(await up('STOR n', 'abc'), '012abc6789x')
    t.equal(await up('STOR /n', ''), '')
    t.equal(server.bytesSent, 0)

    const data = await passive()
    t.same(await ask('REST 1', 'RETR a.txt'), ['350 Restarting at 1', '150 Here it comes'])
    t.equal(await text(data), 'bc')
    t.equal(await reply(), '226 Transfer complete')
    t.equal(server.bytesSent, 2)
    t.same(await ask('RETR a.txt', 'RETR d', 'STOR d', 'STOR no/x', 'REST 9', 'RETR a.txt'), [
      '425 Use EPSV or PASV first',
      '550 Not a regular file',
      '550 Is a directory',
      '550 No such file or directory',
      '350 Restarting at 9',
      '554 Past the end',
    ])
  })

  await t.test('a transfer that the client resets is answered 426, and what came of it stays', async t => {
    const { server, login } = await scripted(t, { files: { '/big': Buffer.alloc(32 << 20) } })
    const { ask, passive, reply } = await login()
    const other = await login()
    const up = await passive()
    await ask('STOR part')
    up.write('12345')
    await other.ask('NOOP') // by now the server has read the bytes
    up.resetAndDestroy()
    t.equal(await reply(), '426 Connection closed; transfer aborted')
    t.equal(server.files.get('/part')?.content.toString(), '12345')

    const down = await passive()
    await ask('RETR big')
    await once(down, 'readable')
    down.resetAndDestroy()
    t.equal(await reply(), '426 Connection closed; transfer aborted')
    t.ok(server.bytesSent < 32 << 20)
    t.same(await ask('NOOP'), ['200 Zzz'])
  })

  await t.test('the last EPSV counts; a data connection that is made early keeps its bytes', async t => {
    const { server, login } = await scripted(t)
    const { ask, passive, reply } = await login()
    const first = await passive()
    const second = await passive()
    second.end('early')
    await text(first) // closed by the server
    t.same(await ask('NOOP', 'STOR /f'), ['200 Zzz', '150 Here it comes'])
    t.equal(await reply(), '226 Transfer complete')
    t.equal(server.files.get('/f')?.content.toString(), 'early')
  })

  await t.test('names are bytes', async t => {
    const { server, login } = await scripted(t, { files: { '/\xff\xc3': '' } })
    const { ask } = await login()
    t.same(await ask('SIZE /\xff\xc3', 'MKD  \xe9 '), ['213 0', '257 "/ \xe9 " created'])
    t.ok(server.files.has('/ \xe9 '))
  })
})

void t.test('it records each command, and the flights in which they came', async t => {
  const { server, open } = await scripted(t)
  const a = await open()
  const b = await open()
  await Promise.all([a.reply(), b.reply()])
  await a.ask('USER u', 'PASS p')
  await b.ask('NOOP')
  a.socket.write('PW')
  await b.ask('NOOP')
  a.socket.write('D\r\n')
  await a.reply()
  t.same(server.flights, [['USER u', 'PASS p'], ['NOOP'], ['NOOP'], ['PWD']])
  t.same(
    server.commands.map(({ connection, line }) => `${connection} ${line}`),
    ['1 USER u', '1 PASS p', '2 NOOP', '2 NOOP', '1 PWD'],
  )
  t.equal(server.connections, 2)
})

void t.test('greetings', async t => {
  await t.test('several lines', async t => {
    const { open } = await scripted(t, { greeting: ['220-Hello', '220 there'] })
    t.equal(await (await open()).reply(), '220-Hello\n220 there')
  })
  await t.test('a refusing one closes the connection', async t => {
    const { server, open } = await scripted(t, {
      greeting: n => (n > 1 ? '421 Too many connections' : '220 Welcome'),
    })
    const [first, second] = [await open(), await open()]
    t.equal(await first.reply(), '220 Welcome')
    t.equal(await second.reply(), '421 Too many connections')
    await second.closed
    t.equal(server.connections, 2)
    t.same(await first.ask('NOOP'), ['200 Zzz'])
  })
  await t.test('none at all', async t => {
    const { open } = await scripted(t, { greeting: '' })
    t.same(await (await open()).ask('NOOP'), ['200 Zzz'])
  })
})

void t.test('features', async t => {
  const feat = async (t: Test, script: Script) => {
    const { open } = await scripted(t, script)
    const client = await open()
    await client.reply()
    return (await client.ask('FEAT'))[0]
  }
  t.match(await feat(t, {}), /^211-Features:\n(?=.*\n MLST type\*;)(?=.*\n EPSV\n).*\n211 End$/s)
  t.notMatch(await feat(t, { mlst: false, epsv: 'refused' }), /MLST|EPSV/)
  t.equal(await feat(t, { features: ['SIZE', 'X'] }), '211-Features:\n SIZE\n X\n211 End')
  t.equal(await feat(t, { features: [] }), '211 No features')
  t.equal(await feat(t, { features: 'none' }), '500 FEAT not understood')
})

void t.test('without MLST, and with EPSV refused', async t => {
  const { server, login } = await scripted(t, {
    mlst: false,
    epsv: 'refused',
    pasvAddress: '10.1.2.3',
    files: { '/a': 'abc' },
  })
  const { ask, reply } = await login()
  const [mlst, mlsd, epsv, pasv] = await ask('MLST /', 'MLSD /', 'EPSV', 'PASV')
  t.equal(mlst, '500 MLST not understood')
  t.equal(mlsd, '500 MLSD not understood')
  t.equal(epsv, '500 EPSV not understood')
  const [, high, low] = /^227 .*\(10,1,2,3,(\d+),(\d+)\)$/.exec(pasv!)!
  const data = connect(Number(high) * 256 + Number(low), '127.0.0.1')
  t.same(await ask('RETR a'), ['150 Here it comes'])
  t.equal(await text(data), 'abc')
  t.equal(await reply(), '226 Transfer complete')
  t.equal(server.bytesSent, 3)
})

void t.test('handlers', async t => {
  await t.test('answer in place of the default, or before it, and count', async t => {
    const { server, login } = await scripted(t, {
      files: { '/a': 'abc' },
      on: {
        SIZE: ctx => (ctx.n === 1 ? ctx.reply('450 Busy') : ctx.next()),
        NOOP: async ctx => {
          ctx.reply('200-Once')
          await ctx.next()
        },
        PWD: ctx => ctx.reply(`257 "${ctx.argument}${ctx.connection.id}${ctx.path}"`),
      },
    })
    const { ask } = await login()
    t.same(await ask('SIZE a', 'size a', 'NOOP', 'PWD x'), [
      '450 Busy',
      '213 3',
      '200-Once\n200 Zzz',
      '257 "x1/x"',
    ])
    server.on.NOOP = ctx => ctx.reply('202 Changed')
    t.same(await ask('NOOP'), ['202 Changed'])
  })

  await t.test('keep the replies in order while they wait', async t => {
    let go = () => {}
    const { login } = await scripted(t, {
      on: {
        NOOP: async ctx => {
          await new Promise<void>(resolve => (go = resolve))
          ctx.reply('200 At last')
        },
        PWD: ctx => {
          ctx.reply('257 "/"')
        },
        SYST: ctx => {
          go()
          return ctx.next()
        },
      },
    })
    const [waiting, other] = [await login(), await login()]
    waiting.send('NOOP', 'PWD')
    await other.ask('PWD')
    await other.ask('SYST')
    t.equal(await waiting.reply(), '200 At last')
    t.equal(await waiting.reply(), '257 "/"')
  })

  await t.test('send a generated listing, as long as one likes', async t => {
    const entries = 100_000
    const { login } = await scripted(t, {
      on: {
        MLSD: ctx =>
          ctx.send(
            (function* () {
              for (let i = 0; i < entries; i += 1000) {
                yield Array.from({ length: 1000 }, (_, k) => `type=file; f${i + k}\r\n`).join('')
              }
            })(),
          ),
      },
    })
    const { ask, passive, reply } = await login()
    const data = await passive()
    await ask('MLSD')
    const lines = (await text(data)).split('\r\n')
    t.equal(lines.length, entries + 1)
    t.equal(lines[entries - 1], `type=file; f${entries - 1}`)
    t.equal(await reply(), '226 Transfer complete')
  })

  await t.test('hold the data connection themselves', async t => {
    const { server, login } = await scripted(t, {
      on: {
        RETR: async ctx => {
          const data = await ctx.data
          ctx.reply('150 Short')
          data.end('ab')
          ctx.reply('226 Done')
        },
        STOR: async ctx => {
          const data = await ctx.data
          ctx.reply('150 Never')
          data.resetAndDestroy()
          ctx.connection.socket.destroy()
        },
      },
    })
    const { ask, passive, reply, closed } = await login()
    const down = await passive()
    t.same(await ask('RETR x'), ['150 Short'])
    t.equal(await text(down), 'ab')
    t.equal(await reply(), '226 Done')
    t.equal(server.bytesSent, 2)
    const up = await passive()
    const reset = new Promise(resolve => up.once('close', resolve))
    await ask('STOR x')
    await reset
    await closed
  })

  await t.test('that throw are answered 451, and stop() throws what they threw', async t => {
    const server = await startScriptedServer({
      on: {
        NOOP: () => {
          throw new Error('my mistake')
        },
      },
    })
    const client = await dial(server.port)
    await client.reply()
    t.same(await client.ask('NOOP'), ['451 The handler of this test failed'])
    await t.rejects(server.stop(), { message: 'my mistake' })
    await client.closed
  })
})

void t.test('how replies are cut into packets', async t => {
  for (const replySplit of ['every-byte', 1, 3] as const) {
    await t.test(`replySplit ${replySplit}`, async t => {
      const { login } = await scripted(t, { replySplit, features: ['MLST size*;', 'UTF8'] })
      const { ask, segments, closed } = await login()
      segments.length = 0
      const replies = await ask('FEAT', 'PWD', 'QUIT')
      await closed
      t.same(replies, [
        '211-Features:\n MLST size*;\n UTF8\n211 End',
        '257 "/" is the current directory',
        '221 Bye',
      ])
      t.ok(segments.length > 20, `${segments.length} segments`)
      t.equal(segments.join('').trimStart(), replies.join('\n').replaceAll('\n', '\r\n') + '\r\n')
    })
  }

  await t.test('joinReplies: one packet for one read, but no upload waits for its 150', async t => {
    const { login } = await scripted(t, { joinReplies: true, files: { '/a': 'abc' } })
    const { ask, segments, passive, reply } = await login()
    const data = await passive()
    segments.length = 0
    await ask('SIZE a', 'PWD', 'RETR a')
    t.equal(await reply(), '226 Transfer complete')
    t.same(segments, [
      '213 3\r\n257 "/" is the current directory\r\n150 Here it comes\r\n226 Transfer complete\r\n',
    ])
    t.equal(await text(data), 'abc')

    const up = await passive()
    t.same(await ask('NOOP', 'STOR b'), ['200 Zzz', '150 Here it comes'])
    up.end('b')
    t.equal(await reply(), '226 Transfer complete')
  })

  await t.test('answersOnlyFirst: of a flight only the first command is answered', async t => {
    const { server, login } = await scripted(t, { answersOnlyFirst: true })
    const { ask, send, reply } = await login()
    send('SYST', 'PWD', 'NOOP')
    t.equal(await reply(), '215 UNIX Type: L8')
    t.same(await ask('NOOP'), ['200 Zzz'])
    t.same(server.flights.at(-2), ['SYST', 'PWD', 'NOOP'])
  })
})

void t.test('it can lie', async t => {
  await t.test('sizeLies: about sizes, wherever they are told', async t => {
    const { login } = await scripted(t, {
      files: { '/a': 'abc', '/b': 'b' },
      sizeLies: (path, real) => (path === '/a' ? real + 1 : real),
    })
    const { ask } = await login()
    const [size, other, mlst, stat] = await ask('SIZE a', 'SIZE b', 'MLST a', 'STAT a')
    t.equal(size, '213 4')
    t.equal(other, '213 1')
    t.match(mlst, ';size=4;')
    t.match(stat, ' 4 Jan ')
  })

  await t.test('earlyComplete: the 226 comes before the data', async t => {
    const { server, login } = await scripted(t, { earlyComplete: true })
    const { ask, passive, reply } = await login()
    const data = await passive()
    t.same(await ask('STOR a'), ['150 Here it comes'])
    t.equal(await reply(), '226 Transfer complete')
    t.notOk(server.files.has('/a'))
    data.end('abc')
    t.same(await ask('SIZE a'), ['213 3'])
  })

  await t.test('listStyle iis', async t => {
    const { login } = await scripted(t, { listStyle: 'iis', files: { '/a b': 'abc', '/d': null } })
    const { ask, passive } = await login()
    const data = await passive()
    await ask('LIST')
    t.equal(
      await text(data),
      '01-02-20  03:04AM                    3 a b\r\n01-02-20  03:04AM       <DIR>          d\r\n',
    )
    t.same(await ask('NOOP', 'SYST'), ['226 Transfer complete', '200 Zzz'])
  })
})

void t.test('it cuts connections', async t => {
  const files = { '/a': '0123456789' }

  await t.test('when a command has come, which then has no effect', async t => {
    const { server, login } = await scripted(t, { files, cut: { command: 'DELE', nth: 2 } })
    const { ask, closed } = await login()
    t.same(await ask('DELE no', 'DELE a', 'NOOP'), ['550 No such file or directory', undefined, undefined])
    await closed
    t.ok(server.files.has('/a'))
    t.equal(server.openControl, 0)
    t.same(await (await login()).ask('DELE a'), ['250 Deleted'], 'a later one is served')
  })

  await t.test('the control connection alone: the command takes effect, its reply is lost', async t => {
    const { server, login } = await scripted(t, {
      files,
      cut: [
        { command: 'DELE', what: 'control' },
        { command: 'STOR', what: 'control', after: 2 },
      ],
    })
    t.same(await (await login()).ask('DELE a'), [undefined])
    t.notOk(server.files.has('/a'))

    const { ask, passive, reply } = await login()
    const data = await passive()
    await ask('STOR b')
    data.write('1234')
    t.equal(await reply(), undefined)
    data.end('56')
    data.resume()
    while (server.files.get('/b')?.content.length !== 6) await new Promise(resolve => setTimeout(resolve, 5))
    t.equal(server.files.get('/b')?.content.toString(), '123456')
  })

  await t.test('after the 150', async t => {
    const { login } = await scripted(t, { files, cut: { command: 'RETR', after: '150' } })
    const { ask, passive, reply } = await login()
    const data = await passive()
    t.same(await ask('RETR a'), ['150 Here it comes'])
    t.equal(await text(data), '')
    t.equal(await reply(), undefined)
  })

  for (const bytes of [0, 1, 9, 10]) {
    await t.test(`after ${bytes} data bytes, down and up`, async t => {
      const { server, login } = await scripted(t, {
        files,
        cut: [
          { command: 'RETR', after: bytes, what: 'data' },
          { command: 'STOR', after: bytes },
        ],
      })
      const { ask, passive, reply } = await login()
      const down = await passive()
      t.same(await ask('RETR a'), ['150 Here it comes'])
      t.equal(await text(down), '0123456789'.slice(0, bytes))
      t.equal(await reply(), '426 Connection closed; transfer aborted')
      t.equal(server.bytesSent, bytes)

      const up = await passive()
      await ask('STOR b')
      up.write('0123456789')
      t.equal(await reply(), undefined)
      t.equal(server.files.get('/b')?.content.toString(), '0123456789'.slice(0, bytes))
    })
  }

  await t.test('with a reset', async t => {
    const { login } = await scripted(t, {
      files,
      cut: { command: 'RETR', after: 3, what: 'data', reset: true },
    })
    const { ask, passive, reply } = await login()
    const down = await passive()
    const outcome = buffer(down)
    await ask('RETR a')
    await t.rejects(outcome, { code: 'ECONNRESET' })
    t.equal(await reply(), '426 Connection closed; transfer aborted')
  })
})

void t.test('say421() tells every idle connection, and closes it', async t => {
  const { server, login } = await scripted(t)
  const clients = [await login(), await login()]
  await server.say421()
  for (const { reply, closed } of clients) {
    t.equal(await reply(), '421 Timeout')
    await closed
  }
  await (await login()).ask('NOOP')
  t.equal(server.connections, 3)
})

void t.test('stop() leaves nothing open, whatever hangs', async t => {
  const server = await startScriptedServer({
    files: { '/big': Buffer.alloc(32 << 20) },
    on: { NOOP: () => new Promise(() => {}) },
  })
  const clients = await Promise.all(Array.from({ length: 4 }, () => dial(server.port)))
  for (const { reply, ask } of clients) {
    await reply()
    await ask('USER u', 'PASS p')
  }
  const [hanging, sending, taking, waiting] = clients
  hanging!.send('NOOP')
  const data = await Promise.all([sending!.passive(), taking!.passive(), waiting!.passive()])
  await sending!.ask('RETR /big')
  await taking!.ask('STOR /new')
  await waiting!.ask('EPSV')
  waiting!.send('RETR /big')
  await server.stop()
  await Promise.all(clients.map(({ closed }) => closed))
  t.equal(server.openControl, 0)
  data.forEach(socket => socket.destroy())
  await server.stop()
})
