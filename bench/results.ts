import type { ContestantName } from './contestants/index.js'
import type { Measured } from './measure.js'
import { scenario, type ScenarioName, type Work } from './scenarios.js'
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

/** An entry with its medians and how it stands beside the others. */
export interface Row extends Entry {
  unit: string
  /** Units each second. */
  rate?: number
  /** The rate by that of basic-ftp with one connection. */
  toOne?: number
  /** The rate by that of basic-ftp with the number of connections that suits it best. */
  toBest?: number
  /** Round trips for each file on its connection; for a listing, for all of it. */
  roundTrips?: number
  cpuSeconds?: number
  peakRss?: number
  baseRss?: number
}

export function toRows(entries: Entry[]): Row[] {
  const peers = entries.filter(({ contestant }) => contestant === 'basic-ftp')
  return entries.map(entry => {
    const { unit } = scenario(entry.scenario)
    const rate = rateOf(entry)
    if (rate === undefined) return { ...entry, unit }
    const rival = peers.filter(
      ({ server, rtt, tls, scenario }) =>
        server === entry.server && rtt === entry.rtt && tls === entry.tls && scenario === entry.scenario,
    )
    const one = rival.filter(({ connections }) => connections === 1).map(rateOf)[0]
    const best = Math.max(...rival.map(peer => rateOf(peer) ?? 0))
    return {
      ...entry,
      unit,
      rate,
      ...(one !== undefined && { toOne: rate / one }),
      ...(best > 0 && { toBest: rate / best }),
      ...(entry.rtt > 0 && { roundTrips: roundTrips(entry) }),
      cpuSeconds: medianOf(entry, 'cpuSeconds'),
      peakRss: medianOf(entry, 'peakRss'),
      baseRss: medianOf(entry, 'baseRss'),
    }
  })
}

function rateOf(entry: Entry): number | undefined {
  if (entry.failure !== undefined || entry.runs.length === 0) return undefined
  const { files, bytes } = entry.work
  const amount = scenario(entry.scenario).unit === 'MB' ? (files * bytes) / 1e6 : files
  return amount / medianOf(entry, 'seconds')
}

function roundTrips(entry: Entry): number {
  const trips = (medianOf(entry, 'seconds') * 1000) / entry.rtt
  return scenario(entry.scenario).unit === 'entries' ? trips : (trips * entry.connections) / entry.work.files
}

function medianOf({ runs }: Entry, what: keyof Measured): number {
  return median(runs.map(run => run[what]))
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
}
