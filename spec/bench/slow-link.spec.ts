import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { SlowLink, slowLinkMissing } from '../../bench/support/slow-link.js'

const reason = await slowLinkMissing()
const options = reason === undefined ? {} : { skip: reason }
const named = (name: string) => (reason === undefined ? name : `${name}: ${reason}`)

const env = { ...process.env, NODE_OPTIONS: '', _TAPJS_PROCESSINFO_COVERAGE_: '0', NODE_V8_COVERAGE: '' }

/** Runs a script of Node on one side; it knows the server's address as `host`. */
function runOn(link: SlowLink, side: 'client' | 'server', script: string) {
  const [command = '', ...args] = [...link[side], process.execPath]
  const source = `const net = require('node:net'), host = '${link.host}';${script}`
  return spawn(command, [...args, '-e', source], { stdio: ['ignore', 'pipe', 'inherit'], env })
}

/** What the script on the client's side prints. */
function asked(link: SlowLink, script: string): Promise<string> {
  return text(runOn(link, 'client', script).stdout)
}

/** A server that answers each connection: what it got is sent back, and `bytes` before. */
async function serve(t: Test, link: SlowLink, bytes: number): Promise<number> {
  const server = runOn(
    link,
    'server',
    `const server = net.createServer({ allowHalfOpen: true }, socket => {
      socket.on('error', () => {}).write(Buffer.alloc(${bytes}))
      socket.pipe(socket)
    }).listen(0, host, () => console.log(server.address().port))`,
  )
  t.teardown(() => server.kill())
  const [port] = (await once(server.stdout, 'data')) as [Buffer]
  return Number(port)
}

const download = (port: number) => `
  let count = 0
  net.connect(${port}, host).on('data', chunk => { count += chunk.length }).on('end', () => console.log(count)).end()`

const pidOf = (link: SlowLink) => Number(/proc\/(\d+)/.exec(link.client[1]!)![1])

async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}/ns/net`)) await sleep(20)
}

t.test(named('bytes pass both ways, and are counted'), options, async t => {
  await using link = await SlowLink.start(2)
  const port = await serve(t, link, 100_000)
  const script = `
    let count = 0
    const socket = net.connect(${port}, host).on('data', chunk => { count += chunk.length })
    socket.on('end', () => console.log(count)).end(Buffer.alloc(300_000))`
  t.equal(await asked(link, script), '400000\n')
  const { connections, bytesUp, bytesDown } = await link.counts()
  t.equal(connections, 1)
  t.ok(bytesUp >= 300_000, `${bytesUp} up`)
  t.ok(bytesDown >= 400_000, `${bytesDown} down`)
})

t.test(named('nothing but the line joins the two sides, and neither is the outside'), options, async t => {
  await using link = await SlowLink.start(0)
  const look = `console.log(Object.values(os.networkInterfaces()).flat().map(({ address }) => address).join())`
  const [client, server] = ['client', 'server'].map(side =>
    text(runOn(link, side as 'client', `const os = require('node:os');${look}`).stdout),
  )
  const addresses = (printed: string) =>
    printed
      .trim()
      .split(',')
      .filter(address => address.includes('.'))
  t.strictSame(addresses(await client!), ['127.0.0.1', '198.18.0.1'])
  t.strictSame(addresses(await server!), ['127.0.0.1', link.host])
})

t.test(named('a limit is for each connection'), options, async t => {
  await using link = await SlowLink.start(2)
  const port = await serve(t, link, 100_000)
  // A minute for 100,000 bytes; a connection that shared it with the first would wait for it.
  await link.limit(1600)
  const slow = runOn(link, 'client', download(port))
  t.teardown(() => slow.kill())
  await sleep(200)
  const [second] = await Promise.all([
    asked(
      link,
      `net.connect(${port}, host).once('data', chunk => { console.log(chunk.length > 0); process.exit() })`,
    ),
  ])
  t.equal(second, 'true\n')
  t.equal(slow.exitCode, null, 'the first is still under way')
  await link.limit(0)
  t.equal(await asked(link, download(port)), '100000\n')
})

t.test(named('it is gone when it is stopped'), options, async t => {
  const link = await SlowLink.start(2)
  const pid = pidOf(link)
  t.ok(existsSync(`/proc/${pid}/ns/net`))
  await link.stop()
  await gone(pid)
  const entered = runOn(link, 'client', 'process.exit(0)')
  const [code] = (await once(entered, 'exit')) as [number]
  t.not(code, 0, 'nobody can enter it')
})

t.test(named('it is gone when who started it is killed'), options, async t => {
  const source = new URL('../../bench/support/slow-link.ts', import.meta.url).href
  const script = `
    const { SlowLink } = await import('${source}')
    console.log((await SlowLink.start(2)).client[1])
    await new Promise(resolve => setTimeout(resolve, 60_000))`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  const pid = Number(/proc\/(\d+)/.exec(line.toString())![1])
  t.ok(existsSync(`/proc/${pid}/ns/net`))
  owner.kill('SIGKILL')
  await gone(pid)
})

t.test('where it cannot be had, the reason is told', async t => {
  const { PATH } = process.env
  process.env['PATH'] = '/nowhere'
  t.teardown(() => (process.env['PATH'] = PATH))
  t.match(await slowLinkMissing(), /the slow link needs|nsenter|ENOENT/)
})
