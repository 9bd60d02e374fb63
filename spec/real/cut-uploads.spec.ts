import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FtpVfs, type FtpVfsOptions } from '../../lib/index.js'
import { makeAuthority } from '../support/certificates.js'
import { FaultProxy } from '../support/fault-proxy.js'
import type { Fault } from '../support/faults.js'
import { skipReason } from '../support/for-servers.js'
import {
  startServer,
  type RealServer,
  type RealServerName,
  type RealServerOptions,
} from '../support/real-servers.js'
import { fewPlaces, manyPlaces, placesOverTls, type Places } from './upload-places.js'
import { uploadWays, type Source, type Way } from './upload-ways.js'

// A file is replaced by another of the same size, and connections are cut once meanwhile. A call
// that resolves has stored the new bytes, whatever the size says; and one whose source can be read
// again does resolve.

const MiB = 2 ** 20
const limit = 30_000

interface Table {
  server: RealServerName
  options?: RealServerOptions
  client?: FtpVfsOptions
  size: number
  places: Places
}

const authority = await makeAuthority()
const tls = await authority.issue({ names: ['127.0.0.2'] })

// Such servers keep what they receive under another name, and show the file when it is whole: until
// then, and after an upload that was lost, the old file is there, and its size is the one that is
// expected.
const hiddenStores = { settings: ['HiddenStores on'] }

const tables: Record<string, Table> = {
  'ProFTPD, HiddenStores on': {
    server: 'proftpd',
    options: hiddenStores,
    size: 4 * MiB,
    places: manyPlaces(4 * MiB),
  },
  'ProFTPD, HiddenStores on, TLS': {
    server: 'proftpd',
    options: { ...hiddenStores, tls },
    client: { encryptionMode: 'Explicit', ca: authority.ca },
    size: 4 * MiB,
    places: placesOverTls(4 * MiB),
  },
  'Pure-FTPd -0': {
    server: 'pure-ftpd',
    options: { settings: ['-0'] },
    size: 1.5 * MiB,
    places: fewPlaces(1.5 * MiB),
  },
  ProFTPD: { server: 'proftpd', size: 1.5 * MiB, places: fewPlaces(1.5 * MiB) },
  'Pure-FTPd': { server: 'pure-ftpd', size: 1.5 * MiB, places: fewPlaces(1.5 * MiB) },
  vsftpd: { server: 'vsftpd', size: 1.5 * MiB, places: fewPlaces(1.5 * MiB) },
}

// Most of the time is waited for: ProFTPD 1.3.8 sleeps 0.4 s, and accepts nothing, when a session
// has ended.
t.jobs = 6

for (const [name, table] of Object.entries(tables)) {
  const skip = (await skipReason(table.server)) ?? false
  for (const [wayName, way] of Object.entries(uploadWays)) {
    const title = `${name}: ${wayName}, cut at`
    void t.test(skip ? `${title}: ${skip}` : title, { skip, buffered: true }, async t => {
      const stage = await prepare(t, table)
      for (const [place, fault] of Object.entries(table.places)) {
        const outcome = await replaceDuring(stage, way, fault)
        t.ok(isRight(way, outcome), place, { found: outcome })
      }
    })
  }
}

interface Stage {
  proxy: FaultProxy<RealServer>
  client: FtpVfsOptions
  old: Buffer
  source: Source
}

async function prepare(t: Test, { server, options, client = {}, size }: Table): Promise<Stage> {
  const proxy = await FaultProxy.start(passivePorts => startServer(server, { ...options, passivePorts }))
  t.teardown(() => proxy[Symbol.asyncDispose]())
  const folder = await mkdtemp(join(tmpdir(), 'ftp-vfs-cuts-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const source = { bytes: Buffer.alloc(size, 2), local: join(folder, 'new'), remote: '/new' }
  const stored = join(proxy.server.root, source.remote)
  for (const file of [source.local, stored]) await writeFile(file, source.bytes)
  // Not the time of the old file: copyFile sends what it receives only when the two cannot be one
  // file.
  await utimes(stored, 1e9, 1e9)
  return { proxy, client, old: Buffer.alloc(size, 1), source }
}

interface Outcome {
  cuts: number
  call: 'resolves' | 'rejects' | 'hangs'
  error?: string
  /** What the error says is left incomplete. */
  incomplete?: string | undefined
  disk: 'old' | 'new' | 'nothing' | 'other bytes'
}

let files = 0

/** Replaces an old file of the same size, and looks at what is on the server's disk then. */
async function replaceDuring(
  { proxy, client, old, source }: Stage,
  way: Way,
  fault: Fault,
): Promise<Outcome> {
  const path = `/file${++files}`
  const file = join(proxy.server.root, path)
  // It is a moment old, so that times in seconds do not tell it from the new one.
  await writeFile(file, old)
  await chmod(file, 0o666)
  const vfs = new FtpVfs(proxy.url(proxy.server), { connections: 2, retryDelay: 50, ...client })
  const before = proxy.cuts
  try {
    await vfs.readdir('/')
    proxy.cut(fault)
    const call = await settled(way.store(vfs, path, source))
    const stored = await readFile(file).catch(() => undefined)
    const disk =
      stored === undefined
        ? 'nothing'
        : stored.equals(source.bytes)
          ? 'new'
          : stored.equals(old)
            ? 'old'
            : 'other bytes'
    return { cuts: proxy.cuts - before, ...call, disk }
  } finally {
    vfs.destroy()
    await proxy.reset()
    await rm(file, { force: true })
  }
}

async function settled(call: Promise<void>): Promise<Pick<Outcome, 'call' | 'error' | 'incomplete'>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<{ call: 'hangs' }>(resolve => {
    timer = setTimeout(() => resolve({ call: 'hangs' }), limit)
  })
  const end = call.then(
    () => ({ call: 'resolves' as const }),
    (error: Error & { incomplete?: string }) => {
      return { call: 'rejects' as const, error: String(error), incomplete: error.incomplete }
    },
  )
  return Promise.race([end, late]).finally(() => clearTimeout(timer))
}

function isRight(way: Way, { cuts, call, incomplete, disk }: Outcome): boolean {
  if (cuts !== 1 || call === 'hangs') return false
  if (call === 'resolves') return disk === 'new'
  return way.once === true && (disk !== 'other bytes' || incomplete !== undefined)
}
