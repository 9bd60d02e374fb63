import { once } from 'node:events'
import net, { createServer, type AddressInfo, type Socket, type TcpNetConnectOpts } from 'node:net'
import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { openData, type OpenedData } from '../../../lib/wire/data/data.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'
import type { Session } from '../../../lib/wire/session/session.js'
import type { Script } from '../../support/scripted-server.js'
import { bare, knownGreeting, scriptedSession, short } from '../scripted-session.js'

const commands = [command('LIST')]
/** Opens a data connection, which the test closes. */
async function opened(t: Test, session: Session, along = [] as Parameters<typeof openData>[1]['along']) {
  const { data, asked } = (await openData(session, { along: along ?? [], commands })) as OpenedData
  t.teardown(() => data.destroy())
  return { socket: await data.ready, data, asked }
}
/** A passive port, and the sockets that connect to it. */
async function passivePort(t: Test) {
  const sockets: Socket[] = []
  const listener = createServer(socket => sockets.push(socket.on('error', () => {})))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => {
    listener.close()
    sockets.forEach(socket => socket.destroy())
  })
  return { listener, sockets, port: (listener.address() as AddressInfo).port }
}
/**
 * The sockets of connections to port 9, which never open: on loopback every port answers at once.
 */
function silentPort(t: Test): Socket[] {
  const silent: Socket[] = []
  const { connect } = net
  t.capture(net, 'connect', (options: TcpNetConnectOpts) =>
    options.port === 9 ? silent[silent.push(new net.Socket()) - 1]! : connect(options),
  )
  return silent
}
const passive = (port: number): Script => ({ on: { EPSV: ctx => ctx.reply(`229 Go (|||${port}|)`) } })

await t.test('EPSV opens it, in one flight with the commands before it', async t => {
  const { session, flightsSince } = await scriptedSession(t, { files: { '/a': 'abc' } })
  const { socket, asked } = await opened(t, session, [command('SIZE', '/a'), command('MDTM', '/b')])
  t.same(
    asked!.map(({ code }) => code),
    [213, 550],
  )
  t.match(socket, { remoteAddress: '127.0.0.1', destroyed: false })
  t.same(flightsSince(), [['SIZE /a', 'MDTM /b', 'EPSV']])
})

await t.test('the delimiter of a 229 may be another', async t => {
  const { port } = await passivePort(t)
  const { session } = await scriptedSession(t, { on: { EPSV: ctx => ctx.reply(`229 Go (!!!${port}!)`) } })
  t.equal((await opened(t, session)).socket.remotePort, port)
})

await t.test('PASV, if EPSV is refused', async t => {
  await t.test('because it is unknown: that is remembered the second time', async t => {
    for (const code of [500, 501, 502, 504, 522]) {
      const script = { on: { EPSV: (ctx: { reply(text: string): void }) => ctx.reply(`${code} No`) } }
      const { session, since, profile } = await scriptedSession(t, script)
      await opened(t, session)
      await opened(t, session)
      await opened(t, session, [command('NOOP')])
      t.same(since(), ['EPSV', 'PASV', 'EPSV', 'PASV', 'NOOP', 'PASV'])
      t.ok(profile.can.epsv.failed)
    }
  })

  await t.test('for another reason: EPSV is tried again', async t => {
    const { session, since } = await scriptedSession(t, {
      on: { EPSV: ctx => (ctx.n === 1 ? ctx.reply('425 Not now') : ctx.next()) },
    })
    await opened(t, session)
    await opened(t, session)
    t.same(since(), ['EPSV', 'PASV', 'EPSV'])
  })

  await t.test('the address in its reply is not used', async t => {
    const { session } = await scriptedSession(t, { epsv: 'refused', pasvAddress: '192.0.2.1' })
    t.equal((await opened(t, session)).socket.remoteAddress, '127.0.0.1')
  })

  await t.test('the address may lack parentheses', async t => {
    const { port } = await passivePort(t)
    const { session } = await scriptedSession(t, {
      epsv: 'refused',
      on: { PASV: ctx => ctx.reply(`227 Entering Passive Mode. 10,0,0,1,${port >> 8},${port & 255}`) },
    })
    t.equal((await opened(t, session)).socket.remotePort, port)
  })
})

await t.test('no passive data connection is a clear error, and the session stays usable', async t => {
  for (const [epsv, pasv, told] of [
    ['500 No EPSV', '502 No PASV', '502 No PASV'],
    ['229 Go (|||0|)', '502 No PASV', '502 No PASV'],
    ['229 Go (|||65536|)', '502 No PASV', '502 No PASV'],
    ['229 Go', '502 No PASV', '502 No PASV'],
    ['500 No', '227 Go (1,2,3,4,256,1)', '227 Go (1,2,3,4,256,1)'],
    ['500 No', '227 Go', '227 Go'],
  ] as const) {
    const { session } = await scriptedSession(t, {
      on: { EPSV: ctx => ctx.reply(epsv), PASV: ctx => ctx.reply(pasv) },
    })
    await t.rejects(openData(session, { commands }), {
      code: 'ERR_FTP_DATA_CONNECTION',
      message: `The server opens no passive data connection: ${told}`,
      cause: { name: 'FtpReplyError', code: Number(told.slice(0, 3)) },
    })
    t.ok(session.usable)
  }
})

await t.test('a refusal of the judge ends it before anything is opened', async t => {
  const { session, since, server } = await scriptedSession(t)
  const judge = (asked: Reply[]) => asked.find(({ code }) => code >= 400)
  const refusal = await openData(session, { along: [command('CWD', '/missing')], judge, commands })
  t.match(refusal, { code: 550 })
  server.on['EPSV'] = ctx => ctx.reply('500 No')
  t.match(await openData(session, { along: [command('CWD', '/missing')], judge, commands }), { code: 550 })
  t.same(since(), ['CWD /missing', 'EPSV', 'CWD /missing', 'EPSV'])
  const changed = new Error('changed')
  const angry = () => {
    throw changed
  }
  await t.rejects(openData(session, { judge: angry, commands }), changed)
  t.ok(session.usable)
})

await t.test('with bare names, it first enters their folder', async t => {
  const { session, since } = await scriptedSession(t, { files: { '/a/1': '1' } })
  const along = [bare('SIZE', '/a/1')]
  const { data } = (await openData(session, { along, commands: [bare('RETR', '/a/1')] })) as OpenedData
  data.destroy()
  t.same(since(), ['CWD /a', 'PWD', 'SIZE 1', 'EPSV'])
  const refusal = await openData(session, { along: [], commands: [bare('STOR', '/b/1')] })
  t.match(refusal, { code: 550 })
  t.same(since(), ['CWD /b'])
})

await t.test('a port that', async t => {
  const epsv = { dataConnectionType: 'EPSV' } as const

  await t.test('does not answer is tried with EPSV and PASV within shortTimeout', async t => {
    const silent = silentPort(t)
    const on: Script['on'] = { ...passive(9).on, PASV: ctx => ctx.reply('227 Go (127,0,0,1,0,9)') }
    const { session, since } = await scriptedSession(t, { on }, { shortTimeout: short })
    await t.rejects(openData(session, { commands }), {
      code: 'ERR_FTP_DATA_CONNECTION',
      message: `The data connection to port 9 was not open within ${short / 2} ms; does a firewall block it?`,
    })
    t.same(since(), ['EPSV', 'PASV'])
    t.ok(silent.every(({ destroyed }) => destroyed))
  })

  await t.test('does not answer is an error within shortTimeout', async t => {
    const silent = silentPort(t)
    const { session } = await scriptedSession(t, passive(9), { ...epsv, shortTimeout: short })
    await t.rejects(openData(session, { commands }), {
      code: 'ERR_FTP_DATA_CONNECTION',
      message: `The data connection to port 9 was not open within ${short} ms; does a firewall block it?`,
    })
    t.ok(silent[0]!.destroyed)
    t.ok(session.usable, 'every reply has been read')

    const closed = (await scriptedSession(t, passive(9), epsv)).session
    const waiting = openData(closed, { commands })
    while (silent.length < 2) await new Promise(resolve => setImmediate(resolve))
    closed.close()
    await t.rejects(waiting, { code: 'ERR_FTP_CONNECTION_LOST', message: 'The session was closed' })
    t.ok(silent[1]!.destroyed)
  })

  await t.test('is slow does not delay the command on a known server that was reached before', async t => {
    const { session, profile } = await scriptedSession(
      t,
      { greeting: knownGreeting, ...passive(9) },
      { ...epsv, shortTimeout: short },
    )
    const silent = silentPort(t)
    await t.rejects(openData(session, { commands }), { code: 'ERR_FTP_DATA_CONNECTION' })
    t.ok(session.usable, 'nothing was sent')
    profile.reachable = true
    const { data } = (await openData(session, { commands })) as OpenedData
    // The server waits for the connection, and replies nothing meanwhile.
    await t.rejects(data.ready, { code: 'ERR_FTP_DATA_CONNECTION' })
    t.notOk(profile.reachable, 'the next connection delays the command')
    t.equal(silent.length, 2)
  })

  await t.test('refuses', async t => {
    const { listener, port } = await passivePort(t)
    const { session } = await scriptedSession(t, passive(port), epsv)
    // Only now, so that no other process gets the port.
    await new Promise(resolve => listener.close(resolve))
    await t.rejects(openData(session, { commands }), {
      code: 'ERR_FTP_CONNECTION_LOST',
      message: new RegExp(`The data connection to port ${port} failed: connect ECONNREFUSED`),
      cause: { code: 'ECONNREFUSED' },
    })
    t.ok(session.usable, 'every reply has been read')
  })
})

await t.test('it ends with its session, if that is closed from here', async t => {
  const { session } = await scriptedSession(t)
  const { data } = await opened(t, session)
  session.close()
  await data.closed
  t.match(data.failure, { message: 'The session was closed' })
})

await t.test('a reset before any listener is attached does no harm', async t => {
  const { sockets, port } = await passivePort(t)
  const { session } = await scriptedSession(t, passive(port))
  const { socket } = await opened(t, session)
  while (sockets.length === 0) await new Promise(resolve => setImmediate(resolve))
  socket.resume()
  sockets[0]!.resetAndDestroy()
  await new Promise(resolve => socket.once('close', resolve))
  t.match(socket.errored, { code: 'ECONNRESET' })
  t.ok(session.usable)
})
