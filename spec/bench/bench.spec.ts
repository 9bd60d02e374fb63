import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { measure } from '../../bench/measure.js'
import { main } from '../../bench/program.js'
import { median, toRows, type Entry, type Row } from '../../bench/results.js'
import { scenarioNames, size } from '../../bench/scenarios.js'
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

t.test('a quick run has every scenario, at every distance, for every contestant', async t => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ftp-vfs-bench-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const output = path.join(folder, 'bench.json')
  const args = ['--quick', '--servers', 'embedded', '--rtt', '0,10', '--connections', '2']
  const { stdout, stderr, code } = await run([...args, '--json', '--output', output])
  t.equal(code, 0, stderr)
  t.equal(await readFile(output, 'utf8'), stdout)
  const { rows } = JSON.parse(stdout) as { rows: Row[] }

  const both = ['basic-ftp', 'ftp-vfs']
  const each = (scenario: string, rtt: number, clients = both) =>
    clients.map(client => `${scenario} ${rtt} ${client}`)
  t.strictSame(
    rows.map(({ scenario, rtt, contestant }) => `${scenario} ${rtt} ${contestant}`),
    [
      ...each('big-up', 0),
      ...each('big-down', 0),
      ...each('small-up', 0),
      ...each('small-down', 0),
      ...each('stat', 0),
      ...each('list', 0),
      ...each('memory-up', 0, ['ftp-vfs']),
      ...each('memory-down', 0, ['ftp-vfs']),
      ...each('small-up', 10),
      ...each('small-down', 10),
      ...each('stat', 10),
      ...each('list', 10),
    ],
  )
  for (const row of rows) {
    const name = `${row.scenario} ${row.rtt} ${row.contestant}`
    t.equal(row.failure, undefined, name)
    t.equal(row.runs.length, 1, name)
    t.ok(row.rate! > 0 && row.cpuSeconds! > 0 && row.peakRss! > 0, name)
    t.equal(row.roundTrips !== undefined, row.rtt > 0, name)
    t.equal(row.connections, 2, name)
    t.equal(row.toBest !== undefined, !row.scenario.startsWith('memory'), name)
    // EPSV, the connect and STOR take turns, whoever sends them.
    if (row.scenario === 'small-up' && row.rtt > 0) t.ok(row.roundTrips! > 2, `${row.roundTrips} round trips`)
  }
})

await forServers(
  t,
  'over TLS, the big and the small files come beside those in the clear',
  async t => {
    const args = ['--quick', '--servers', 'vsftpd', '--rtt', '0', '--connections', '2']
    const { stdout, stderr, code } = await run([...args, '--scenarios', 'big-up,small-down', '--json'])
    t.equal(code, 0, stderr)
    const { rows } = JSON.parse(stdout) as { rows: Row[] }
    const secured = rows.filter(({ tls }) => tls === 'explicit')
    t.strictSame(
      secured.map(({ scenario, rtt, contestant }) => `${scenario} ${rtt} ${contestant}`),
      ['big-up 0 basic-ftp', 'big-up 0 ftp-vfs', 'small-down 0 basic-ftp', 'small-down 0 ftp-vfs'],
    )
    for (const { rate, toBest } of secured) t.ok(rate! > 0 && toBest! > 0)
    const both = tables(rows)
    t.match(both, /1 × 8 MiB up [^]*1 × 8 MiB up, TLS [^]*24 × 4 KiB down [^]*24 × 4 KiB down, TLS /)
  },
  { only: ['vsftpd'] },
)

t.test('it prints tables, and a run that fails is told in them', async t => {
  const runs = [2, 4, 1].map(seconds => ({
    seconds,
    cpuSeconds: 0.5,
    peakRss: 100 * 2 ** 20,
    baseRss: 80 * 2 ** 20,
  }))
  const entry: Entry = {
    server: 'vsftpd',
    rtt: 40,
    tls: 'none',
    scenario: 'small-up',
    contestant: 'basic-ftp',
    connections: 1,
    work: { files: 10, bytes: 4096 },
    runs,
  }
  const twice: Entry = { ...entry, connections: 2, work: { files: 20, bytes: 4096 } }
  const ours: Entry = { ...twice, contestant: 'ftp-vfs', runs: [{ ...runs[0]!, seconds: 1 }] }
  const broken: Entry = { ...twice, contestant: 'ftp-vfs', connections: 4, runs: [], failure: 'no such luck' }
  const rows = toRows([entry, twice, ours, broken])
  t.match(rows, [
    { rate: 5, toOne: 1, toBest: 0.5, roundTrips: 5, peakRss: 100 * 2 ** 20 },
    { rate: 10, toOne: 2, toBest: 1, roundTrips: 5 },
    { rate: 20, toOne: 4, toBest: 2, roundTrips: 2.5 },
    { failure: 'no such luck', rate: undefined },
  ])
  const shown = tables(rows)
  t.match(shown, 'vsftpd, 40 ms round trip\n')
  t.match(
    shown,
    /10 × 4 KiB a connection up +│ basic-ftp +│ +1 │ +5\.0 files\/s │ +1\.00 │ +0\.50 │ +5\.00 │ +0\.50 │ +100 MiB/,
  )
  t.match(shown, /ftp-vfs +│ +2 │ +20\.0 files\/s │ +4\.00 │ +2\.00 │ +2\.50/)
  t.match(shown, /ftp-vfs +│ +4 │ failed: no such luck/)
  t.match(shown, 'basic-ftp does not check what it stored')
  t.match(shown, '80 MiB of it are there before the first byte')
  t.equal(median([5, 1, 3]), 3)
  t.equal(median([4, 1]), 2.5)
  t.equal(size(2 ** 30), '1 GiB')
  t.equal(size(0), '0 B')
})

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
