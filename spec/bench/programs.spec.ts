import t from 'tap'
import { contestantNames } from '../../bench/contestants/index.js'
import { installed } from '../../bench/installed.js'
import type { Results } from '../../bench/results.js'
import { runBench } from './run-bench.js'

const { versions, absent } = await installed([...contestantNames])
const reason = absent.length > 0 ? `${absent.join(', ')} not installed` : undefined

t.test('every program is found or missed', async t => {
  t.strictSame([...Object.keys(versions), ...absent].sort(), ['curl', 'lftp', 'rclone'])
})

const name = `programs take part${reason ? `: ${reason}` : ''}`

t.test(name, reason === undefined ? {} : { skip: reason }, async t => {
  const args = ['--quick', '--servers', 'embedded', '--connections', '2', '--rtt', '0', '--json']
  const { stdout, stderr, code } = await runBench([...args, '--scenarios', 'small-up,stat,tree-walk,list'])
  t.equal(code, 0, stderr)
  const { rows } = JSON.parse(stdout) as Results
  const clients = (scenario: string) =>
    rows.filter(row => row.scenario === scenario).map(({ contestant }) => contestant)
  t.strictSame(clients('small-up'), contestantNames)
  t.strictSame(clients('stat'), ['basic-ftp', 'rclone', 'curl', 'ftp-vfs'])
  t.strictSame(clients('tree-walk'), ['basic-ftp', 'lftp', 'lftp-async', 'rclone', 'ftp-vfs'])
  t.strictSame(clients('list'), ['basic-ftp', 'lftp', 'rclone', 'curl', 'ftp-vfs'])
  for (const { scenario, contestant, failure, peakRss, runs } of rows) {
    t.equal(failure, undefined, `${scenario} ${contestant}`)
    t.ok(peakRss! > 0, `${scenario} ${contestant}`)
    t.equal(runs[0]!.program, ['basic-ftp', 'ftp-vfs'].includes(contestant) ? undefined : true)
  }
})
