import Table, { type Cell } from 'cli-table3'
import { notes } from './notes.js'
import { peers, type Peer, type Results, type Row } from './results.js'
import { scenario, scenarioNames } from './scenarios.js'

/** The rows, one table for each server and round-trip time, and what is to be known about them. */
export function tables(results: Results): string {
  const { rows, node, platform, arch, cpus } = results
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = `${row.server}, ${row.rtt === 0 ? 'no delay added' : `${row.rtt} ms round trip`}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  const parts = [...groups].map(([title, group]) => `${title}\n${table(group)}`)
  return `Node ${node}, ${platform} ${arch}, ${cpus} CPUs\n\n${parts.join('\n\n')}\n\n${notes(results)}\n`
}

function table(rows: Row[]): string {
  const present = peers.filter(peer => rows.some(({ toPeers }) => toPeers?.[peer] !== undefined))
  const columns = ['Rate', ...present.map(peer => `× ${peer}`), '× same', 'RTT', 'CPU s', 'Peak RSS']
  const head = ['Scenario', 'Client', 'Conns', ...columns]
  const result = new Table({
    head,
    colAligns: ['left', 'left', ...head.slice(2).map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  })
  let last = ''
  const place = (row: Row) => scenarioNames.indexOf(row.scenario)
  for (const row of [...rows].sort((one, other) => place(one) - place(other))) {
    const { title } = scenario(row.scenario)
    const work = title(row.work, row.rtt > 0 ? row.work.files / row.connections : undefined)
    const shown = row.tls === 'none' ? work : `${work}, TLS`
    const first = shown !== last
    last = shown
    result.push([first ? shown : '', row.contestant, row.connections, ...figures(row, present)])
  }
  return result.toString()
}

function figures(row: Row, present: Peer[]): Cell[] {
  if (row.rate === undefined) {
    return [{ colSpan: present.length + 5, content: shortened(`failed: ${row.failure}`), hAlign: 'left' }]
  }
  return [
    `${rounded(row.rate)} ${row.unit}/s`,
    ...present.map(peer => fixed(row.toPeers?.[peer])),
    fixed(row.toSame),
    row.roundTrips === undefined
      ? ''
      : `${fixed(row.roundTrips)}${scenario(row.scenario).whole ? ' in all' : ''}`,
    fixed(row.cpuSeconds),
    `${mebibytes(row.peakRss!)} MiB`,
  ]
}

const shortened = (text: string) => (text.length > 90 ? `${text.slice(0, 89)}…` : text)
const fixed = (value: number | undefined) => value?.toFixed(2) ?? ''
const rounded = (rate: number) => (rate < 100 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en'))
const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20)
