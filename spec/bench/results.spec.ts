import t from 'tap'
import { median } from '../../bench/median.js'
import { toRows, type Entry, type Results } from '../../bench/results.js'
import { size } from '../../bench/size.js'
import { tables } from '../../bench/table.js'

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
const program: Entry = {
  ...twice,
  contestant: 'lftp-async',
  runs: [{ seconds: 4, cpuSeconds: 0.1, peakRss: 10 * 2 ** 20, program: true }],
}
const ours: Entry = {
  ...twice,
  contestant: 'ftp-vfs',
  runs: [{ ...runs[0]!, seconds: 1, loginSeconds: 0.25 }],
}
const broken: Entry = { ...twice, contestant: 'ftp-vfs', connections: 4, runs: [], failure: 'no such luck' }
const rows = toRows([entry, twice, program, ours, broken])
const results: Results = {
  began: '2026-01-01T00:00:00.000Z',
  ...{ node: 'v20.10.0', platform: 'linux', arch: 'x64', cpus: 2, quick: false, repeat: 3 },
  ...{ delay: 'slow link', versions: { lftp: 'LFTP | Version 4.9.2' }, absent: ['rclone'], rows },
}

t.test('rates are of medians, and ours is held beside the best of each peer', async t => {
  t.match(rows, [
    { rate: 5, roundTrips: 5, peakRss: 100 * 2 ** 20, toPeers: undefined },
    { rate: 10, roundTrips: 5, toPeers: undefined },
    { rate: 5, roundTrips: 10, baseRss: undefined },
    // Beside a program our login counts.
    { rate: 20, roundTrips: 2.5, toPeers: { 'basic-ftp': 2, lftp: 3.2 }, toSame: 2 },
    { failure: 'no such luck', rate: undefined },
  ])
  t.equal(median([5, 1, 3]), 3)
  t.equal(median([4, 1]), 2.5)
  t.equal(size(2 ** 30), '1 GiB')
  t.equal(size(0), '0 B')
})

t.test('a run in which one peer failed is held beside the others', async t => {
  const failed: Entry = { ...program, runs: [], failure: 'no' }
  const [, , row] = toRows([twice, failed, ours])
  t.strictSame(row!.toPeers, { 'basic-ftp': 2 })
})

t.test('of some work the round trips are told in all, of bytes not at all', async t => {
  const [tree, bulk] = toRows([
    { ...twice, scenario: 'tree-walk' },
    { ...twice, scenario: 'slow-down' },
  ])
  t.equal(tree!.roundTrips, 50)
  t.equal(bulk!.roundTrips, undefined)
  t.match(tables({ ...results, rows: [tree!] }), '50.00 in all')
})

t.test('the tables have a column for each peer, and what failed is told in them', async t => {
  const shown = tables(results)
  t.match(shown, 'vsftpd, 40 ms round trip\n')
  t.match(shown, /× basic-ftp │ × lftp │ × same/)
  t.match(
    shown,
    /10 × 4 KiB a connection up +│ basic-ftp +│ +1 │ +5\.0 files\/s │ +│ +│ +│ +5\.00 │ +0\.50 │ +100 MiB/,
  )
  t.match(shown, /ftp-vfs +│ +2 │ +20\.0 files\/s │ +2\.00 │ +3\.20 │ +2\.00 │ +2\.50/)
  t.match(shown, /ftp-vfs +│ +4 │ failed: no such luck/)
  t.match(shown, 'lftp: whole processes, their start and login included')
  t.match(shown, 'rclone is not installed and left out.')
  t.match(shown, 'Delay: a slow link')
  t.match(shown, '80 MiB of it are there in Node before the first byte')
})

t.test('the notes say of a proxy why it is one', async t => {
  const shown = tables({ ...results, delay: 'proxy', because: 'the slow link needs root' })
  t.match(shown, 'Delay: a proxy, which TLS does not pass (the slow link needs root)')
})
