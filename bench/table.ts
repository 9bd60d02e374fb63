import Table, { type Cell } from 'cli-table3'
import type { Row } from './results.js'
import { scenario, scenarioNames } from './scenarios.js'

const head = [
  'Scenario',
  'Client',
  'Conns',
  'Rate',
  '× basic-ftp',
  '× its best',
  'RTT/file',
  'CPU s',
  'Peak RSS',
]

/** The rows, one table for each server and round-trip time, and what is to be known about them. */
export function tables(rows: Row[]): string {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = `${row.server}, ${row.rtt === 0 ? 'no delay added' : `${row.rtt} ms round trip`}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  const parts = [...groups].map(([title, group]) => `${title}\n${table(group)}`)
  return `${parts.join('\n\n')}\n\n${notes(rows)}\n`
}

function table(rows: Row[]): string {
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
    result.push([first ? shown : '', row.contestant, row.connections, ...figures(row)])
  }
  return result.toString()
}

function figures(row: Row): Cell[] {
  if (row.rate === undefined) return [{ colSpan: 6, content: `failed: ${row.failure}`, hAlign: 'left' }]
  return [
    `${rounded(row.rate)} ${row.unit}/s`,
    fixed(row.toOne, 2),
    fixed(row.toBest, 2),
    fixed(row.roundTrips, 2),
    fixed(row.cpuSeconds, 2),
    `${mebibytes(row.peakRss!)} MiB`,
  ]
}

function notes(rows: Row[]): string {
  const bases = rows.flatMap(({ baseRss }) => (baseRss === undefined ? [] : [mebibytes(baseRss)]))
  const [least, most] = [Math.min(...bases), Math.max(...bases)]
  const lines = [
    'Rates are medians of runs that took turns, from when every connection was logged in; 1 MB is 10⁶ bytes.',
    '× basic-ftp: to one client. × its best: to the best of basic-ftp, with any number of clients.',
    'basic-ftp does not check what it stored; ftp-vfs asks for its size, and for that of what it reads.',
    'A stat is SIZE and MDTM in basic-ftp, and tells no folder from a file.',
    `Peak RSS: of each run's process; ${least === most ? least : `${least} to ${most}`} MiB of it are there before the first byte (Node and the client).`,
  ]
  if (rows.some(({ rtt }) => rtt > 0)) {
    lines.push(
      'RTT/file: elapsed / round-trip time × connections / files; for a listing, elapsed / round-trip time.',
      'With a delay there are fewer files, as many for each connection, and no big ones: those are a matter of bytes.',
    )
  }
  return lines.join('\n')
}

const fixed = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? ''
const rounded = (rate: number) => (rate < 100 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en'))
const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20)
