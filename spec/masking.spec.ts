import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { FtpVfs } from '../lib/index.js'
import {
  startScriptedServer,
  type CommandContext,
  type Handler,
  type Script,
} from './support/scripted-server.js'

interface Words {
  user: string
  password: string
  account: string
  host: string
}

/** Words that no text holds by itself, of what is awkward in URLs, patterns and encodings. */
const word = (start: string) =>
  fc
    .array(
      fc.constantFrom(
        ...'qzQ7/%+ .*?$^()[]{}|\\"\'@:;,&=#-_',
        'é',
        'ß',
        '日',
        '€',
        '🐟',
        '%41',
        '\u0308',
        '\t',
      ),
      {
        minLength: 2,
        maxLength: 10,
      },
    )
    .map(rest => start + rest.join(''))

/** A word as it stands, and as URLs hold it. */
function forms(text: string): string[] {
  const percent = encodeURIComponent(text)
  const every = Buffer.from(text).toString('hex').replace(/../g, '%$&')
  const form = new URLSearchParams([['', text]]).toString().slice(1)
  return [
    text,
    ...[percent, every, form].flatMap(one => [one, inHex(one, 'toLowerCase'), inHex(one, 'toUpperCase')]),
  ]
}

const inHex = (text: string, change: 'toLowerCase' | 'toUpperCase'): string =>
  text.replace(/%[\da-f]{2}/gi, escape => escape[change]())

/** What a server says that repeats all it was told. */
function echo({ user, password, account, host }: Words): string {
  const [login, secret] = [encodeURIComponent(user), encodeURIComponent(password)]
  const said = [user, password, account, host].flatMap(forms).concat(`ftp://${login}:${secret}@${host}/`)
  return Buffer.from(`<${said.join('> <')}>`).toString('latin1')
}

// Replies that mean something by their text.
const meaningful = /^(?:211|213|215|227|229|257)/

/** Every reply of the connection says it, those of transfers too. */
function echoing(text: string, handler: Handler = ctx => ctx.next()): Handler {
  const changed = new WeakSet()
  return async ctx => {
    const { connection } = ctx
    if (!changed.has(connection)) {
      changed.add(connection)
      const plain = connection.reply.bind(connection)
      connection.reply = reply => plain(meaningful.test(reply) ? reply : `${reply} ${text}`)
    }
    await handler(ctx)
  }
}

function script(words: Words, on: Record<string, Handler>): Script {
  const text = echo(words)
  return {
    greeting: `220 ${text}`,
    files: { '/x': 'bytes', '/folder/y': '', '/owned/z': '' },
    on: {
      ...on,
      USER: echoing(text, on.USER),
      PASS: ctx => ctx.reply('332 And the account?'),
      ACCT(ctx: CommandContext) {
        ctx.connection.loggedIn = true
        ctx.reply('230 Logged in')
      },
      MLSD: ctx => (ctx.path === '/owned' ? ctx.send(['type=file; z\r\n', `owner ${text}\r\n`]) : ctx.next()),
      STOR: ctx => (ctx.path === '/refused' ? ctx.reply('553 Not you') : ctx.next()),
    },
  }
}

/** All texts in an error, its causes, its stack and what is printed of it. */
function textsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [inspect(error)]
  const { message, stack = '', cause, ...more } = error
  const own = [
    message,
    stack,
    String(error),
    inspect(error, { depth: 20, showHidden: true }),
    ...stringsIn(more),
  ]
  return cause === undefined ? own : [...own, ...textsOf(cause)]
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

const names = ['ftp-vfs', ...['command', 'reply', 'session', 'transfer'].map(name => `ftp-vfs:${name}`)]

/** What is logged in all places, and thrown, while `work` is done on such a server. */
async function spoken(
  t: Test,
  words: Words,
  work: (vfs: FtpVfs) => Promise<unknown>[],
  on: Record<string, Handler> = {},
  greeting?: string,
): Promise<{ logged: string[]; thrown: string[]; codes: unknown[] }> {
  const logged: string[] = []
  const take = (message: unknown): void => void logged.push(...stringsIn(message))
  const printed = t.capture(console, 'error', () => {})
  for (const name of names) subscribe(name, take)
  try {
    const told = script(words, on)
    await using server = await startScriptedServer(greeting === undefined ? told : { ...told, greeting })
    await using vfs = new FtpVfs({
      ...words,
      port: server.port,
      connections: 1,
      logToConsole: true,
      logDiagnostics: true,
    })
    const ended = await Promise.allSettled(work(vfs))
    const errors = ended.flatMap(end =>
      end.status === 'rejected' ? [end.reason as NodeJS.ErrnoException] : [],
    )
    vfs.destroy()
    return { logged, thrown: errors.flatMap(textsOf), codes: errors.map(({ code }) => code) }
  } finally {
    for (const name of names) unsubscribe(name, take)
    logged.push(...printed().map(({ args }) => args.join(' ')))
    printed.restore()
  }
}

/** The first of the texts that holds one of the words in some form. */
function leak(texts: string[], words: string[]): string | undefined {
  const held = words.flatMap(forms)
  for (const text of texts) {
    const found = held.find(form => text.includes(form))
    if (found !== undefined) return `${inspect(found)} in ${inspect(text)}`
  }
  return undefined
}

const anyWords: fc.Arbitrary<Words> = fc.record({
  user: word('uzq'),
  password: word('pzq'),
  account: word('azq'),
  host: fc.constantFrom('127.0.0.1', 'localhost', 'LocalHost'),
})

t.test('a server that repeats all it was told brings none of it into a log or an error', async t => {
  const work = (vfs: FtpVfs) => [
    vfs.connect(),
    vfs.stat('/x'),
    vfs.readFile('/x'),
    vfs.writeFile('/new', 'bytes'),
    vfs.readdir('/folder'),
    vfs.stat('/missing'),
    vfs.readFile('/missing'),
    vfs.writeFile('/refused', 'bytes'),
    vfs.readdir('/missing'),
    vfs.readdir('/owned'),
    vfs.rmdir('/folder'),
  ]
  await fc.assert(
    fc.asyncProperty(anyWords, async words => {
      const { user, password, account, host } = words
      const { logged, thrown, codes } = await spoken(t, words, work)
      const expected = ['ENOENT', 'ENOENT', 'EACCES', 'ENOENT', 'ERR_FTP_LISTING', 'ENOTEMPTY']
      if (codes.join() !== expected.join()) throw new Error(`the errors are ${codes.join()}`)
      if (logged.length < 100) throw new Error(`only ${logged.length} lines were logged`)
      const found =
        leak([...logged, ...thrown], [user, password, account]) ?? leak(logged, [host, '127.0.0.1'])
      if (found !== undefined) throw new Error(found)
    }),
    { numRuns: 40 },
  )
})

t.test('nor does one that refuses, breaks off or says what is no reply', async t => {
  const words = { user: 'uzq @7', password: 'pzq/%+x', account: 'azq é', host: '127.0.0.1' }
  const text = echo(words)
  const work = (vfs: FtpVfs) => [vfs.readFile('/x')]
  const cases: [what: string, code: string, on: Record<string, Handler>, greeting?: string][] = [
    ['refuses the connection', 'ERR_FTP_LOGIN', {}, `530 ${text}`],
    ['refuses the login', 'ERR_FTP_LOGIN', { USER: ctx => ctx.reply('530 Not you') }],
    ['says what is no reply', 'ERR_FTP_CONNECTION_LOST', {}, `Hello ${'x'.repeat(50)} ${text}`],
    ['ends the session', 'ERR_FTP_CONNECTION_LOST', { RETR: ctx => ctx.reply('421 Enough of you') }],
    ['breaks a download off', 'ERR_FTP_SHORT_READ', { RETR: ctx => ctx.reply('426 Broken') }],
    [
      'opens no data connection',
      'ERR_FTP_DATA_CONNECTION',
      { EPSV: ctx => ctx.reply('229 (no)'), PASV: ctx => ctx.reply('227 (no)') },
    ],
    [
      'says one reply too many',
      'ERR_FTP_CONNECTION_LOST',
      { RETR: ctx => ctx.reply(`550 No\r\n250 ${text}`) },
    ],
  ]
  for (const [what, code, on, greeting] of cases) {
    const { logged, thrown, codes } = await spoken(t, words, work, on, greeting)
    t.same(codes, [code], what)
    t.equal(leak([...logged, ...thrown], [words.user, words.password, words.account]), undefined, what)
    t.equal(leak(logged, [words.host]), undefined, what)
    t.ok(logged.length > 0)
  }
})
