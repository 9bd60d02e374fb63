import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { FtpVfs } from '../../lib/index.js'
import { bytes } from '../conformance/bytes.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { forServers } from '../support/for-servers.js'
import { open } from './stage.js'

const many = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Thirty files up and down at once. */
async function traffic(t: Test, vfs: FtpVfs): Promise<void> {
  const files = many(30).map(i => bytes(10_000 + i, i + 1))
  await Promise.all(files.map((data, i) => vfs.writeFile(`/file ${i}`, data)))
  const read = await Promise.all(files.map((_, i) => vfs.readFile(`/file ${i}`)))
  t.ok(files.every((data, i) => data.equals(read[i]!)))
}

async function limited(t: Test, url: string): Promise<void> {
  const vfs = open(t, url, { connections: 5 })
  await traffic(t, vfs)
  t.ok(vfs.stats().sessions <= 2)
  await traffic(t, vfs)
  await vfs.close()
}

await t.test('a server that allows two sessions is used with two (ftp-srv)', async t => {
  const server = await startEmbeddedServer({ maxConnections: 2 })
  t.teardown(() => server.stop())
  await limited(t, server.url)
})

await forServers(t, 'a server that allows two sessions is used with two', (t, { url }) => limited(t, url), {
  maxClients: 2,
})

await forServers(
  t,
  'two FtpVfs share a server that allows one session: the second waits for the first',
  async (t, { url }) => {
    const [first, second] = [open(t, url, { connections: 1 }), open(t, url, { connections: 2 })]
    await first.writeFile('/file', 'content')
    const waiting = second.readFile('/file', 'utf8')
    await sleep(50)
    await first.close()
    t.equal(await waiting, 'content')
    await second.close()
  },
  { maxClients: 1 },
)

await forServers(
  t,
  'two FtpVfs share a server that allows two: the second gets what the first gives back while idle',
  async (t, { url }) => {
    const first = open(t, url, { connections: 2, idleTimeout: 800 })
    await Promise.all([first.writeFile('/a', 'a'), first.writeFile('/b', 'b')])
    t.equal(first.stats().sessions, 2)
    const second = open(t, url, { connections: 2, shortTimeout: 1_000 })
    t.equal(await second.readFile('/a', 'utf8'), 'a')
    t.equal(first.stats().sessions, 1, 'the last one stays for a while')
    await Promise.all([first.close(), second.close()])
  },
  { maxClients: 2 },
)

await forServers(
  t,
  'sessions that the server has ended, idle for too long, are replaced without anybody noticing',
  async (t, { url }) => {
    const vfs = open(t, url, { connections: 3 })
    await traffic(t, vfs)
    const { opened } = vfs.stats()
    t.ok(opened > 1)
    await sleep(2_500)
    await traffic(t, vfs)
    t.ok(vfs.stats().opened > opened)
    await vfs.close()
  },
  // Pure-FTPd counts in minutes.
  { idleTimeoutSeconds: 1, only: ['vsftpd', 'proftpd', 'pyftpdlib'] },
)
