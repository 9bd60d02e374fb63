import t from 'tap'
import type { Results } from '../../bench/results.js'
import { tables } from '../../bench/table.js'
import { forServers } from '../support/for-servers.js'
import { runBench } from './run-bench.js'

const quick = ['--quick', '--servers', 'embedded', '--connections', '2', '--rtt', '10']

t.test('a quick run with a delay tells round trips', async t => {
  const args = ['--contestants', 'basic-ftp,ftp-vfs', '--scenarios', 'small-up,idle,tree-walk,slow']
  const { stdout, stderr, code } = await runBench([...quick, ...args, '--json'])
  t.equal(code, 0, stderr)
  const { rows, delay } = JSON.parse(stdout) as Results
  const both = (scenario: string) => [`${scenario} basic-ftp`, `${scenario} ftp-vfs`]
  t.strictSame(
    rows.map(({ scenario, contestant }) => `${scenario} ${contestant}`),
    [
      ...both('small-up'),
      ...both('idle-up'),
      ...both('tree-walk'),
      // The proxy has no limit.
      ...(delay === 'slow link' ? ['slow-down ftp-vfs'] : []),
    ],
  )
  for (const { scenario, contestant, failure, roundTrips, unit } of rows) {
    const name = `${scenario} ${contestant}`
    t.equal(failure, undefined, name)
    // The connect and the command take turns, whoever sends them.
    if (unit !== 'MB') t.ok(roundTrips! > 1, `${name}: ${roundTrips} round trips`)
  }
})

t.test('where there is no slow link, a proxy makes the delay, and is told', async t => {
  const args = ['--contestants', 'ftp-vfs', '--scenarios', 'small-up,slow', '--proxy']
  const { stdout, stderr, code } = await runBench([...quick, ...args])
  t.equal(code, 0, stderr)
  t.match(stderr, 'no slow link, but a delaying proxy: as asked for')
  t.match(stdout, 'Delay: a proxy')
  t.match(stdout, /3 × 4 KiB a connection up +│ ftp-vfs/)
  t.notMatch(stdout, '10 MB/s')
})

await forServers(
  t,
  'over TLS, the big and the small files come beside those in the clear',
  async t => {
    const args = ['--quick', '--servers', 'vsftpd', '--rtt', '0,10', '--connections', '2']
    const clients = ['--contestants', 'basic-ftp,ftp-vfs', '--scenarios', 'big-up,small-down,stat']
    const { stdout, stderr, code } = await runBench([...args, ...clients, '--json'])
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
