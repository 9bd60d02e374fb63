import { inspect } from 'node:util'
import t from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { LoginError, TooManyConnectionsError } from '../../../lib/wire/ftp-errors.js'
import { selfSigned } from '../../support/certificates.js'
import type { Handler } from '../../support/scripted-server.js'
import { knownGreeting, scripted, short } from '../scripted-session.js'
import { secured, until, warnings } from '../tls-session.js'

const say =
  (text: string): Handler =>
  ctx =>
    ctx.reply(text)
const rejection = async (promise: Promise<unknown>): Promise<Error> => {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('not rejected')
}

await t.test('an unknown server gets the login step by step', async t => {
  const { logIn, flightsSince, profile } = await scripted(t)
  const session = await logIn()
  t.same(flightsSince(), [
    ['USER user'],
    ['PASS password'],
    ['TYPE I', 'FEAT', 'SYST', 'PWD'],
    ['OPTS UTF8 ON'],
  ])
  t.match(session, { closed: false, usable: true, flights: 4, commands: 7 })
  t.match(profile, { kind: 'unknown', loginDirectory: '/', can: { mlst: { state: 'said' } } })
})

await t.test('a server that its greeting names gets the login in one flight', async t => {
  for (const [greeting, kind] of [
    [knownGreeting, 'vsftpd'],
    ['220 ProFTPD Server (Debian) [::ffff:127.0.0.1]', 'proftpd'],
    [
      '220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n220 You are user number 1',
      'pure-ftpd',
    ],
  ] as const) {
    const { logIn, flightsSince, profile } = await scripted(t, { greeting })
    await logIn()
    t.same(flightsSince(), [['USER user', 'PASS password', 'TYPE I', 'FEAT', 'SYST', 'PWD', 'EPSV']])
    t.equal(profile.kind, kind)
  }
})

await t.test('a server that only SYST names is known at the next login', async t => {
  const { logIn, flightsSince, profile } = await scripted(t, {
    features: ['CLNT', 'EPRT', 'MDTM', 'REST STREAM', 'SIZE', 'TVFS', 'UTF8'],
    on: { SYST: say('215 UNIX Type: L8 (ProFTPD)') },
  })
  await logIn()
  t.equal(profile.kind, 'proftpd')
  t.equal(flightsSince().length, 3, 'it needs no OPTS')
  await logIn()
  t.equal(flightsSince().length, 1)
})

await t.test('a server whose FEAT does not match the kind that it names stays unknown', async t => {
  const { logIn, flightsSince, profile } = await scripted(t, { greeting: knownGreeting, features: ['SIZE'] })
  await logIn()
  t.match(profile, { kind: 'unknown', can: { patch: { state: 'absent' } } })
  flightsSince()
  await logIn()
  t.same(flightsSince()[0], ['USER user'], 'the next login goes step by step')
})

await t.test('no FEAT, no SYST', async t => {
  const { logIn, profile } = await scripted(t, {
    features: 'none',
    on: { SYST: say('502 No') },
  })
  t.ok((await logIn()).usable)
  t.match(profile, { kind: 'unknown', can: { mlst: { state: 'absent' } } })
})

await t.test('USER and PASS', async t => {
  await t.test('a server may need no password', async t => {
    for (const greeting of ['220 hello', knownGreeting]) {
      const { logIn, since } = await scripted(t, {
        greeting,
        on: {
          USER(ctx) {
            ctx.connection.loggedIn = true
            ctx.reply('230 Come in')
          },
          PASS: say('503 You are in'),
        },
      })
      t.ok((await logIn()).usable)
      t.equal(since().includes('PASS password'), greeting === knownGreeting)
    }
  })

  await t.test('a server may need an account, after PASS or after USER', async t => {
    const on: Record<string, Handler> = {
      PASS: say('332 Account?'),
      ACCT(ctx) {
        ctx.connection.loggedIn = true
        ctx.reply('230 In')
      },
    }
    for (const [more, greeting] of [
      [{}, '220 hello'],
      [{}, knownGreeting],
      [{ USER: say('332 Account?') }, '220 hello'],
    ] as const) {
      const { logIn, since } = await scripted(t, { greeting, on: { ...on, ...more } }, { account: 'money' })
      await logIn()
      t.ok(since().includes('ACCT money'))
    }
    const without = await scripted(t, { on })
    await t.rejects(without.logIn(), {
      code: 'ERR_FTP_LOGIN',
      message: /asks for an account \(option `account`\)/,
    })
    const wrong = await scripted(t, { on: { ...on, ACCT: say('530 No') } }, { account: 'money' })
    await t.rejects(wrong.logIn(), { code: 'ERR_FTP_LOGIN', message: /refused the login: 530 No/ })
  })

  await t.test('are sent in the server’s encoding', async t => {
    const names = { user: 'j\xfcrg', password: 'pa\xdf' }
    const utf8 = await scripted(t, {}, names)
    await utf8.logIn()
    t.same(utf8.since().slice(0, 2), ['USER j\xc3\xbcrg', 'PASS pa\xc3\x9f'])
    const latin1 = await scripted(t, {}, { ...names, encoding: 'latin1' })
    await latin1.logIn()
    t.same(latin1.since().slice(0, 2), ['USER j\xfcrg', 'PASS pa\xdf'])
  })

  await t.test('that are invalid are neither sent nor shown', async t => {
    const { logIn, since } = await scripted(t, {}, { password: 'secret\r\nDELE /a' })
    const error = await rejection(logIn())
    t.match(error, { code: 'ERR_INVALID_ARG_VALUE' })
    t.notMatch(inspect(error), 'secret')
    t.notMatch(since().join(), 'secret')
  })
})

await t.test('a refused login', async t => {
  await t.test('is an error with the reply, and the session is closed', async t => {
    for (const greeting of ['220 hello', knownGreeting]) {
      const { logIn, server } = await scripted(t, { greeting, on: { PASS: say('530 Login incorrect') } })
      const error = await rejection(logIn())
      t.type(error, LoginError)
      t.match(error, {
        code: 'ERR_FTP_LOGIN',
        message: 'The server refused the login: 530 Login incorrect',
        cause: { name: 'FtpReplyError', code: 530, message: '530 Login incorrect' },
      })
      while (server.openControl > 0) await new Promise(resolve => setImmediate(resolve))
    }
  })

  await t.test(
    'is reported although the server then waits, as Pure-FTPd 1.0.50, or closes, as ProFTPD 1.3.8',
    async t => {
      const waits = { PASS: say('530 Wrong'), TYPE: () => new Promise<void>(() => {}) }
      const hangsUp: Record<string, Handler> = {
        async PASS(ctx) {
          ctx.reply('530 Wrong')
          await ctx.connection.end()
        },
      }
      for (const on of [waits, hangsUp]) {
        const { logIn, profile } = await scripted(t, { greeting: knownGreeting, on })
        t.type(await rejection(logIn()), LoginError)
        t.equal(profile.can.pipelining.state, 'measured')
      }
    },
  )

  await t.test('by USER', async t => {
    for (const greeting of ['220 hello', knownGreeting]) {
      const { logIn } = await scripted(t, { greeting, on: { USER: say('530 Nobody of that name') } })
      await t.rejects(logIn(), { code: 'ERR_FTP_LOGIN', message: /530 Nobody of that name/ })
    }
  })

  await t.test('by a server that keeps asking for the password', async t => {
    const { logIn } = await scripted(t, { on: { PASS: say('331 Again') } })
    await t.rejects(logIn(), { code: 'ERR_FTP_LOGIN', message: /331 Again/ })
  })

  await t.test('shows neither user name nor password nor account, whatever the server echoes', async t => {
    for (const [user, password, account] of [
      ['alice', 'sesame', 'till'],
      ['a.b*c', '$^(x)', '[y]'],
      ['jürg', 'pässe', 'köln'],
    ] as const) {
      for (const encoding of ['utf8', 'latin1'] as const) {
        const bytes = Buffer.from(`530 ${user} with ${password} of ${account} cannot log in`, encoding)
        const script = { on: { PASS: say(bytes.toString('latin1')) } }
        const { logIn } = await scripted(t, script, { user, password, account, encoding })
        const error = await rejection(logIn())
        t.equal(error.message, 'The server refused the login: 530 *** with *** of *** cannot log in')
        for (const secret of [user, password, account]) t.notOk(inspect(error).includes(secret), secret)
      }
    }
  })
})

await t.test('a server that is full', async t => {
  const full: [what: string, script: Parameters<typeof scripted>[1]][] = [
    ['421 as the greeting', { greeting: '421 There are too many connected users' }],
    ['530 as the greeting', { greeting: '530 Sorry, too many users' }],
    ['421 to USER', { on: { USER: say('421 Too many connections') } }],
    ['421 to PASS', { on: { PASS: say('421 Too many connections') } }],
    [
      '421 to PASS of a known server',
      { greeting: knownGreeting, on: { PASS: say('421 Too many connections') } },
    ],
    ...[
      '530 Sorry, the maximum number of clients (2) for this user are already connected.',
      '530 Sorry, the maximum number clients (2) from your host are already connected.',
      '530 Sorry, the maximum number of allowed clients (2) already connected.',
      '530 Too many users logged in, closing control connection',
      '530 Maximum login limit has been reached.',
      '530 User limit reached',
      '530 Connection limit exceeded',
      '500 No more connections',
    ].map((text): [string, Parameters<typeof scripted>[1]] => [text, { on: { PASS: say(text) } }]),
  ]
  for (const [what, script] of full) {
    await t.test(what, async t => {
      const { logIn } = await scripted(t, script)
      const error = await rejection(logIn())
      t.type(error, TooManyConnectionsError)
      t.match(error, { code: 'ERR_FTP_NO_CONNECTION', message: /accepts no further session: \d{3} / })
      t.match(error.cause, { code: /^(421|530|500)$/ })
    })
  }

  await t.test('is not one that reports too many wrong passwords', async t => {
    for (const text of [
      '530 Too many failed attempts',
      '530 Too many authentication failures',
      '530 Login incorrect.',
    ]) {
      const { logIn } = await scripted(t, { on: { PASS: say(text) } })
      t.type(await rejection(logIn()), LoginError, text)
    }
  })
})

await t.test('another greeting that refuses the connection', async t => {
  const { logIn } = await scripted(t, { greeting: '500 Not for you' })
  await t.rejects(logIn(), {
    code: 'ERR_FTP_LOGIN',
    message: 'The server refused the connection: 500 Not for you',
  })
})

await t.test('a login without a reply ends with its timeout', async t => {
  const { logIn } = await scripted(t, { on: { USER: () => {} } }, { shortTimeout: short })
  await t.rejects(logIn(), { code: 'ETIMEDOUT', message: `No reply to USER within ${short} ms` })
})

await t.test('a server without binary transfers is refused', async t => {
  const { logIn } = await scripted(t, { on: { TYPE: say('504 ASCII only') } })
  await t.rejects(logIn(), { code: 'ERR_FTP_LOGIN', message: /binary transfers \(TYPE I\): 504 ASCII only/ })
})

await t.test('the login directory', async t => {
  await t.test('is the reply to PWD, with quotation marks doubled or not', async t => {
    for (const [greeting, said, directory] of [
      ['220 hello', '257 "/home/u" is the current directory', '/home/u'],
      ['220 hello', '257 "/a ""b"" c"', '/a "b" c'],
      ['220 hello', '257 "C:/ftp" is current directory.', 'C:/ftp'],
      ['220 hello', '257 "/caf\xe9"', '/caf\xe9'],
      ['220 Pure-FTPd', '257 "/a "b" c" is your current location', '/a "b" c'],
    ] as const) {
      const { logIn, profile } = await scripted(t, { greeting, on: { PWD: say(said) } })
      await logIn()
      t.equal(profile.loginDirectory, directory)
    }
  })

  await t.test('if it is not reported, paths are relative to it', async t => {
    const { logIn, profile } = await scripted(t, { on: { PWD: say('550 Not told') } })
    const session = await logIn()
    t.match(profile, { loginDirectory: '', namesAreRelative: true, can: { cwd: { state: 'absent' } } })
    t.equal((await session.flight([command('CWD', '/d'), command('NOOP')]))[0]!.code, 502)
    t.ok(session.usable)
  })

  await t.test(
    'must be known if commands use bare names (useCwdNames), unless the path is absolute',
    async t => {
      const script = { on: { PWD: say('550 Not told') } }
      const relative = await scripted(t, script, { useCwdNames: true })
      await t.rejects(relative.logIn(), {
        code: 'ERR_FTP_LOGIN',
        message: /login directory \(PWD\); set `absolutePath`: 550/,
      })
      const absolute = await scripted(t, script, { loginRelative: false })
      t.ok((await absolute.logIn()).usable)
    },
  )
})

await t.test('OPTS', async t => {
  const options = async (features: string[], script = {}, encoding: 'utf8' | 'latin1' = 'utf8') => {
    const { logIn, since } = await scripted(t, { features, ...script }, { encoding })
    await logIn()
    return since().filter(line => line.startsWith('OPTS'))
  }
  t.same(await options([]), [])
  t.same(await options(['UTF8']), ['OPTS UTF8 ON'])
  t.same(await options(['UTF8'], {}, 'latin1'), ['OPTS UTF8 OFF'])
  const known = ['MDTM', 'REST STREAM', 'SIZE', 'TVFS', 'UTF8']
  t.same(await options(known, { greeting: knownGreeting }), [], 'no known server needs it')
  t.same(await options(['MLST type*;size*;modify*;']), [], 'all used facts are on')
  t.same(await options(['MLST type*;size*;modify*;perm;lang;']), [], 'the other facts are not used')
  t.same(await options(['MLST type*;size*;modify;UNIX.mode;perm*;unique']), [
    'OPTS MLST type;size;modify;UNIX.mode;unique;',
  ])
  t.same(await options(['MLST']), [])
  const refused = { on: { OPTS: say('501 No') } }
  t.same(
    await options(['UTF8', 'MLST type;'], refused),
    ['OPTS UTF8 ON', 'OPTS MLST type;'],
    'a refusal is no error',
  )
})

await t.test('over TLS', async t => {
  const own = await selfSigned()

  await t.test('USER and PASS are sent only after the handshake', async t => {
    const { logIn, server, flightsSince } = await secured(t)
    const session = await logIn()
    t.ok(session.secured && session.protectsData)
    t.same(flightsSince(), [
      ['AUTH TLS'],
      ['USER user'],
      ['PASS password'],
      ['PBSZ 0', 'PROT P', 'TYPE I', 'FEAT', 'SYST', 'PWD'],
      ['OPTS UTF8 ON'],
    ])
    t.same(
      server.commands.filter(({ secure }) => !secure).map(({ line }) => line),
      ['AUTH TLS'],
    )
  })

  await t.test('a server that its greeting names gets the login in one flight after it', async t => {
    for (const mode of ['explicit', 'implicit'] as const) {
      const { logIn, flightsSince, server } = await secured(t, {
        tls: { mode },
        script: { greeting: knownGreeting },
      })
      await logIn()
      t.same(flightsSince(), [
        ...(mode === 'explicit' ? [['AUTH TLS']] : []),
        ['USER user', 'PASS password', 'PBSZ 0', 'PROT P', 'TYPE I', 'FEAT', 'SYST', 'PWD', 'EPSV'],
      ])
      t.ok(server.commands.every(({ secure, line }) => secure || line === 'AUTH TLS'))
    }
  })

  await t.test('TLS begins after any positive reply to AUTH TLS', async t => {
    for (const encryptionMode of ['Explicit', 'Auto'] as const) {
      for (const reply of ['200 Begin', '234 Begin', '334 Begin']) {
        const { logIn, server } = await secured(t, {
          script: { on: { AUTH: ctx => ctx.connection.beginTls(reply) } },
          options: { encryptionMode },
        })
        t.ok((await logIn()).secured)
        t.ok(server.commands.every(({ secure, line }) => secure || line === 'AUTH TLS'))
      }
    }
  })

  await t.test('a refused AUTH TLS ends it', async t => {
    for (const authReply of ['500 What?', '504 Not TLS', '534 No', '431 Not now']) {
      const { logIn, since, server } = await secured(t, { tls: { authReply } })
      await t.rejects(logIn(), {
        name: 'FtpError',
        code: 'ERR_FTP_TLS',
        message: `The server refused TLS: ${authReply}`,
        cause: { name: 'FtpReplyError', code: Number(authReply.slice(0, 3)) },
      })
      t.same(since(), ['AUTH TLS'])
      await until(() => server.openControl === 0)
    }
  })

  await t.test('a refused PROT P ends it', async t => {
    for (const greeting of ['220 hello', knownGreeting]) {
      for (const mode of ['explicit', 'implicit'] as const) {
        const { logIn, server } = await secured(t, {
          tls: { mode, protReply: '536 No' },
          script: { greeting },
        })
        await t.rejects(logIn(), {
          name: 'FtpError',
          code: 'ERR_FTP_TLS',
          message: 'The server refused TLS for files and listings (PROT P): 536 No',
          cause: { code: 536 },
        })
        await until(() => server.openControl === 0)
      }
    }
  })

  await t.test('a server may say that it is full in plaintext, and over TLS', async t => {
    const early = await secured(t, { script: { greeting: '421 Too many' } })
    t.type(await rejection(early.logIn()), TooManyConnectionsError)
    const auth = await secured(t, { tls: { authReply: '421 Too many' } })
    t.type(await rejection(auth.logIn()), TooManyConnectionsError)
    const late = await secured(t, { script: { on: { PASS: say('421 Too many') } } })
    t.type(await rejection(late.logIn()), TooManyConnectionsError)
  })

  await t.test('a refused login is reported', async t => {
    for (const greeting of ['220 hello', knownGreeting]) {
      const { logIn, server } = await secured(t, {
        script: { greeting, on: { PASS: say('530 Login incorrect') } },
      })
      t.match(await rejection(logIn()), { code: 'ERR_FTP_LOGIN', cause: { code: 530 } })
      await until(() => server.openControl === 0)
    }
  })

  for (const encryptionMode of ['Explicit', 'Implicit', 'Auto'] as const) {
    await t.test(`with an untrusted certificate, ${encryptionMode} sends nothing`, async t => {
      const warned = warnings(t)
      const { logIn, since, server } = await secured(t, {
        tls: { cert: own.cert, key: own.key, mode: encryptionMode === 'Implicit' ? 'implicit' : 'explicit' },
        options: { encryptionMode },
      })
      await t.rejects(logIn(), { code: 'ERR_FTP_CERTIFICATE' })
      t.same(
        since().filter(line => line !== 'QUIT'),
        encryptionMode === 'Implicit' ? [] : ['AUTH TLS'],
      )
      t.same(warned(), [])
      // Counts the session's side: the server's does not always notice that TLS came first.
      if (encryptionMode !== 'Implicit') await until(() => server.openControl === 0)
    })
  }

  await t.test('Auto', async t => {
    const auto = { encryptionMode: 'Auto' } as const

    await t.test('encrypts if it can, without a warning', async t => {
      const warned = warnings(t)
      const { logIn } = await secured(t, { options: auto })
      t.match(await logIn(), { secured: true, protectsData: true })
      t.same(warned(), [])
    })

    await t.test('continues in plaintext if AUTH TLS is refused, and warns once', async t => {
      for (const authReply of ['500 What?', '534 No']) {
        const warned = warnings(t)
        const { logIn, since } = await secured(t, { tls: { authReply }, options: auto })
        t.match(await logIn(), { usable: true, secured: false, protectsData: false })
        t.same(since().slice(0, 3), ['AUTH TLS', 'USER user', 'PASS password'])
        await logIn()
        t.equal(since()[0], 'AUTH TLS', 'it is sent each time')
        t.same(warned(), ['FTP_VFS_PLAINTEXT'])
      }
    })

    await t.test('continues with data in plaintext if PROT P is refused, and warns once', async t => {
      const warned = warnings(t)
      const { logIn } = await secured(t, { tls: { protReply: '536 No' }, options: auto })
      t.match(await logIn(), { usable: true, secured: true, protectsData: false })
      await logIn()
      t.same(warned(), ['FTP_VFS_PLAINTEXT_DATA'])
    })

    await t.test('does not if the handshake fails', async t => {
      const failsAfter =
        (reply: string): Handler =>
        ({ connection }) => {
          connection.socket.removeAllListeners('data').on('data', () => connection.reply('500 What?'))
          connection.reply(reply)
        }
      const cases = [
        { script: { on: { AUTH: failsAfter('234 Begin') } } },
        { script: { on: { AUTH: failsAfter('200 Begin') } } },
        { tls: { maxVersion: 'TLSv1.2' }, options: { sslProtocols: { minVersion: 'TLSv1.3' } } },
      ] as const
      for (const { options, ...given } of cases.map(given => ({ options: {}, ...given }))) {
        const warned = warnings(t)
        const { logIn, since } = await secured(t, { ...given, options: { ...options, ...auto } })
        t.match(await rejection(logIn()), { code: 'ERR_FTP_TLS' })
        t.same(since(), ['AUTH TLS'])
        t.same(warned(), [])
      }
    })

    await t.test('does not if the connection is lost at AUTH TLS', async t => {
      const { logIn, since } = await secured(t, {
        script: { on: { AUTH: ctx => ctx.connection.drop('both') } },
        options: auto,
      })
      t.match(await rejection(logIn()), { code: 'ERR_FTP_CONNECTION_LOST' })
      t.same(since(), ['AUTH TLS'])
    })
  })

  await t.test('None never sends AUTH TLS', async t => {
    const { logIn, since } = await secured(t, { options: { encryptionMode: 'None' } })
    t.match(await logIn(), { secured: false })
    t.notMatch(since().join(), /AUTH|PBSZ|PROT/)
  })
})
