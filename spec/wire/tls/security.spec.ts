import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { allowsOldTls } from '../../../lib/wire/tls/security.js'
import type { Handler } from '../../support/scripted-server.js'
import { knownGreeting, scripted, short } from '../scripted-session.js'
import { authority, secured, securedSession, until, warnings } from '../tls-session.js'

const explicit = { encryptionMode: 'Explicit', ca: authority.ca } as const
const sockets = () =>
  process.getActiveResourcesInfo().filter(name => /^(?:TCPSocketWrap|TLSWrap)$/.test(name))

/** Replies 234 to AUTH and nothing more; further bytes go to `take`. */
const mute =
  (take: (connection: Parameters<Handler>[0]['connection']) => void = () => {}): Handler =>
  ({ connection }) => {
    connection.socket.removeAllListeners('data').on('data', () => take(connection))
    connection.reply('234 Begin')
  }

for (const mode of ['explicit', 'implicit'] as const) {
  await t.test(`${mode} TLS`, async t => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { session, server } = await securedSession(t, {
        tls: { mode, minVersion: version, maxVersion: version },
      })
      t.ok(session.secured && session.protectsData)
      t.match(server.handshakes, [{ on: 'control', protocol: version, reused: false }])
      t.same((await session.flight([command('NOOP')]))[0]!.code, 200)
    }
  })
}

await t.test('the server gets the name of the host (SNI), but no address', async t => {
  for (const [host, servername] of [
    ['localhost', 'localhost'],
    ['127.0.0.1', undefined],
  ] as const) {
    const { server } = await securedSession(t, { options: { host } })
    t.equal(server.handshakes[0]!.servername, servername)
  }
})

await t.test('a client certificate, if the server demands one', async t => {
  const mine = await authority.issue({ names: ['client'] })
  const { session } = await securedSession(t, {
    tls: { clientCa: authority.ca },
    options: { cert: mine.cert, key: mine.key },
  })
  t.ok(session.usable)
  const { logIn } = await secured(t, { tls: { clientCa: authority.ca } })
  await t.rejects(logIn(), { code: /^ERR_FTP_(?:TLS|CONNECTION_LOST)$/ })
})

await t.test('a handshake', async t => {
  await t.test('that never ends: an error within shortTimeout', async t => {
    const { logIn, server, since } = await scripted(
      t,
      { on: { AUTH: mute() } },
      { ...explicit, shortTimeout: short },
    )
    await t.rejects(logIn(), { code: 'ETIMEDOUT', message: `No TLS handshake within ${short} ms` })
    t.same(since(), ['AUTH TLS'])
    await until(() => server.openControl === 0)
  })

  await t.test('that the server ends', async t => {
    for (const reset of [false, true]) {
      const AUTH = mute(connection => connection.drop('both', reset))
      const { logIn, server } = await scripted(t, { on: { AUTH } }, explicit)
      await t.rejects(logIn(), {
        code: 'ERR_FTP_TLS',
        message: /^The TLS handshake with 127\.0\.0\.1 failed: /,
      })
      await until(() => server.openControl === 0)
    }
  })

  await t.test('to which the server replies in plaintext', async t => {
    const AUTH = mute(connection => connection.reply('500 What?'))
    const { logIn, server } = await scripted(t, { on: { AUTH } }, explicit)
    await t.rejects(logIn(), { code: 'ERR_FTP_TLS' })
    await until(() => server.openControl === 0)
  })

  await t.test('with a server without TLS, in implicit mode', async t => {
    const { logIn, since } = await scripted(t, {}, { ...explicit, encryptionMode: 'Implicit' })
    await t.rejects(logIn(), { code: 'ERR_FTP_TLS' })
    t.notMatch(since().join(), /USER|PASS/)
    const silent = await scripted(
      t,
      { greeting: '', on: { '': () => {} } },
      { ...explicit, encryptionMode: 'Implicit', shortTimeout: short },
    )
    await t.rejects(silent.logIn(), { code: /^(?:ETIMEDOUT|ERR_FTP_TLS)$/ })
  })

  await t.test('without a common version', async t => {
    for (const [tls, sslProtocols] of [
      [{ maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }],
      [{ minVersion: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }],
      [{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, {}],
    ] as const) {
      const { logIn, since, server } = await secured(t, { tls, options: { sslProtocols } })
      await t.rejects(logIn(), { code: 'ERR_FTP_TLS', cause: { code: /^E/ } })
      t.same(since(), ['AUTH TLS'])
      await until(() => server.openControl === 0)
    }
  })

  await t.test('during which the session closes: nothing stays open', async t => {
    for (const encryptionMode of ['Explicit', 'Implicit'] as const) {
      const before = sockets().length
      let begun = false
      const listener = createServer(socket => {
        socket.on('error', () => {}).on('data', data => (begun ||= data[0] === 22))
        if (encryptionMode === 'Explicit') {
          socket.write('220 hello\r\n')
          socket.once('data', () => socket.write('234 Begin\r\n'))
        }
      }).listen(0, '127.0.0.1')
      await once(listener, 'listening')
      const { port } = listener.address() as AddressInfo
      const { bare } = await scripted(t, {}, { ...explicit, encryptionMode, port })
      const session = bare()
      const connecting = (async () => {
        await session.connect()
        await session.flight([command('AUTH TLS')])
        await session.secure()
      })()
      connecting.catch(() => {})
      await until(() => begun)
      session.close()
      await t.rejects(connecting, { code: 'ERR_FTP_CONNECTION_LOST', message: 'The session was closed' })
      await new Promise(resolve => listener.close(resolve))
      await until(() => sockets().length <= before)
      t.ok(session.closed)
    }
  })
})

await t.test('plaintext after the 234 ends the session (CVE-2011-0411)', async t => {
  for (const injected of [
    '230 Come in\r\n',
    '331 Password\r\n230 Come in\r\n',
    '230 Come',
    '230-Come in\r\n',
  ]) {
    for (const greeting of ['220 hello', knownGreeting]) {
      for (const encryptionMode of ['Explicit', 'Auto'] as const) {
        const { logIn, since, server } = await secured(t, {
          tls: { injected },
          script: { greeting },
          options: { encryptionMode },
        })
        await t.rejects(logIn(), { name: 'ConnectionLostError' }, injected)
        t.same(since(), ['AUTH TLS'])
        await until(() => server.openControl === 0)
      }
    }
  }
})

await t.test('TLS 1.0 and 1.1', async t => {
  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    await t.test(`${version} works if sslProtocols allows it, with a warning`, async t => {
      const warned = warnings(t)
      const { logIn, server } = await secured(t, {
        tls: { minVersion: version, maxVersion: version },
        script: { files: { '/a': 'abc' } },
        options: { sslProtocols: { minVersion: version } },
      })
      const session = await logIn()
      await logIn()
      t.ok(session.usable)
      t.match(server.handshakes, [{ protocol: version }, { protocol: version }])
      t.same(warned(), ['FTP_VFS_OLD_TLS'], 'once')
    })
  }

  await t.test('are distinguished from newer versions', async t => {
    t.ok(allowsOldTls({ sslProtocols: { minVersion: 'TLSv1' } }))
    t.ok(allowsOldTls({ sslProtocols: { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.2' } }))
    t.notOk(allowsOldTls({ sslProtocols: { minVersion: 'TLSv1.2' } }))
    t.notOk(allowsOldTls({ sslProtocols: {} }))
  })
})

await t.test('a long flight uses records of at most 4096 bytes', async t => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const given = await secured(t, {
      tls: { minVersion: version, maxVersion: version },
      script: { greeting: knownGreeting },
    })
    const { port, records } = await recorded(t, given.server.port)
    const { logIn } = await scripted(t, {}, { ...explicit, port })
    const session = await logIn()
    const paths = Array.from({ length: 300 }, (_, i) => `/${i}/${'x'.repeat(80)}`)
    const replies = await session.flight(paths.map(path => command('SIZE', path)))
    t.equal(replies.length, 300)
    t.same(
      given.since().slice(-300),
      paths.map(path => `SIZE ${path}`),
    )
    const longest = Math.max(...records())
    t.ok(longest > 4000, 'records are filled')
    // The overhead of encryption: RFC 5246, section 6.2.3.3 and RFC 8446, section 5.2.
    t.ok(longest <= 4096 + 64, `${longest} bytes`)
  }
})

/** A port that forwards to another, and the lengths of the records that passed. */
async function recorded(t: Test, to: number): Promise<{ port: number; records: () => number[] }> {
  const chunks: Buffer[] = []
  const listener = createServer(from => {
    const onwards = connect(to, '127.0.0.1')
    from.on('data', chunk => chunks.push(chunk)).pipe(onwards)
    onwards.pipe(from)
    from.on('error', () => onwards.destroy())
    onwards.on('error', () => from.destroy())
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => listener.close())
  return {
    port: (listener.address() as AddressInfo).port,
    records() {
      const bytes = Buffer.concat(chunks)
      const lengths: number[] = []
      // The plaintext of AUTH TLS comes before.
      let at = bytes.indexOf('\n') + 1
      for (; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
        lengths.push(bytes.readUInt16BE(at + 3))
      return lengths
    },
  }
}
