import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { Log, type LogOptions } from '../../lib/wire/log.js'

const quiet: LogOptions = {
  logToConsole: false,
  logPrivateInfoToConsole: false,
  user: 'alice',
  password: 'sesame',
  account: 'till',
  host: 'ftp.example.com',
}

/** The lines that a log with these options writes to stderr. */
function printed(t: Test, options: Partial<LogOptions>, write: (log: Log) => void): string[] {
  const lines = t.capture(console, 'error', () => {})
  write(new Log({ ...quiet, ...options }))
  return lines().map(({ args }) => args.join(' '))
}
const dialog = (log: Log): void => {
  log.reply(7, ['220-Welcome to ftp.example.com', '220 [192.0.2.17] ready, FTP.EXAMPLE.COM'])
  log.command(7, 'USER alice')
  log.command(7, 'PASS sesame')
  log.command(7, 'ACCT till')
  log.reply(7, ['230 alice: logged in with sesame from till, malice aside'])
  log.command(7, 'CWD /home/alice/x')
  log.reply(7, ['227 Entering Passive Mode (192,0,2,17,200,1)'])
  log.note(7, 'closed: No reply from ftp.example.com:21')
}

await t.test('is silent by default', async t => {
  t.same(printed(t, {}, dialog), [])
  t.same(printed(t, { logPrivateInfoToConsole: true }, dialog), [], 'this option alone does not turn it on')
})

await t.test('masks user, password, account, host and addresses', async t => {
  t.same(printed(t, { logToConsole: true }, dialog), [
    'ftp-vfs #7 < 220-Welcome to ***',
    'ftp-vfs #7 < 220 [***] ready, ***',
    'ftp-vfs #7 > USER ***',
    'ftp-vfs #7 > PASS ***',
    'ftp-vfs #7 > ACCT ***',
    'ftp-vfs #7 < 230 ***: logged in with *** from ***, malice aside',
    'ftp-vfs #7 > CWD /home/***/x',
    'ftp-vfs #7 < 227 Entering Passive Mode (***,200,1)',
    'ftp-vfs #7 - closed: No reply from ***:21',
  ])
})

await t.test('shows them with logPrivateInfoToConsole', async t => {
  const lines = printed(t, { logToConsole: true, logPrivateInfoToConsole: true }, dialog)
  t.same(lines.slice(2, 5), ['ftp-vfs #7 > USER alice', 'ftp-vfs #7 > PASS sesame', 'ftp-vfs #7 > ACCT till'])
  t.equal(lines[7], 'ftp-vfs #7 < 227 Entering Passive Mode (192,0,2,17,200,1)')
})

await t.test('decodes what it shows', async t => {
  const write = (log: Log) => log.reply(1, ['250 caf\xc3\xa9'])
  t.same(printed(t, { logToConsole: true }, write), ['ftp-vfs #1 < 250 caf\u00e9'])
  const latin1 = (log: Log) => log.reply(1, ['250 caf\xe9 of J\xfcrg'])
  t.same(printed(t, { logToConsole: true, encoding: 'latin1', user: 'J\xfcrg' }, latin1), [
    'ftp-vfs #1 < 250 caf\xe9 of ***',
  ])
})

await t.test('lets no server control the terminal', async t => {
  const write = (log: Log) => log.reply(1, ['250 \x1b[2J\x07\x9b\x7f'])
  t.same(printed(t, { logToConsole: true }, write), ['ftp-vfs #1 < 250 \ufffd[2J\ufffd\ufffd\ufffd'])
})

await t.test('words are masked literally, not as patterns, and an empty word masks nothing', async t => {
  const log = new Log({ ...quiet, user: 'a.b*', password: '', account: undefined })
  t.equal(log.masked('a.b* and axbb'), '*** and axbb')
  t.equal(new Log({ ...quiet, user: '', password: '', account: '' }).masked('a b'), 'a b')
})

await t.test('errors show no credentials, even if the log does', async t => {
  const log = new Log({ ...quiet, logPrivateInfoToConsole: true })
  t.equal(log.masked('530 alice cannot log in with sesame'), '530 *** cannot log in with ***')
})

await t.test('masks each word in every form that a URL can hold', async t => {
  const log = new Log({ ...quiet, user: 'al ice/', password: 'p+%\u00fc"w', account: '\u20acx' })
  for (const said of [
    'al ice/',
    'al+ice%2F',
    '%61%6C%20ice%2f',
    'AL%2520ICE/',
    'p+%\xc3\xbc"w',
    'p%2B%25%C3%BC%22w',
    'p%2b%25%c3%bc"w',
    'p+%\xfc"w',
    'p%2b%25%FC"w',
    'p+%u\xcc\x88"w',
    'p+%\xc3\xbc""w',
    '\xe2\x82\xacx',
    '%e2%82%acx',
  ])
    t.equal(log.masked(`in '${said}' here`), "in '***' here", said)
  const windows = new Log({ ...quiet, encoding: 'windows-1251', user: '\u0416\u0443\u043a', password: '' })
  for (const said of ['\xc6\xf3\xea', '%C6%f3%EA', '\xd0\x96\xd1\x83\xd0\xba', '%D0%96%D1%83%D0%BA'])
    t.equal(windows.masked(`in '${said}' here`), "in '***' here", said)
})

await t.test(
  'passwords and accounts are masked inside longer words; short ones and user names are not',
  async t => {
    const log = new Log({ ...quiet, user: 'till', password: 'sesame', account: 'abc' })
    t.equal(log.masked('asesames till7 abcd'), 'a***s till7 abcd')
    t.equal(log.masked('mail:till@x /till/abc?till=a%2Ftill%3F'), 'mail:***@x /***/***?***=a%2F***%3F')
    t.equal(new Log({ ...quiet, user: 'a' }).masked('a cat at a bar, %2Fa'), '*** cat at *** bar, %2F***')
  },
)

await t.test('a password that begins with the user name or ends in spaces is masked whole', async t => {
  const log = new Log({ ...quiet, user: 'joe', password: 'joe-secret  ', account: undefined })
  t.equal(log.masked('joe-secret'), '***')
  t.equal(log.masked('joe-secret   joe'), '*** ***')
})

await t.test('a user name that is a command or a code masks neither', async t => {
  const lines = printed(t, { logToConsole: true, user: 'CWD', password: '2260' }, log => {
    log.command(1, 'CWD /CWD')
    log.reply(1, ['2260-x', '226 CWD'])
  })
  t.same(lines, ['ftp-vfs #1 > CWD /***', 'ftp-vfs #1 < 2260-x', 'ftp-vfs #1 < 226 ***'])
})

await t.test('addresses are masked in the log, times and hashes are not', async t => {
  for (const [said, shown] of [
    ['EPRT |2|::1|50000|', 'EPRT |2|***|50000|'],
    ['EPRT |1|192.0.2.1|50000|', 'EPRT |1|***|50000|'],
    ['PORT 192,0,2,1,195,80', 'PORT ***,195,80'],
    ['EPRT |2|2001:DB8:0:0:0:0:0:1|50000|', 'EPRT |2|***|50000|'],
    ['ABOR [fe80::1%eth0]:21 v192.0.2.1', 'ABOR [***]:21 v***'],
    ['ABOR from:2001:db8::5: ::ffff:192.0.2.1.', 'ABOR from:***: ***.'],
    ['ABOR at 12:30:45 and 1.2.3', 'ABOR at 12:30:45 and 1.2.3'],
    [`ABOR ${'AB:'.repeat(19)}CD`, `ABOR ${'AB:'.repeat(19)}CD`],
    ['ABOR ftp.example.com and FTP%2Eexample.com', 'ABOR *** and ***'],
  ] as const)
    t.same(
      printed(t, { logToConsole: true }, log => log.command(1, said)),
      [`ftp-vfs #1 > ${shown}`],
    )
  const inUnicode = { logToConsole: true, host: 'xn--mnchen-3ya.example' }
  t.same(
    printed(t, inUnicode, log => log.reply(1, ['220 m\xc3\xbcnchen.example'])),
    ['ftp-vfs #1 < 220 ***'],
  )
})

await t.test('a host that contains the user name is masked whole', async t => {
  const options = { logToConsole: true, user: 'alice', host: 'ftp.alice.example' }
  t.same(
    printed(t, options, log => log.note(1, 'at ftp.alice.example')),
    ['ftp-vfs #1 - at ***'],
  )
})

await t.test('an endless line does not block the process', async t => {
  const log = new Log({
    ...quiet,
    logToConsole: true,
    user: '""""""""',
    password: '%25%25%25',
    account: '++++',
  })
  const lines = t.capture(console, 'error', () => {})
  for (const piece of ['.', ':', '0', '1.', '%25', '""', '+', ' ', '\xff'])
    log.reply(1, [piece.repeat(32_768)])
  t.equal(lines().length, 9)
})

/** The messages on the channels while `write` runs. */
function published(t: Test, names: readonly string[], write: () => void): Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = []
  const takers = names.map(name => {
    const take = (message: unknown): void => void messages.push({ on: name, ...(message as object) })
    subscribe(name, take)
    return [name, take] as const
  })
  try {
    write()
  } finally {
    for (const [name, take] of takers) unsubscribe(name, take)
  }
  return messages
}
const channelNames = ['command', 'reply', 'session', 'transfer'].map(name => `ftp-vfs:${name}`)

await t.test('subscribers get commands, replies, sessions and transfers as objects', async t => {
  const speak = (log: Log): void => {
    log.session(7, { event: 'connect' })
    log.session(7, { event: 'secure', protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' })
    log.command(7, 'PASS sesame')
    log.reply(7, ['230-Hello alice', '230 at [192.0.2.17]'])
    log.session(7, { event: 'login', server: 'vsftpd' })
    log.transfer(7, { event: 'begin', command: 'RETR /alice/caf\xc3\xa9' })
    log.transfer(7, { event: 'end', command: 'RETR /x', bytes: 12 })
    log.transfer(7, { event: 'end', command: 'RETR /x', bytes: 5, reason: 'no sesame' })
    log.session(7, { event: 'close', reason: 'ftp.example.com is gone' })
  }
  t.same(
    published(t, channelNames, () => speak(new Log(quiet))),
    [
      { on: 'ftp-vfs:session', session: 7, event: 'connect' },
      {
        on: 'ftp-vfs:session',
        session: 7,
        event: 'secure',
        protocol: 'TLSv1.3',
        cipher: 'TLS_AES_256_GCM_SHA384',
      },
      { on: 'ftp-vfs:command', session: 7, command: 'PASS ***' },
      { on: 'ftp-vfs:reply', session: 7, code: 230, lines: ['230-Hello ***', '230 at [***]'] },
      { on: 'ftp-vfs:session', session: 7, event: 'login', server: 'vsftpd' },
      { on: 'ftp-vfs:transfer', session: 7, event: 'begin', command: 'RETR /***/caf\u00e9' },
      { on: 'ftp-vfs:transfer', session: 7, event: 'end', command: 'RETR /x', bytes: 12 },
      { on: 'ftp-vfs:transfer', session: 7, event: 'end', command: 'RETR /x', bytes: 5, reason: 'no ***' },
      { on: 'ftp-vfs:session', session: 7, event: 'close', reason: '*** is gone' },
    ],
  )
  t.match(
    published(t, channelNames, () => speak(new Log({ ...quiet, logPrivateInfoToConsole: true }))),
    [
      { event: 'connect' },
      { event: 'secure' },
      { command: 'PASS sesame' },
      { lines: ['230-Hello alice', '230 at [192.0.2.17]'] },
    ],
  )
  t.same(printed(t, { logToConsole: true }, speak), [
    'ftp-vfs #7 - connects',
    'ftp-vfs #7 - secure: TLSv1.3, TLS_AES_256_GCM_SHA384',
    'ftp-vfs #7 > PASS ***',
    'ftp-vfs #7 < 230-Hello ***',
    'ftp-vfs #7 < 230 at [***]',
    'ftp-vfs #7 - logged in: the server is vsftpd',
    'ftp-vfs #7 - RETR /***/caf\u00e9: begins',
    'ftp-vfs #7 - RETR /x: 12 bytes',
    'ftp-vfs #7 - RETR /x: 5 bytes, ended early: no ***',
    'ftp-vfs #7 - closed: *** is gone',
  ])
})

await t.test(
  'a warning is a process warning, once per log and per code, and also a line of the log',
  async t => {
    const warnings = t.capture(process, 'emitWarning', () => {})
    const lines = printed(t, { logToConsole: true }, log => {
      log.warn(7, 'FTP_VFS_PLAINTEXT', 'alice goes in the clear to ftp.example.com')
      log.warn(8, 'FTP_VFS_PLAINTEXT', 'again')
      log.warn(8, 'FTP_VFS_OLD_TLS', 'old')
    })
    const told = warnings().map(({ args }) => args as unknown)
    t.same(told, [
      ['*** goes in the clear to ***', { type: 'FtpVfsWarning', code: 'FTP_VFS_PLAINTEXT' }],
      ['old', { type: 'FtpVfsWarning', code: 'FTP_VFS_OLD_TLS' }],
    ])
    t.same(lines, [
      'ftp-vfs #7 - FTP_VFS_PLAINTEXT: *** goes in the clear to ***',
      'ftp-vfs #8 - FTP_VFS_PLAINTEXT: again',
      'ftp-vfs #8 - FTP_VFS_OLD_TLS: old',
    ])
  },
)

await t.test('logDiagnostics publishes the lines on the diagnostics channel ftp-vfs', async t => {
  const published: unknown[] = []
  const take = (message: unknown): void => void published.push(message)
  subscribe('ftp-vfs', take)
  t.teardown(() => unsubscribe('ftp-vfs', take))
  t.same(printed(t, { logDiagnostics: true }, dialog), [], 'not on the console')
  t.equal(published.length, 9)
  t.same(published.slice(2, 4), ['ftp-vfs #7 > USER ***', 'ftp-vfs #7 > PASS ***'])
  printed(t, {}, dialog)
  t.equal(published.length, 9, 'only with the option')
})

await t.test('NODE_DEBUG=ftp-vfs prints the lines, masked', async t => {
  const program = `
    const { Log } = await import(${JSON.stringify(new URL('../../lib/wire/log.ts', import.meta.url).href)})
    const log = new Log(${JSON.stringify(quiet)})
    log.command(1, 'PASS sesame')
    log.reply(1, ['230 %s alice'])
  `
  const run = (debug: string) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      env: { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '', NODE_DEBUG: debug },
    })
  const { stderr } = await run('ftp-vfs')
  t.match(stderr, /^FTP-VFS \d+: ftp-vfs #1 > PASS \*\*\*$/m)
  t.match(stderr, /^FTP-VFS \d+: ftp-vfs #1 < 230 %s \*\*\*$/m)
  t.notMatch((await run('net-x')).stderr, 'FTP-VFS')
})
