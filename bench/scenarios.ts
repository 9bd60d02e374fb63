import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { smallBytes, smallSize, type Amounts, type Work } from './amounts.js'
import type { Tasks } from './contestants/contestant.js'
import { median } from './median.js'
import { paths } from './paths.js'
import { size } from './size.js'
import { CountingSink, generated } from './streams.js'

/** Where a run has its local files. */
export interface Local {
  /** A local file as big as the big one. */
  big: string
  /** Of this run alone. */
  folder: string
}

export interface Scenario {
  /** What is done, as the table says it; `each`: the files that each connection has for itself. */
  title: (work: Work, each?: number) => string
  /** What the rate counts, each second. */
  unit: 'MB' | 'files' | 'stats' | 'entries'
  /** Round trips are told for the whole of it, not for a file on its connection. */
  whole?: boolean
  /** More connections make no difference. */
  single?: boolean
  /** The most connections that are of use. */
  max?: number
  /** Where bytes or the client's own work are all that counts, a delay tells nothing. */
  nearOnly?: boolean
  /** Without a delay there is nothing to see. */
  farOnly?: boolean
  /** Over a link that carries so many bytes a second on each connection. */
  rate?: number
  /** One run is enough. */
  once?: boolean
  /** Of the peers those that run in this process: a program has no connection that rests. */
  resting?: boolean
  /** Without the peers: it watches our memory. */
  alone?: boolean
  /** TLS makes a difference of its own: to the bytes, or to each data connection. */
  secured?: boolean
  work: (amounts: Amounts, rtt: number, connections: number) => Work
  /** Before the clock runs. */
  prepare?: (work: Work, local: Local) => void
  /** Resolves with the milliseconds that count, if not all of them do. */
  run: (contestant: Tasks, work: Work, local: Local) => Promise<number | void>
  /** What lies in the folder for uploads then. */
  leaves?: (work: Work) => { entries: number; bytes: number }
}

const small = ({ small, smallFar }: Amounts, rtt: number, connections: number) => ({
  files: rtt > 0 ? smallFar * connections : small,
  bytes: smallSize,
})

const uploads = ({ files, bytes }: Work) => ({ entries: files, bytes: files * bytes })

/** One file of which only the bytes count. */
const one = (amount: 'big' | 'memory' | 'slow') => (amounts: Amounts) => ({
  files: 1,
  bytes: amounts[amount],
})

const big = { unit: 'MB', single: true, nearOnly: true } as const
const watched = { single: true, nearOnly: true, alone: true, once: true } as const
const tree = { unit: 'files', whole: true, work: ({ tree }: Amounts) => tree } as const

export const scenarios = {
  'big-up': {
    ...big,
    title: ({ bytes }) => `1 × ${size(bytes)} up`,
    secured: true,
    work: one('big'),
    run: (contestant, _, { big }) => contestant.upload(big, `${paths.uploads}/big`),
    leaves: uploads,
  },
  'big-down': {
    ...big,
    title: ({ bytes }) => `1 × ${size(bytes)} down`,
    secured: true,
    work: one('big'),
    run: (contestant, _, { folder }) => contestant.download(paths.big, path.join(folder, 'down/file')),
  },
  'small-up': {
    title: (work, each) => `${count(work, each)} up`,
    unit: 'files',
    secured: true,
    work: small,
    prepare({ files, bytes }, { folder }) {
      for (const file of paths.uploaded(files))
        writeFileSync(path.join(folder, file), smallBytes.subarray(0, bytes))
    },
    run: (contestant, { files }) => contestant.uploadAll(paths.uploaded(files), smallBytes),
    leaves: uploads,
  },
  'small-down': {
    title: (work, each) => `${count(work, each)} down`,
    unit: 'files',
    secured: true,
    work: small,
    run: async (contestant, { files, bytes }) =>
      expect(await contestant.downloadAll(paths.small(files)), files * bytes, 'bytes'),
  },
  'idle-up': {
    title: ({ bytes }) => `1 × ${size(bytes)} up after a rest`,
    unit: 'files',
    single: true,
    farOnly: true,
    resting: true,
    secured: true,
    work: ({ idle }) => ({ files: idle, bytes: smallSize }),
    async run(contestant, { files }) {
      const times: number[] = []
      for (const path of paths.uploaded(files)) {
        await sleep(300)
        const start = performance.now()
        await contestant.uploadAll([path], smallBytes)
        times.push(performance.now() - start)
      }
      // The rate counts every file.
      return median(times) * files
    },
    leaves: uploads,
  },
  stat: {
    title: ({ files }) => `${files} stats`,
    unit: 'stats',
    whole: true,
    work: ({ stats }) => ({ files: stats, bytes: smallSize }),
    run: async (contestant, { files, bytes }) =>
      expect(await contestant.statAll(paths.small(files)), files * bytes, 'bytes'),
  },
  'stat-in-turn': {
    title: ({ files }) => `${files} stats, one after another`,
    unit: 'stats',
    single: true,
    nearOnly: true,
    resting: true,
    work: ({ lone }) => ({ files: lone, bytes: smallSize }),
    async run(contestant, { files, bytes }) {
      for (const path of paths.small(files)) expect(await contestant.statAll([path]), bytes, 'bytes')
    },
  },
  'tree-walk': {
    ...tree,
    title: work => `${treeOf(work)} walked`,
    run: async (contestant, { files, folders }) =>
      expect(await contestant.walk(paths.tree), files + folders!, 'entries'),
  },
  'tree-remove': {
    ...tree,
    title: work => `${treeOf(work)} removed`,
    once: true,
    run: contestant => contestant.remove(paths.doomedTree),
    leaves: () => ({ entries: 0, bytes: 0 }),
  },
  list: {
    title: ({ files }) => `listing of ${files}`,
    unit: 'entries',
    whole: true,
    single: true,
    nearOnly: true,
    work: ({ entries }) => ({ files: entries, bytes: 0 }),
    run: async (contestant, { files }) => expect(await contestant.list(paths.list), files, 'entries'),
  },
  'slow-down': {
    title: ({ bytes }) => `1 × ${size(bytes)} down, 10 MB/s a connection`,
    unit: 'MB',
    max: 4,
    farOnly: true,
    rate: 10e6,
    once: true,
    work: one('slow'),
    run: (contestant, { bytes }) => retrieve(contestant, paths.slow, bytes),
  },
  'memory-up': {
    ...watched,
    title: ({ bytes }) => `memory: ${size(bytes)} up`,
    unit: 'MB',
    work: one('memory'),
    run: (contestant, { bytes }) => contestant.store(`${paths.uploads}/memory`, generated(bytes)),
    leaves: uploads,
  },
  'memory-down': {
    ...watched,
    title: ({ bytes }) => `memory: ${size(bytes)} down`,
    unit: 'MB',
    work: one('memory'),
    run: (contestant, { bytes }) => retrieve(contestant, paths.memory, bytes),
  },
  'memory-list': {
    ...watched,
    title: ({ files }) => `memory: opendir of ${files}`,
    unit: 'entries',
    work: ({ entries }) => ({ files: entries, bytes: 0 }),
    run: async (contestant, { files }) => expect(await contestant.listOneByOne(paths.list), files, 'entries'),
  },
} satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof scenarios

export const scenarioNames = Object.keys(scenarios) as ScenarioName[]

export const scenario = (name: ScenarioName): Scenario => scenarios[name]

async function retrieve(contestant: Tasks, path: string, bytes: number): Promise<void> {
  const sink = new CountingSink()
  expect((await contestant.retrieve(path, sink)) ?? sink.bytes, bytes, 'bytes')
}

/** Throws unless the figure is as expected. */
export function expect(found: number, expected: number, what: string): void {
  if (found !== expected) throw new Error(`${found} ${what} instead of ${expected}`)
}

function treeOf({ files, folders }: Work): string {
  return `tree of ${folders} × ${files / folders!}`
}

function count({ files, bytes }: Work, each: number | undefined): string {
  return each === undefined ? `${files} × ${size(bytes)}` : `${each} × ${size(bytes)} a connection`
}
