import type { Contestant } from './contestants/contestant.js'
import { CountingSink, generated } from './streams.js'

/** How much there is to do. */
export interface Work {
  files: number
  /** Of each file. */
  bytes: number
}

/** How much of each kind a bench does. */
export interface Amounts {
  /** Bytes of the one big file. */
  big: number
  /** Small files without a delay. */
  small: number
  /** Small files for each connection where there is a delay: with one connection a file may take 5 round trips. */
  smallFar: number
  stats: number
  entries: number
  /** Bytes of the file with which memory is watched. */
  memory: number
}

export const full: Amounts = {
  big: 2 ** 30,
  small: 500,
  smallFar: 30,
  stats: 200,
  entries: 10_000,
  memory: 2 ** 31,
}

/** The embedded server holds its files in memory. */
export const embedded: Amounts = { ...full, big: 2 ** 28, memory: 2 ** 29 }

export const quick: Amounts = {
  big: 8 * 2 ** 20,
  small: 24,
  smallFar: 3,
  stats: 20,
  entries: 200,
  memory: 16 * 2 ** 20,
}

export const smallSize = 4096

export interface Scenario {
  /** What is done, as the table says it; `each`: the files that each connection has for itself. */
  title: (work: Work, each?: number) => string
  /** What the rate counts, each second. */
  unit: 'MB' | 'files' | 'stats' | 'entries'
  /** More connections make no difference. */
  single?: boolean
  /** Where bytes are all that counts, a delay tells nothing. */
  nearOnly?: boolean
  /** Without the peers: it watches our memory. */
  alone?: boolean
  /** TLS makes a difference of its own: to the bytes, or to each data connection. */
  secured?: boolean
  work: (amounts: Amounts, rtt: number, connections: number) => Work
  run: (contestant: Contestant, work: Work) => Promise<void>
}

/** Paths on the server: laid out before the run, but for those below `/up`, which is empty then. */
export const paths = {
  uploads: '/up',
  big: '/big',
  memory: '/memory',
  folder: '/list',
  small: (count: number) => Array.from({ length: count }, (_, index) => `/small/file-${index}`),
  entries: (count: number) => Array.from({ length: count }, (_, index) => `/list/entry-${index}.bin`),
}

const small = ({ small, smallFar }: Amounts, rtt: number, connections: number) => ({
  files: rtt > 0 ? smallFar * connections : small,
  bytes: smallSize,
})

export const scenarios = {
  'big-up': {
    title: ({ bytes }) => `1 × ${size(bytes)} up`,
    unit: 'MB',
    single: true,
    nearOnly: true,
    secured: true,
    work: ({ big }) => ({ files: 1, bytes: big }),
    run: (contestant, { bytes }) => contestant.upload(`${paths.uploads}/big`, generated(bytes)),
  },
  'big-down': {
    title: ({ bytes }) => `1 × ${size(bytes)} down`,
    unit: 'MB',
    single: true,
    nearOnly: true,
    secured: true,
    work: ({ big }) => ({ files: 1, bytes: big }),
    run: (contestant, { bytes }) => download(contestant, paths.big, bytes),
  },
  'small-up': {
    title: (work, each) => `${count(work, each)} up`,
    unit: 'files',
    secured: true,
    work: small,
    run: (contestant, { files, bytes }) =>
      contestant.uploadAll(
        paths.small(files).map(path => path.replace('/small', paths.uploads)),
        Buffer.alloc(bytes, 'x'),
      ),
  },
  'small-down': {
    title: (work, each) => `${count(work, each)} down`,
    unit: 'files',
    secured: true,
    work: small,
    run: async (contestant, { files, bytes }) =>
      expect(await contestant.downloadAll(paths.small(files)), files * bytes, 'bytes'),
  },
  stat: {
    title: ({ files }) => `${files} stats`,
    unit: 'stats',
    work: ({ stats }) => ({ files: stats, bytes: smallSize }),
    run: async (contestant, { files, bytes }) =>
      expect(await contestant.statAll(paths.small(files)), files * bytes, 'bytes'),
  },
  list: {
    title: ({ files }) => `listing of ${files}`,
    unit: 'entries',
    single: true,
    work: ({ entries }) => ({ files: entries, bytes: 0 }),
    run: async (contestant, { files }) => expect(await contestant.list(paths.folder), files, 'entries'),
  },
  'memory-up': {
    title: ({ bytes }) => `memory: ${size(bytes)} up`,
    unit: 'MB',
    single: true,
    nearOnly: true,
    alone: true,
    work: ({ memory }) => ({ files: 1, bytes: memory }),
    run: (contestant, { bytes }) => contestant.upload(`${paths.uploads}/memory`, generated(bytes)),
  },
  'memory-down': {
    title: ({ bytes }) => `memory: ${size(bytes)} down`,
    unit: 'MB',
    single: true,
    nearOnly: true,
    alone: true,
    work: ({ memory }) => ({ files: 1, bytes: memory }),
    run: (contestant, { bytes }) => download(contestant, paths.memory, bytes),
  },
} satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof scenarios

export const scenarioNames = Object.keys(scenarios) as ScenarioName[]

export const scenario = (name: ScenarioName): Scenario => scenarios[name]

async function download(contestant: Contestant, path: string, bytes: number): Promise<void> {
  const sink = new CountingSink()
  await contestant.download(path, sink)
  expect(sink.bytes, bytes, 'bytes')
}

function expect(found: number, expected: number, what: string): void {
  if (found !== expected) throw new Error(`${found} ${what} instead of ${expected}`)
}

function count({ files, bytes }: Work, each: number | undefined): string {
  return each === undefined ? `${files} × ${size(bytes)}` : `${each} × ${size(bytes)} a connection`
}

/** 1 GiB, 4 KiB. */
export function size(bytes: number): string {
  const power = bytes > 0 ? Math.min(3, Math.floor(Math.log2(bytes) / 10)) : 0
  return `${bytes / 2 ** (10 * power)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`
}
