import { once } from 'node:events'
import net from 'node:net'
import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { openData, type OpenedData } from '../../../lib/wire/data/data.js'
import { Log } from '../../../lib/wire/log.js'
import type { Session, SessionOptions } from '../../../lib/wire/session/session.js'
import type { Handler, Script } from '../../support/scripted-server.js'
import { scriptedSession } from '../scripted-session.js'

type Type = SessionOptions['dataConnectionType']

/** A session with options for data connections, and a function that opens one. */
async function sessionWith(t: Test, dataConnectionType: Type, script: Script = {}, host = '127.0.0.1') {
  const given = await scriptedSession(t, { host, ...script }, { dataConnectionType, host })
  /** The port of a data connection, and the commands that set it up. */
  const opened = async (line = command('LIST')): Promise<[address: string | undefined, said: string[]]> => {
    const { data } = (await openData(given.session, { commands: [line] })) as OpenedData
    const { remoteAddress } = await data.ready
    data.destroy()
    return [remoteAddress, given.since()]
  }
  return { ...given, opened }
}
const open = (session: Session) => openData(session, { commands: [command('LIST')] })
async function closedPort(): Promise<number> {
  const listener = net.createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as net.AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}
const refuses =
  (code: number): Handler =>
  ctx =>
    ctx.reply(`${code} No`)

for (const type of ['PASV', 'PASVEX', 'PASVUSE'] as const) {
  await t.test(`${type} sends PASV, and never EPSV`, async t => {
    const { opened } = await sessionWith(t, type)
    t.same(await opened(), ['127.0.0.1', ['PASV']])
    const refused = await sessionWith(t, type, { on: { PASV: refuses(502) } })
    await t.rejects(open(refused.session), { code: 'ERR_FTP_DATA_CONNECTION', cause: { code: 502 } })
    t.same(refused.since(), ['PASV'])
    t.ok(refused.session.usable)
  })
}

await t.test('EPSV sends EPSV, and never PASV', async t => {
  const { opened } = await sessionWith(t, 'EPSV')
  t.same(await opened(), ['127.0.0.1', ['EPSV']])
  for (const code of [425, 500, 502, 522]) {
    const refused = await sessionWith(t, 'EPSV', { on: { EPSV: refuses(code) } })
    await t.rejects(open(refused.session), { code: 'ERR_FTP_DATA_CONNECTION', cause: { code } })
    t.same(refused.since(), ['EPSV'])
    t.ok(refused.session.usable)
    t.ok(refused.profile.can.epsv.usable)
  }
})

await t.test('AutoPassive sends PASV if EPSV is unknown, and remembers that the second time', async t => {
  const { opened } = await sessionWith(t, 'AutoPassive', { epsv: 'refused' })
  for (let n = 0; n < 2; n++) t.same(await opened(), ['127.0.0.1', ['EPSV', 'PASV']])
  t.same(await opened(), ['127.0.0.1', ['PASV']])
})

await t.test('AutoPassive falls back to PASV if the reply to EPSV names no port', async t => {
  for (const reply of ['202 EPSV not needed', '229 Entering Extended Passive Mode', '229 (|||0|)']) {
    const { opened } = await sessionWith(t, 'AutoPassive', { on: { EPSV: ctx => ctx.reply(reply) } })
    t.same(await opened(), ['127.0.0.1', ['EPSV', 'PASV']], reply)
  }
})

await t.test('AutoPassive falls back to PASV if EPSV leads to no connection', async t => {
  const port = await closedPort()
  const elsewhere: Handler = ctx => ctx.reply(`229 Entering Extended Passive Mode (|||${port}|)`)
  const { opened, profile, session } = await sessionWith(t, 'AutoPassive', { on: { EPSV: elsewhere } })
  t.same((await opened())[1], ['EPSV', 'PASV'])
  t.same((await opened())[1], ['EPSV', 'PASV'], 'once is no rule')
  t.same((await opened())[1], ['PASV'])
  t.ok(profile.can.epsv.failed)
  t.ok(session.usable)

  const neither = await sessionWith(t, 'AutoPassive', { on: { EPSV: elsewhere, PASV: refuses(502) } })
  await t.rejects(neither.opened(), { code: 'ERR_FTP_DATA_CONNECTION', cause: { code: 502 } })
  const alone = await sessionWith(t, 'EPSV', { on: { EPSV: elsewhere } })
  await t.rejects(alone.opened(), { code: 'ERR_FTP_CONNECTION_LOST' })
  t.same(alone.since(), ['EPSV'])
})

await t.test('the forms of a port', async t => {
  const forms: [reply: (port: number) => string, command: string][] = [
    [port => `227 Entering Passive Mode (127, 0, 0, 1, ${port >> 8}, ${port & 255})`, 'PASV'],
    [port => `227 Entering Passive Mode 127,0,0,1,${port >> 8},${port & 255}`, 'PASV'],
    [port => `227 =127,0,0,1,${port >> 8},${port & 255}`, 'PASV'],
    [port => `229 Extended (|||${port}|)`, 'PASV'],
    [port => `229 Extended (!!!${port}!)`, 'EPSV'],
    [port => `227 Passive (127,0,0,1,${port >> 8},${port & 255})`, 'EPSV'],
  ]
  const listener = net.createServer(socket => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => listener.close())
  const { port } = listener.address() as net.AddressInfo
  for (const [reply, verb] of forms) {
    const { opened } = await sessionWith(t, verb as Type, { on: { [verb]: ctx => ctx.reply(reply(port)) } })
    t.same(await opened(), ['127.0.0.1', [verb]], reply(port))
  }
})

await t.test('IPv6 has no PASV: every type sends EPSV', async t => {
  for (const type of ['AutoPassive', 'EPSV', 'PASV', 'PASVEX', 'PASVUSE'] as const) {
    const { opened } = await sessionWith(t, type, {}, '::1')
    t.same(await opened(), ['::1', ['EPSV']], type)
    const refused = await sessionWith(t, type, { epsv: 'refused' }, '::1')
    await t.rejects(open(refused.session), { code: 'ERR_FTP_DATA_CONNECTION' })
    t.same(refused.since(), ['EPSV'])
  }
})

await t.test('the address in the reply to PASV', async t => {
  await t.test('is not used: data goes to the control host, as the log says once', async t => {
    for (const type of ['AutoPassive', 'PASV', 'PASVEX'] as const) {
      const noted = t.capture(Log.prototype, 'note')
      const { opened, logIn } = await sessionWith(t, type, { epsv: 'refused', pasvAddress: '192.0.2.7' })
      for (let round = 0; round < 3; round++) t.equal((await opened())[0], '127.0.0.1')
      const another = await logIn()
      const { data } = (await openData(another, { commands: [command('LIST')] })) as OpenedData
      data.destroy()
      t.match(
        noted().map(({ args: [, text] }) => text),
        [/^PASV named 192\.0\.2\.7: data connections go to the host of the control connection/],
      )
    }
  })

  await t.test('is usually that of the control connection: nothing is logged', async t => {
    const noted = t.capture(Log.prototype, 'note')
    for (const type of ['PASV', 'PASVUSE'] as const) await (await sessionWith(t, type)).opened()
    t.same(noted(), [])
  })

  await t.test('is used with PASVUSE', async t => {
    const { opened, server } = await sessionWith(t, 'PASVUSE', { pasvAddress: '127.0.0.2' })
    // Nothing listens there: only this address is tried.
    await t.rejects(opened(), { message: /ECONNREFUSED 127\.0\.0\.2:/ })
    t.ok(server.openControl, 'the session stays open')
  })

  await t.test('is ignored if it is 0.0.0.0: PASVUSE uses the host of the control connection', async t => {
    const { opened } = await sessionWith(t, 'PASVUSE', { pasvAddress: '0.0.0.0' })
    t.equal((await opened())[0], '127.0.0.1')
  })
})

await t.test('PRET precedes PASV if FEAT names it: DrFTPD must know the file', async t => {
  const features = ['PRET', 'EPSV', 'UTF8']
  const on: Record<string, Handler> = { PRET: ctx => ctx.reply('200 OK') }
  const files = { '/d/a': 'abc' }
  const { opened } = await sessionWith(t, 'PASV', { features, on, files })
  t.same((await opened(command('RETR', '/d/a')))[1], ['PRET RETR /d/a', 'PASV'])
  t.same((await opened())[1], ['PRET LIST', 'PASV'])

  const refused = await sessionWith(t, 'AutoPassive', { features, on, files, epsv: 'refused' })
  t.same((await refused.opened(command('RETR', '/d/a')))[1], ['EPSV', 'PRET RETR /d/a', 'PASV'])

  const no: Record<string, Handler> = { PRET: ctx => ctx.reply('550 No such file'), PASV: refuses(500) }
  const missing = await sessionWith(t, 'PASV', { features, on: no })
  await t.rejects(missing.opened(), { code: 'ERR_FTP_DATA_CONNECTION', cause: { code: 500 } })
  t.ok(missing.session.usable)

  const without = await sessionWith(t, 'PASV', { features: ['UTF8'] })
  t.same((await without.opened())[1], ['PASV'])
})
