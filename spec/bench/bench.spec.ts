import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { measure } from '../../bench/measure.js'
import { main } from '../../bench/program.js'
import type { Results } from '../../bench/results.js'
import { scenarioNames } from '../../bench/scenarios.js'
import { runBench } from './run-bench.js'

/** The program in this process, for what starts nothing. */
async function asked(args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await main(args, { stdout, stderr })
  return { code, stdout: await text(stdout.end()), stderr: await text(stderr.end()) }
}

t.test('a quick run has every scenario for every contestant', async t => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ftp-vfs-bench-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const output = path.join(folder, 'bench.json')
  const args = [
    '--quick',
    '--servers',
    'embedded',
    '--contestants',
    'basic-ftp,ftp-vfs',
    '--connections',
    '2',
    '--rtt',
    '0',
  ]
  const { stdout, stderr, code } = await runBench([...args, '--json', '--output', output])
  t.equal(code, 0, stderr)
  t.equal(await readFile(output, 'utf8'), stdout)
  const { rows } = JSON.parse(stdout) as Results

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
      ...each('stat-in-turn', 0),
      ...each('tree-walk', 0),
      ...each('tree-remove', 0),
      ...each('list', 0),
      ...each('memory-up', 0, ours),
      ...each('memory-down', 0, ours),
      ...each('memory-list', 0, ours),
    ],
  )
  for (const row of rows) {
    const name = `${row.scenario} ${row.rtt} ${row.contestant}`
    t.equal(row.failure, undefined, name)
    t.equal(row.runs.length, 1, name)
    t.ok(row.rate! > 0 && row.cpuSeconds! > 0 && row.peakRss! > 0, name)
    t.equal(row.roundTrips, undefined, name)
    t.equal(row.connections, 2, name)
    const alone = row.scenario.startsWith('memory')
    t.equal(row.toPeers?.['basic-ftp'] !== undefined, row.contestant === 'ftp-vfs' && !alone, name)
  }
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
