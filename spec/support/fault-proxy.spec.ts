import { connect, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { FaultProxy } from './fault-proxy.js'
import { firstMessage, type Fault } from './faults.js'
import { close, listen, portOf } from './port-range.js'
import { until } from './until.js'

/** The far side: it replies to an upload when that has ended, and remembers how it ended. */
class Sink implements AsyncDisposable {
  received = ''
  ends: ('FIN' | 'RST')[] = []
  /** What it sends to those who send nothing. */
  content = ''
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<Socket>()

  constructor(
    readonly control: Server,
    readonly passive: Server,
  ) {
    const sessions = this.#sessions
    control.on('connection', session => {
      this.#keep(session)
      sessions.add(session)
      session.on('data', line => session.write(`200 ${String(line)}`)).on('end', () => session.end())
    })
    passive.on('connection', socket => {
      this.#keep(socket)
      if (this.content) socket.end(this.content)
      socket.on('data', chunk => (this.received += String(chunk)))
      socket.on('error', () => this.ends.push('RST'))
      socket.on('end', () => {
        this.ends.push('FIN')
        socket.end()
        for (const session of sessions) session.write('226 stored\r\n213 5\r\n')
      })
    })
  }

  get port(): number {
    return portOf(this.control)
  }

  /** From here on the session greets, and replies to each line that comes. */
  async readLines(): Promise<void> {
    await until(() => this.#sessions.size > 0)
    for (const session of this.#sessions) {
      session.write('220 hello\r\n')
      const lines = createInterface(session.removeAllListeners('data'))
      lines.on('error', () => {})
      lines.on('line', line => session.write(`200 ${line}\r\n`))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all([this.control, this.passive].map(close))
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket.on('error', () => {}))
  }
}

/** A connection of the client: what came, and how it ended. */
class Half {
  received = ''
  readonly ended: Promise<'FIN' | 'RST'>

  constructor(readonly socket: Socket) {
    socket.on('data', chunk => (this.received += String(chunk)))
    this.ended = new Promise(resolve => {
      socket.on('error', () => resolve('RST')).on('end', () => resolve('FIN'))
    })
  }

  static to(port: number, host: string): Promise<Half> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, allowHalfOpen: true }, () => resolve(new Half(socket)))
      socket.once('error', reject)
    })
  }
}

async function stage(t: Test, fault?: Fault) {
  let passivePort = 0
  const proxy = await FaultProxy.start(async ([port]) => {
    passivePort = port!
    return new Sink(await listen('127.0.0.1'), await listen('127.0.0.1', port))
  })
  t.teardown(() => proxy[Symbol.asyncDispose]())
  if (fault) proxy.cut(fault)
  const control = await Half.to(proxy.port, proxy.host)
  const upload = () => Half.to(passivePort, proxy.host)
  return { proxy, sink: proxy.server, control, upload }
}

void t.test('nothing is changed on the way, and connections are counted', async t => {
  const { proxy, sink, control, upload } = await stage(t)
  control.socket.write('NOOP\r\n')
  const data = await upload()
  data.socket.write('ab')
  data.socket.end('cde')
  t.equal(await data.ended, 'FIN')
  await until(() => control.received.endsWith('213 5\r\n'))
  t.equal(control.received, '200 NOOP\r\n226 stored\r\n213 5\r\n')
  t.equal(sink.received, 'abcde')
  t.same(sink.ends, ['FIN'])
  control.socket.end()
  t.equal(await control.ended, 'FIN')
  t.match(proxy, { cuts: 0, controlConnections: 1, dataConnections: 1 })
})

const both = { data: 'RST', control: 'RST', ends: ['RST'], replies: '' }
const cases: [fault: Fault, received: string, outcome: object][] = [
  [{ at: 'byte', byte: 0 }, '', both],
  [{ at: 'byte', byte: 3 }, 'abc', both],
  [{ at: 'byte', byte: 5 }, 'abcde', both],
  [{ at: 'byte', byte: 3, how: 'end' }, 'abc', { data: 'FIN', control: 'FIN', ends: ['FIN'] }],
  [{ at: 'byte', byte: 3, what: 'data' }, 'abc', { data: 'RST', ends: ['RST'] }],
  [{ at: 'byte', byte: 3, what: 'control' }, 'abcde', { control: 'RST', data: 'FIN', ends: ['FIN'] }],
  [{ at: 'fin' }, 'abcde', both],
  [{ at: 'fin', what: 'data' }, 'abcde', { data: 'RST', ends: ['RST'] }],
  [{ at: 'reply' }, 'abcde', { control: 'RST', replies: '', ends: ['FIN'] }],
  [{ at: 'question' }, 'abcde', { control: 'RST', replies: '226 stored\r\n', ends: ['FIN'] }],
]

for (const [fault, received, outcome] of cases) {
  const { at, how = 'reset', what = 'both' } = fault
  const place = at === 'byte' ? `byte ${fault.byte}` : at
  void t.test(`cuts ${what} at ${place} by ${how}`, async t => {
    const { proxy, sink, control, upload } = await stage(t, fault)
    const data = await upload()
    data.socket.end('abcde')
    const seen: Record<string, unknown> = {}
    if ('data' in outcome) seen['data'] = await data.ended
    if ('control' in outcome) seen['control'] = await control.ended
    await until(() => sink.ends.length > 0)
    t.match({ ...seen, replies: control.received, ends: sink.ends }, outcome)
    t.equal(sink.received, received)
    t.equal(proxy.cuts, 1)
    if (!('control' in outcome)) t.equal(control.socket.readyState, 'open')
  })
}

void t.test('the first message of a chunk is a whole reply, or a TLS record', async t => {
  t.equal(firstMessage(Buffer.from('226 stored\r\n213 5\r\n')), 12)
  t.equal(firstMessage(Buffer.from('226-stored\r\n226 in 1 s\r\n213 5\r\n')), 24)
  t.equal(firstMessage(Buffer.from('226-stored\r\n')), 12)
  t.equal(firstMessage(Buffer.from([0x17, 3, 3, 0, 2, 0x0a, 0x0a, 0x17, 3, 3, 0, 1, 0])), 7)
  t.equal(firstMessage(Buffer.from([0x17, 3, 3, 0, 200, 0])), 6)
})

void t.test('what is held leaves the client, and is lost', async t => {
  const { sink, upload } = await stage(t, { at: 'byte', byte: 10, hold: true })
  const data = await upload()
  const sent = new Promise<void>((resolve, reject) => {
    data.socket.end(Buffer.alloc(50_000, 'x'), () => resolve())
    data.socket.once('error', reject)
  })
  await sent
  t.equal(await data.ended, 'RST')
  await until(() => sink.ends.length > 0)
  t.equal(sink.received, 'x'.repeat(10))
})

void t.test('a fault is made as many times as it says, and the uploads behind it go through', async t => {
  const { proxy, sink, control, upload } = await stage(t, { at: 'byte', byte: 1, what: 'data', times: 2 })
  for (const expected of ['RST', 'RST', 'FIN']) {
    const data = await upload()
    data.socket.end('abc')
    t.equal(await data.ended, expected)
  }
  t.equal(sink.received, 'aaabc')
  t.equal(proxy.cuts, 2)
  t.equal(control.socket.readyState, 'open')
})

void t.test('what carries less than an upload does meets no fault at its end', async t => {
  const { proxy, upload } = await stage(t, { at: 'fin', min: 4 })
  const hello = await upload()
  hello.socket.end('abc')
  t.equal(await hello.ended, 'FIN')
  const data = await upload()
  data.socket.end('abcd')
  t.equal(await data.ended, 'RST')
  t.equal(proxy.cuts, 1)
})

void t.test('a fault of the replies is none of the data connection', async t => {
  const { proxy } = await stage(t)
  t.throws(() => proxy.cut({ at: 'reply', what: 'data' }), TypeError)
})

void t.test('reset() forgets the faults, and resets what is open', async t => {
  const { proxy, sink, control, upload } = await stage(t, { at: 'byte', byte: 1 })
  await upload()
  await proxy.reset()
  t.equal(await control.ended, 'RST')
  const data = await upload()
  data.socket.end('abc')
  t.equal(await data.ended, 'FIN')
  t.equal(sink.received, 'abc')
  t.equal(proxy.cuts, 0)
})

// What the far side says by itself, and in reply to the lines that it gets.
const dialogs: [fault: Fault, replies: string, end: 'RST' | 'FIN' | 'open'][] = [
  [{ at: 'command', what: 'one' }, '', 'RST'],
  [{ at: 'command', what: 'one', skip: 1 }, '200 A\r\n', 'RST'],
  [{ at: 'command', line: /^B/, what: 'one', how: 'end' }, '200 A\r\n', 'FIN'],
  [
    { at: 'command', line: /^B/, how: 'say' },
    '200 A\r\n421 Service not available, closing control connection\r\n',
    'FIN',
  ],
  [{ at: 'command', line: /^D/, how: 'say' }, '200 A\r\n200 B\r\n200 C\r\n', 'open'],
  [{ at: 'answer', line: /^B/, what: 'one' }, '200 A\r\n', 'RST'],
  [{ at: 'answer', line: /^C/, how: 'say', reply: '421 Bye' }, '200 A\r\n200 B\r\n421 Bye\r\n', 'FIN'],
  [{ at: 'answer', line: /^B/, what: 'one', how: 'stall', time: 20 }, '200 A\r\n200 B\r\n200 C\r\n', 'open'],
  [{ at: 'answer', line: /^B/, what: 'one', how: 'silence', time: 50 }, '200 A\r\n', 'RST'],
  [{ at: 'byte', on: 'control', byte: 1, what: 'one' }, '', 'RST'],
  [{ at: 'byte', on: 'control', byte: 4, what: 'one' }, '200 A\r\n', 'RST'],
  [{ at: 'byte', on: 'control', way: 'down', byte: 9, what: 'one' }, '200 A\r\n20', 'RST'],
  [
    { at: 'byte', on: 'control', way: 'down', byte: 9, what: 'one', how: 'stall' },
    '200 A\r\n200 B\r\n200 C\r\n',
    'open',
  ],
]

for (const [fault, replies, end] of dialogs) {
  const { at, how = 'reset', ...more } = fault
  void t.test(`makes ${how} at a ${at} of a dialog: ${inspect(more)}`, async t => {
    const { proxy, control } = await stage(t)
    await proxy.server.readLines()
    control.socket.write('NOOP\r\n')
    await until(() => control.received.endsWith('200 NOOP\r\n'))
    const before = control.received.length
    proxy.cut(fault)
    control.socket.write('A\r\nB\r\n')
    control.socket.write('C\r\n')
    if (end === 'open') await until(() => control.received.slice(before).length >= replies.length)
    else t.equal(await control.ended, end)
    t.equal(control.received.slice(before), replies)
  })
}

void t.test('cuts a download as it does an upload', async t => {
  const { proxy, sink, upload } = await stage(t, { at: 'byte', byte: 3, way: 'down', what: 'data' })
  sink.content = 'abcdef'
  const data = await upload()
  t.equal(await data.ended, 'RST')
  t.equal(data.received, 'abc')
  proxy.cut({ at: 'fin', way: 'down', what: 'one' })
  const again = await upload()
  t.equal(await again.ended, 'RST')
  t.equal(again.received, 'abcdef')
  t.equal(proxy.cuts, 2)
})

void t.test('does not cut behind the end of a line where that is not wanted', async t => {
  const fault: Fault = { at: 'byte', byte: 3, way: 'down', what: 'data', how: 'end', within: true }
  const { sink, upload } = await stage(t, fault)
  sink.content = 'ab\ncd\n'
  const data = await upload()
  t.equal(await data.ended, 'FIN')
  t.equal(data.received, 'ab')
})

void t.test('who connects is turned away', async t => {
  const { proxy, upload } = await stage(t)
  proxy.cut({ at: 'connect', on: 'control' })
  // A reset may come before the client has seen that it is connected.
  const turnedAway = async (half: Promise<Half>) => half.then(({ ended }) => ended).catch(() => 'RST')
  t.equal(await turnedAway(Half.to(proxy.port, proxy.host)), 'RST')
  proxy.cut({ at: 'connect', on: 'control', how: 'say', reply: '421 Full', lasts: 20 })
  const full = await Half.to(proxy.port, proxy.host)
  t.equal(await full.ended, 'FIN')
  t.equal(full.received, '421 Full\r\n')
  proxy.cut({ at: 'connect', on: 'data', how: 'silence', time: 20 })
  t.equal(await (await upload()).ended, 'RST')
  const data = await upload()
  data.socket.end('abc')
  t.equal(await data.ended, 'FIN')
})

void t.test('for a while nobody listens', async t => {
  const { proxy, upload } = await stage(t)
  const over = proxy.refuse('data', 50)
  const refused = await upload().catch((error: NodeJS.ErrnoException) => error.code)
  t.equal(refused, 'ECONNREFUSED')
  await over
  const data = await upload()
  data.socket.end('abc')
  t.equal(await data.ended, 'FIN')
})
