import type { Work } from './amounts.js'
import type { Entrant } from './contestants/contestant.js'
import { entrant, type ContestantName } from './contestants/index.js'
import type { Measured } from './measure.js'
import { median } from './median.js'
import { scenario, type ScenarioName } from './scenarios.js'
import type { ServerName, TlsMode } from './servers.js'

/** All runs of one contestant in one scenario. */
export interface Entry {
  server: ServerName
  rtt: number
  tls: TlsMode
  scenario: ScenarioName
  contestant: ContestantName
  connections: number
  work: Work
  runs: Measured[]
  /** Why a run failed; the others were left out then. */
  failure?: string
}

export type Peer = Exclude<Entrant['family'], 'ftp-vfs'>

export const peers: Peer[] = ['basic-ftp', 'lftp', 'rclone', 'curl']

/** An entry with its medians and, of ftp-vfs, how it stands beside the others. */
export interface Row extends Entry {
  unit: string
  /** Units each second. */
  rate?: number
  /** The rate by that of each peer, with the number of connections that suits it best. */
  toPeers?: Partial<Record<Peer, number>>
  /** The rate by that of the best peer with as many connections. */
  toSame?: number
  /** Round trips for each file on its connection; in some scenarios, for all of it. Of a matter of bytes it is not told. */
  roundTrips?: number
  cpuSeconds?: number
  peakRss?: number
  baseRss?: number
}

/** What `--json` prints, and what `--output` writes. */
export interface Results {
  began: string
  node: string
  platform: string
  arch: string
  cpus: number
  quick: boolean
  repeat: number
  /** What made round trips take time, and why it was no better. */
  delay: string
  because?: string
  /** Of the programs that took part. */
  versions: Record<string, string>
  /** Programs that are not installed. */
  absent: string[]
  rows: Row[]
}

export function toRows(entries: Entry[]): Row[] {
  return entries.map(entry => {
    const { unit } = scenario(entry.scenario)
    const rate = rateOf(entry)
    if (rate === undefined) return { ...entry, unit }
    return {
      ...entry,
      unit,
      rate,
      ...(entry.contestant === 'ftp-vfs' && besides(entry, entries)),
      ...(entry.rtt > 0 && unit !== 'MB' && { roundTrips: roundTrips(entry) }),
      cpuSeconds: medianOf(entry, 'cpuSeconds'),
      peakRss: medianOf(entry, 'peakRss'),
      ...(entry.runs[0]!.baseRss !== undefined && { baseRss: medianOf(entry, 'baseRss') }),
    }
  })
}

/** How our entry stands beside the peers' in the same scenario. */
function besides(entry: Entry, entries: Entry[]): Pick<Row, 'toPeers' | 'toSame'> {
  const rivals = entries.filter(
    ({ server, rtt, tls, scenario, contestant }) =>
      contestant !== 'ftp-vfs' &&
      server === entry.server &&
      rtt === entry.rtt &&
      tls === entry.tls &&
      scenario === entry.scenario,
  )
  const min = (some: Entry[]) => Math.min(...some.map(rival => ratio(entry, rival)))
  const toPeers: Row['toPeers'] = {}
  for (const peer of peers) {
    const found = min(rivals.filter(({ contestant }) => entrant(contestant).family === peer))
    if (found < Infinity) toPeers[peer] = found
  }
  const same = min(rivals.filter(({ connections }) => connections === entry.connections))
  return { toPeers, ...(same < Infinity && { toSame: same }) }
}

/** Our rate by a rival's. A program logs in, too: beside it our login counts. */
function ratio(ours: Entry, rival: Entry): number {
  return (rateOf(ours, rival.runs[0]?.program) ?? 0) / (rateOf(rival) ?? 0)
}

function rateOf(entry: Entry, withLogin = false): number | undefined {
  if (entry.failure !== undefined || entry.runs.length === 0) return undefined
  const { files, bytes } = entry.work
  const amount = scenario(entry.scenario).unit === 'MB' ? (files * bytes) / 1e6 : files
  return amount / (medianOf(entry, 'seconds') + (withLogin ? medianOf(entry, 'loginSeconds') : 0))
}

function roundTrips(entry: Entry): number {
  const trips = (medianOf(entry, 'seconds') * 1000) / entry.rtt
  return scenario(entry.scenario).whole ? trips : (trips * entry.connections) / entry.work.files
}

function medianOf({ runs }: Entry, what: Exclude<keyof Measured, 'program'>): number {
  return median(runs.map(run => run[what] ?? 0))
}
