import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { FTPContext } from 'basic-ftp'
import t from 'tap'

// What lib/wire/session/control-connection.ts relies on in basic-ftp, tried on FTPContext itself.
const adapter = 'lib/wire/session/control-connection.ts'
const range = '~6.2.3'
const protectedMembers = ['_onControlSocketData', '_passToHandler']
const publicMembers = ['socket', 'hasTLS', 'handle', 'send', 'closeWithError']

const text = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const { version } = createRequire(import.meta.url)('basic-ftp/package.json') as { version: string }
const changed = (member: string): string =>
  `basic-ftp ${version}: ${member} is not what ${adapter} relies on. Read its FtpContext.js before the update`

/** An FTPContext whose socket notes what is written and connects to nothing. */
class Context extends FTPContext {
  readonly chunks: unknown[] = []
  readonly sent: string[] = []

  constructor() {
    super(0, 'latin1')
    this.socket = this.noted()
  }

  noted(): Socket {
    const socket = new Socket()
    socket._write = (chunk: Buffer, _, done) => (this.sent.push(chunk.toString('latin1')), done())
    return socket
  }

  pass(response: unknown): void {
    this._passToHandler(response as Error)
  }

  protected override _onControlSocketData(chunk: string): void {
    this.chunks.push(chunk)
  }
}

void t.test(`package.json has ${range}, and such a version is installed`, async t => {
  const { dependencies } = JSON.parse(text('package.json')) as { dependencies: Record<string, string> }
  t.equal(
    dependencies['basic-ftp'],
    range,
    `another range needs another look at ${adapter}, and at this spec`,
  )
  const [major, minor, patch] = version.split('.').map(Number)
  t.ok(
    major === 6 && minor === 2 && patch! >= 3,
    `basic-ftp ${version} is not ${range}: read ${adapter} anew`,
  )
})

void t.test('the adapter uses these protected members, and no other', async t => {
  const used = new Set([...text(adapter).matchAll(/\b_\w+/g)].map(([member]) => member))
  t.same([...used].sort(), protectedMembers, 'each one is tried below')
})

void t.test('each member is there', async t => {
  const context = new Context()
  for (const member of [...protectedMembers, ...publicMembers]) t.ok(member in context, changed(member))
})

void t.test('_onControlSocketData gets every chunk as a latin1 string, from no other listener', async t => {
  const context = new Context()
  t.equal(context.socket.readableEncoding, 'latin1', changed('the constructor'))
  t.equal(context.socket.listenerCount('data'), 1, changed('socket'))
  context.socket.emit('data', '220 caf\xe9\r\n')
  t.same(context.chunks, ['220 caf\xe9\r\n'], changed('_onControlSocketData'))
})

void t.test('_passToHandler hands replies to the handler until the task settles', async t => {
  const context = new Context()
  const seen: unknown[] = []
  const task = context.handle(undefined, (response, { resolve }) => {
    seen.push(response)
    if (seen.length === 2) resolve('done')
  })
  for (const code of [150, 226, 421]) context.pass({ code, lines: [] })
  t.equal(await task, 'done', changed('handle'))
  t.same(
    seen,
    [150, 226].map(code => ({ code, lines: [] })),
    changed('_passToHandler'),
  )
})

void t.test('_passToHandler ends the connection with what a handler throws', async t => {
  const context = new Context()
  const fault = new Error('thrown by a handler')
  const task = context.handle(undefined, () => {
    throw fault
  })
  context.pass({ code: 200 })
  await t.rejects(task, fault, changed('_passToHandler'))
  t.equal(context.socket.destroyed, true, changed('closeWithError'))
})

void t.test('send ends a line, and refuses a line in a line', async t => {
  const context = new Context()
  context.send('SIZE /a\xff')
  t.same(context.sent, ['SIZE /a\xff\r\n'], changed('send'))
  for (const end of ['\r', '\n', '\0']) t.throws(() => context.send(`SIZE /a${end}DELE /b`), changed('send'))
  t.equal(context.sent.length, 1, changed('send'))
})

void t.test('what ends the connection comes to closeWithError, and the task learns of it', async t => {
  for (const [event, argument] of [
    ['end', undefined],
    ['close', false],
    ['error', new Error('reset')],
  ] as const) {
    const context = new Context()
    const ends: Error[] = []
    const { closeWithError } = context
    context.closeWithError = reason => (ends.push(reason), closeWithError.call(context, reason))
    const task = context.handle(undefined, (response, { reject }) => reject(response as Error))
    context.socket.emit(event, argument)
    const [reason] = ends
    t.ok(reason, changed(`closeWithError at '${event}'`))
    await t.rejects(task, reason!, changed('handle'))
    t.same(context.sent, ['QUIT\r\n'], changed('closeWithError'))
  }
})

void t.test('a closed connection refuses a task', async t => {
  const context = new Context()
  context.closeWithError(new Error('the reason'))
  const task = context.handle(undefined, (response, { reject }) => reject(response as Error))
  await t.rejects(task, /the reason/, changed('handle'))
})

void t.test('a socket that takes over leaves the old one open, and without listeners', async t => {
  const context = new Context()
  const before = context.socket
  // Neither is connected: both have the same local port, as a socket and TLS over it do.
  const secured = context.noted()
  context.socket = secured
  t.equal(before.destroyed, false, changed('socket'))
  t.equal(before.listenerCount('data'), 0, changed('socket'))
  secured.emit('data', '200 ok\r\n')
  t.same(context.chunks, ['200 ok\r\n'], changed('socket'))
})
