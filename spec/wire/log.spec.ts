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

/** What a log of these options writes to stderr. */
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

await t.test('is silent when it is not asked for', async t => {
  t.same(printed(t, {}, dialog), [])
  t.same(printed(t, { logPrivateInfoToConsole: true }, dialog), [], 'this alone does not turn it on')
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

await t.test('shows them when that is asked for', async t => {
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

await t.test('lets no server steer the terminal', async t => {
  const write = (log: Log) => log.reply(1, ['250 \x1b[2J\x07\x9b\x7f'])
  t.same(printed(t, { logToConsole: true }, write), ['ftp-vfs #1 < 250 \ufffd[2J\ufffd\ufffd\ufffd'])
})

await t.test('words are masked as they stand, not as patterns, and none is no pattern', async t => {
  const log = new Log({ ...quiet, user: 'a.b*', password: '', account: undefined })
  t.equal(log.masked('a.b* and axbb'), '*** and axbb')
  t.equal(new Log({ ...quiet, user: '', password: '', account: '' }).masked('a b'), 'a b')
})

await t.test('errors show no credentials, whether the log does or not', async t => {
  const log = new Log({ ...quiet, logPrivateInfoToConsole: true })
  t.equal(log.masked('530 alice cannot log in with sesame'), '530 *** cannot log in with ***')
})

await t.test('logDiagnostics publishes it on the diagnostics channel ftp-vfs', async t => {
  const published: unknown[] = []
  const take = (message: unknown): void => void published.push(message)
  subscribe('ftp-vfs', take)
  t.teardown(() => unsubscribe('ftp-vfs', take))
  t.same(printed(t, { logDiagnostics: true }, dialog), [], 'and not on the console')
  t.equal(published.length, 9)
  t.same(published.slice(2, 4), ['ftp-vfs #7 > USER ***', 'ftp-vfs #7 > PASS ***'])
  printed(t, {}, dialog)
  t.equal(published.length, 9, 'only with the option')
})

await t.test('NODE_DEBUG=ftp-vfs shows it, masked', async t => {
  const program = `
    const { Log } = await import(${JSON.stringify(new URL('../../lib/wire/log.ts', import.meta.url).href)})
    const log = new Log(${JSON.stringify(quiet)})
    log.command(1, 'PASS sesame')
    log.reply(1, ['230 %s alice'])
  `
  const run = (debug: string) =>
    promisify(execFile)(process.execPath, [...process.execArgv, '--input-type=module', '-e', program], {
      env: { ...process.env, NODE_DEBUG: debug },
    })
  const { stderr } = await run('ftp-vfs')
  t.match(stderr, /^FTP-VFS \d+: ftp-vfs #1 > PASS \*\*\*$/m)
  t.match(stderr, /^FTP-VFS \d+: ftp-vfs #1 < 230 %s \*\*\*$/m)
  t.notMatch((await run('net-x')).stderr, 'FTP-VFS')
})
