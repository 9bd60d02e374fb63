import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FtpVfs, type FtpVfsOptions } from '../../lib/index.js'
import { makeAuthority } from '../support/certificates.js'
import { FaultProxy } from '../support/fault-proxy.js'
import type { Fault } from '../support/faults.js'
import { skipReason } from '../support/for-servers.js'
import { startServer, type RealServer, type RealServerName } from '../support/real-servers.js'

// Connections are cut once in the middle of a listing. It is asked for again, and what comes is what is in the folder, once.

const servers: readonly RealServerName[] = ['vsftpd', 'proftpd', 'pure-ftpd']

// The listing is some 60 kB long: more than goes on a control connection, and less than buffers hold.
const names = Array.from(
  { length: 300 },
  (_, i) => `${String(i).padStart(4, '0')} ${'long-name-'.repeat(15)}`,
)
const middle = 20_011

const inListing = { at: 'byte', way: 'down', byte: middle } as const
const places: Record<string, Fault> = {
  'FIN of the data connection within a line': { ...inListing, what: 'one', how: 'end' },
  'reset of the data connection within a line': { ...inListing, what: 'one', how: 'reset' },
  'reset of the data connection at its first byte': { ...inListing, byte: 1, what: 'one', how: 'reset' },
  'reset of the data connection instead of its end': { at: 'fin', way: 'down', what: 'one', how: 'reset' },
  'FIN of all connections': { ...inListing, how: 'end' },
  'reset of all connections': { ...inListing, how: 'reset' },
  'FIN of the control connection': { ...inListing, what: 'control', how: 'end' },
  'the final reply lost': { at: 'answer', line: /^(LIST|MLSD)/, what: 'one', how: 'reset' },
}
const placesOverTls: Record<string, Fault> = {
  'FIN without close_notify': { ...inListing, what: 'one', how: 'end' },
  'reset of the data connection': { ...inListing, what: 'one', how: 'reset' },
  'reset of all connections': { ...inListing, how: 'reset' },
}

const readers: Record<string, (vfs: FtpVfs) => Promise<string[]>> = {
  readdir: vfs => vfs.readdir('/many'),
  opendir: async vfs => allOf(await vfs.opendir('/many'), ({ name }) => name),
}

const authority = await makeAuthority()
const tls = await authority.issue({ names: ['127.0.0.2'] })

t.jobs = 4

for (const name of servers) {
  const skip = (await skipReason(name)) ?? false
  const titled = (title: string): string => (skip ? `${title}: ${skip}` : title)

  void t.test(titled(`${name}: a listing with`), { skip, buffered: true }, async t => {
    const proxy = await prepare(t, name)
    for (const [place, fault] of Object.entries(places)) {
      for (const [reader, read] of Object.entries(readers)) {
        t.same(await during(proxy, fault, read), names, `${place}, ${reader}`)
      }
    }
  })

  void t.test(titled(`${name} over TLS: a listing with`), { skip, buffered: true }, async t => {
    const proxy = await prepare(t, name, true)
    const options: FtpVfsOptions = { encryptionMode: 'Explicit', ca: authority.ca }
    for (const [place, fault] of Object.entries(placesOverTls)) {
      for (const [reader, read] of Object.entries(readers)) {
        t.same(await during(proxy, fault, read, options), names, `${place}, ${reader}`)
      }
    }
  })

  void t.test(titled(`${name}: a listing that is cut below`), { skip, buffered: true }, async t => {
    const proxy = await prepare(t, name)
    for (const place of ['FIN of the data connection within a line', 'reset of all connections']) {
      const fault = places[place]!
      const all = names.map(each => `many/${each}`)
      const found = await during(proxy, fault, vfs => vfs.readdir('/', { recursive: true }))
      t.same(found, ['many', ...all].sort(), `readdir, recursive: ${place}`)
      const globbed = during(proxy, fault, vfs => allOf(vfs.glob('many/*'), path => path))
      t.same(await globbed, all, `glob: ${place}`)
      const copy = `copy ${place}`
      await during(proxy, fault, async vfs => {
        await vfs.cp('/many', `/${copy}`, { recursive: true })
        return []
      })
      t.same((await readdir(join(proxy.server.root, copy))).sort(), names, `cp: ${place}`)
      await during(proxy, fault, async vfs => {
        await vfs.rm(`/${copy}`, { recursive: true })
        return []
      })
      t.same(await readdir(proxy.server.root), ['many'], `rm: ${place}`)
    }
  })
}

async function allOf<T>(found: AsyncIterable<T>, name: (each: T) => string): Promise<string[]> {
  const names: string[] = []
  for await (const each of found) names.push(name(each))
  return names
}

async function prepare(t: Test, name: RealServerName, secure = false): Promise<FaultProxy<RealServer>> {
  const proxy = await FaultProxy.start(passivePorts =>
    startServer(name, { passivePorts, ...(secure && { tls }) }),
  )
  t.teardown(() => proxy[Symbol.asyncDispose]())
  const folder = join(proxy.server.root, 'many')
  await mkdir(folder)
  for (const each of names) await writeFile(join(folder, each), '')
  return proxy
}

/** What is read, sorted, while the fault is made. */
async function during(
  proxy: FaultProxy<RealServer>,
  fault: Fault,
  read: (vfs: FtpVfs) => Promise<string[]>,
  options: FtpVfsOptions = {},
): Promise<string[]> {
  const vfs = new FtpVfs(proxy.url(proxy.server), { connections: 2, retryDelay: 10, ...options })
  const before = proxy.cuts
  try {
    await vfs.connect()
    proxy.cut({ ...fault })
    const found = await read(vfs)
    if (proxy.cuts === before) throw new Error('Nothing was cut')
    return found.sort()
  } finally {
    vfs.destroy()
    await proxy.reset()
  }
}
