import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { startScriptedServer, type Script } from './scripted-server.js'

type Test = Pick<typeof t, 'teardown'>

/** A client that has logged in, and its port for data connections. */
async function login(test: Test, script: Script) {
  const server = await startScriptedServer({ files: { '/a': 'abc' }, ...script })
  const { host } = server
  const control = connect(server.port, host)
  const lines = createInterface({ input: control })[Symbol.asyncIterator]()
  const listener = createServer({ allowHalfOpen: true }).listen(0, host)
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  test.teardown(async () => {
    control.destroy()
    listener.close()
    await server.stop()
  })
  const reply = async () => ((await lines.next()) as { value: string }).value
  const ask = (command: string) => {
    control.write(command + '\r\n')
    return reply()
  }
  const called = async () => ((await once(listener, 'connection')) as [Socket])[0]
  await reply()
  await ask('USER u')
  await ask('PASS p')
  const numbers = `${host.replaceAll('.', ',')},${port >> 8},${port & 255}`
  const extended = `|${host.includes(':') ? 2 : 1}|${host}|${port}|`
  return { server, listener, reply, ask, called, port: `PORT ${numbers}`, eprt: `EPRT ${extended}` }
}

for (const [command, host] of [
  ['port', '127.0.0.1'],
  ['eprt', '127.0.0.1'],
  ['eprt', '::1'],
] as const) {
  void t.test(
    `${command.toUpperCase()} to ${host}: the server connects when the transfer begins`,
    async t => {
      const client = await login(t, { host })
      t.equal(await client.ask(client[command]), '200 Will connect')
      const down = client.called()
      t.equal(await client.ask('RETR a'), '150 Here it comes')
      t.equal(await text(await down), 'abc')
      t.equal(await client.reply(), '226 Transfer complete')
      t.equal(await client.ask('RETR a'), '425 Use EPSV or PASV first', 'an address counts for one transfer')

      await client.ask(client[command])
      const up = client.called()
      await client.ask('STOR b')
      ;(await up).end('0123')
      t.equal(await client.reply(), '226 Transfer complete')
      t.equal(client.server.files.get('/b')?.content.toString(), '0123')
    },
  )
}

void t.test('the last of EPSV and EPRT counts', async t => {
  const client = await login(t, {})
  await client.ask(client.eprt)
  const passive = connect(Number(/\|(\d+)\|/.exec(await client.ask('EPSV'))![1]), '127.0.0.1')
  await client.ask('RETR a')
  t.equal(await text(passive), 'abc')
  await client.reply()

  const unused = connect(Number(/\|(\d+)\|/.exec(await client.ask('EPSV'))![1]), '127.0.0.1')
  await once(unused, 'connect')
  await client.ask(client.port)
  const called = client.called()
  await client.ask('RETR a')
  t.equal(await text(await called), 'abc')
  t.equal(await text(unused), '', 'closed by the server')
})

void t.test('activeFrom: the server calls from another address', async t => {
  const client = await login(t, { activeFrom: '127.0.0.2' })
  await client.ask(client.port)
  const called = client.called()
  await client.ask('RETR a')
  t.equal((await called).remoteAddress, '127.0.0.2')
})

void t.test('nobody there', async t => {
  const client = await login(t, {})
  await client.ask(client.eprt)
  client.listener.close()
  t.equal(await client.ask('RETR a'), '425 Cannot open data connection')
  t.equal(await client.ask('NOOP'), '200 Zzz')
})

void t.test('addresses that are none', async t => {
  const { ask } = await login(t, {})
  for (const command of [
    'PORT 127,0,0,1,256,1',
    'PORT 127,0,0,1,4',
    'EPRT |2|127.0.0.1|4000|',
    'EPRT |3|x|1|',
    'EPRT',
  ]) {
    t.equal(await ask(command), '501 No such address', command)
  }
})

void t.test('refused', async t => {
  const client = await login(t, { eprt: 'refused', port: 'refused' })
  t.equal(await client.ask(client.eprt), '500 EPRT not understood')
  t.equal(await client.ask(client.port), '500 PORT not understood')
})

void t.test('on IPv6: PASV cannot tell the address', async t => {
  const { ask, server } = await login(t, { host: '::1' })
  t.equal(await ask('PASV'), '425 Use EPSV')
  t.equal(server.url, `ftp://[::1]:${server.port}`)
  const data = connect(Number(/\|(\d+)\|/.exec(await ask('EPSV'))![1]), '::1')
  await ask('RETR a')
  t.equal(await text(data), 'abc')
})
