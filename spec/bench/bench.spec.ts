import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { contestantNames } from '../../bench/contestants/index.js'
import { installed } from '../../bench/installed.js'
import { measure } from '../../bench/measure.js'
import { main } from '../../bench/program.js'
import type { Results } from '../../bench/results.js'
import { scenarioNames } from '../../bench/scenarios.js'
import { tables } from '../../bench/table.js'
import { forServers } from '../support/for-servers.js'

const script = fileURLToPath(new URL('../../bench/bench.ts', import.meta.url))

async function run(args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Without what tap puts into each of the many processes.
    env: { ...process.env, NODE_OPTIONS: '', _TAPJS_PROCESSINFO_COVERAGE_: '0' },
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { stdout, stderr, code }
}

/** The program in this process, for what starts nothing. */
async function asked(args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await main(args, { stdout, stderr })
  return { code, stdout: await text(stdout.end()), stderr: await text(stderr.end()) }
}

const quick = ['--quick', '--servers', 'embedded', '--contestants', 'basic-ftp,ftp-vfs', '--connections', '2']

t.test('a quick run has every scenario, near and far, for every contestant', async t => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ftp-vfs-bench-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const output = path.join(folder, 'bench.json')
  const { stdout, stderr, code } = await run([...quick, '--rtt', '0,10', '--json', '--output', output])
  t.equal(code, 0, stderr)
  t.equal(await readFile(output, 'utf8'), stdout)
  const { rows, delay } = JSON.parse(stdout) as Results

  const each = (scenario: string, rtt: number, clients = ['basic-ftp', 'ftp-vfs']) =>
    clients.map(client => `${scenario} ${rtt} ${client}`)
  const ours = ['ftp-vfs']
  t.strictSame(
    rows.map(({ scenario, rtt, contestant }) => `${scenario} ${rtt} ${contestant}`),
    [
      ...each('big-up', 0),
      ...each('big-down', 0),
      ...each('small-up', 0),
      ...each('small-down', 0),
      ...each('stat', 0),
      ...each('tree-walk', 0),
      ...each('tree-remove', 0),
      ...each('list', 0),
      ...each('memory-up', 0, ours),
      ...each('memory-down', 0, ours),
      ...each('memory-list', 0, ours),
      ...each('small-up', 10),
      ...each('small-down', 10),
      ...each('idle-up', 10),
      ...each('stat', 10),
      ...each('tree-walk', 10),
      ...each('tree-remove', 10),
      // The proxy has no limit.
      ...(delay === 'slow link' ? each('slow-down', 10, ours) : []),
    ],
  )
  for (const row of rows) {
    const name = `${row.scenario} ${row.rtt} ${row.contestant}`
    t.equal(row.failure, undefined, name)
    t.equal(row.runs.length, 1, name)
    t.ok(row.rate! > 0 && row.cpuSeconds! > 0 && row.peakRss! > 0, name)
    t.equal(row.roundTrips !== undefined, row.rtt > 0 && row.unit !== 'MB', name)
    t.equal(row.connections, 2, name)
    const alone = /^memory|^slow/.test(row.scenario)
    t.equal(row.toPeers?.['basic-ftp'] !== undefined, row.contestant === 'ftp-vfs' && !alone, name)
  }
})

t.test('where there is no slow link, a proxy makes the delay, and is told', async t => {
  const { stdout, stderr, code } = await run([
    ...quick,
    '--rtt',
    '10',
    '--scenarios',
    'small,slow',
    '--proxy',
  ])
  t.equal(code, 0, stderr)
  t.match(stderr, 'no slow link, but a delaying proxy: as asked for')
  t.match(stdout, 'Delay: a proxy')
  t.notMatch(stdout, '10 MB/s')
  const [, upload] =
    /3 × 4 KiB a connection up[^]*?ftp-vfs[^]*?files\/s[^]*? (\d+\.\d\d) │ +\d+\.\d\d │[^│]*MiB/.exec(stdout)!
  // The connect and STOR take turns, whoever sends them.
  t.ok(Number(upload) > 1, `${upload} round trips`)
})

t.test('programs take part where they are installed', { timeout: 240_000 }, async t => {
  const { versions, absent } = await installed([...contestantNames])
  t.strictSame([...Object.keys(versions), ...absent].sort(), ['curl', 'lftp', 'rclone'])
  if (absent.length > 0) return t.comment(`not installed: ${absent.join(', ')}`)
  const args = ['--quick', '--servers', 'embedded', '--connections', '2', '--rtt', '0', '--json']
  const { stdout, stderr, code } = await run([...args, '--scenarios', 'small,stat,tree,list'])
  t.equal(code, 0, stderr)
  const { rows } = JSON.parse(stdout) as Results
  const clients = (scenario: string) =>
    rows.filter(row => row.scenario === scenario).map(({ contestant }) => contestant)
  t.strictSame(clients('small-up'), contestantNames)
  t.strictSame(clients('small-down'), contestantNames)
  t.strictSame(clients('stat'), ['basic-ftp', 'rclone', 'curl', 'ftp-vfs'])
  t.strictSame(clients('tree-walk'), ['basic-ftp', 'lftp', 'lftp-async', 'rclone', 'ftp-vfs'])
  t.strictSame(clients('tree-remove'), ['basic-ftp', 'lftp', 'lftp-async', 'rclone', 'ftp-vfs'])
  t.strictSame(clients('list'), ['basic-ftp', 'lftp', 'rclone', 'curl', 'ftp-vfs'])
  for (const { scenario, contestant, failure, peakRss, runs } of rows) {
    t.equal(failure, undefined, `${scenario} ${contestant}`)
    t.ok(peakRss! > 0, `${scenario} ${contestant}`)
    t.equal(runs[0]!.program, ['basic-ftp', 'ftp-vfs'].includes(contestant) ? undefined : true)
  }
})

await forServers(
  t,
  'over TLS, the big and the small files come beside those in the clear',
  async t => {
    const args = ['--quick', '--servers', 'vsftpd', '--rtt', '0,10', '--connections', '2']
    const clients = ['--contestants', 'basic-ftp,ftp-vfs', '--scenarios', 'big-up,small-down,stat']
    const { stdout, stderr, code } = await run([...args, ...clients, '--json'])
    t.equal(code, 0, stderr)
    const results = JSON.parse(stdout) as Results
    const secured = results.rows.filter(({ tls }) => tls === 'explicit')
    const far = ['small-down 10 basic-ftp', 'small-down 10 ftp-vfs']
    t.strictSame(
      secured.map(({ scenario, rtt, contestant }) => `${scenario} ${rtt} ${contestant}`),
      [
        ...['big-up 0 basic-ftp', 'big-up 0 ftp-vfs', 'small-down 0 basic-ftp', 'small-down 0 ftp-vfs'],
        ...(results.delay === 'slow link' ? far : []),
      ],
    )
    for (const { failure } of secured) t.equal(failure, undefined)
    t.match(
      tables(results),
      /1 × 8 MiB up [^]*1 × 8 MiB up, TLS [^]*24 × 4 KiB down [^]*24 × 4 KiB down, TLS /,
    )
  },
  { only: ['vsftpd'] },
)

t.test('memory that was given back before the work is not in its peak', { skip: notLinux() }, async t => {
  let held: Buffer | undefined = Buffer.alloc(200 * 2 ** 20, 1)
  t.ok((await measure(async () => void held?.at(0))).peakRss > held.length)
  held = undefined
  const { peakRss, seconds, cpuSeconds } = await measure(async () => void Buffer.alloc(10 * 2 ** 20, 1))
  t.ok(peakRss > 0 && seconds > 0 && cpuSeconds > 0)
})

t.test('anything else is answered with the usage', async t => {
  t.match(await asked(['--help']), { code: 0, stdout: /^Usage: npm run bench/, stderr: '' })
  for (const [args, why] of [
    [['--servers', 'vsftpd,iis'], '--servers iis: must be of vsftpd, proftpd,'],
    [['--scenarios', 'upload'], `--scenarios upload: must be of ${scenarioNames[0]}`],
    [['--rtt', '0,-1'], '--rtt -1: must be a whole number, at least 0'],
    [['--contestants', 'wget'], '--contestants wget: must be of basic-ftp, lftp,'],
    [['--servers', 'embedded', '--tls', 'explicit'], 'There is nothing to measure: '],
    [['--tls', 'implicit'], '--tls implicit: must be of none, explicit'],
    [['--repeat', '0'], '--repeat 0: must be a whole number, at least 1'],
    [['--fast'], "Unknown option '--fast'"],
  ] as const) {
    const { code, stdout, stderr } = await asked([...args])
    t.equal(code, 1)
    t.equal(stdout, '')
    t.ok(stderr.startsWith(why), stderr)
    t.match(stderr, 'Usage: npm run bench')
  }
})

function notLinux(): string | false {
  return process.platform === 'linux' ? false : 'the peak can be reset on Linux only'
}
