import { randomBytes } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeAuthority } from '../support/certificates.js'
import { forServers } from '../support/for-servers.js'
import type { RealServer } from '../support/real-servers.js'
import { open } from './vfs-on.js'

const authority = await makeAuthority()
const issued = await authority.issue()

/** Over one session, which is enough as long as none is lost. */
const one = (t: Test, server: RealServer) =>
  open(t, server.url, { encryptionMode: 'Explicit', ca: authority.ca, connections: 1 })

for (const protocol of ['TLSv1.2', 'TLSv1.3'] as const) {
  // vsftpd and ProFTPD refuse a data connection that does not go on with the TLS session of the control connection.
  await forServers(
    t,
    `hundreds of transfers over one session, ${protocol}`,
    async (t, server) => {
      const vfs = one(t, server)
      for (let i = 0; i < 100; i++) {
        await vfs.writeFile(`/file${i % 10}`, `content ${i}`)
        t.equal(await vfs.readFile(`/file${i % 10}`, 'utf8'), `content ${i}`)
      }
      await Promise.all(Array.from({ length: 100 }, (_, i) => vfs.writeFile(`/more${i}`, `${i}`)))
      t.equal((await vfs.readdir('/')).length, 110)
      t.equal(vfs.stats().opened, 1)
    },
    { tls: { ...issued, protocol } },
  )
}

await forServers(
  t,
  '64 MiB up and down, byte for byte',
  async (t, server) => {
    const vfs = one(t, server)
    const bytes = randomBytes(64 * 2 ** 20)
    await vfs.writeFile('/big', bytes)
    t.ok(bytes.equals(await readFile(join(server.root, 'big'))))
    t.ok(bytes.equals(await vfs.readFile('/big')))
    t.equal(vfs.stats().opened, 1)
  },
  { tls: issued },
)

await forServers(
  t,
  'a download that is stopped midway leaves the session as it was',
  async (t, server) => {
    const vfs = one(t, server)
    const bytes = randomBytes(8 * 2 ** 20)
    await writeFile(join(server.root, 'big'), bytes)
    for (let i = 0; i < 5; i++) {
      for await (const chunk of vfs.createReadStream('/big', { start: i })) {
        t.ok((chunk as Buffer).length > 0)
        break
      }
      t.equal((await vfs.stat('/big')).size, bytes.length)
    }
    t.ok(bytes.equals(await vfs.readFile('/big')))
    t.equal(vfs.stats().opened, 1)
  },
  { tls: issued },
)

await forServers(
  t,
  'refused transfers leave the session as it was',
  async (t, server) => {
    const vfs = one(t, server)
    for (let i = 0; i < 5; i++) {
      await t.rejects(vfs.readFile('/missing'), { code: 'ENOENT' })
      await t.rejects(vfs.writeFile('/missing/file', 'x'), { code: 'ENOENT' })
      await t.rejects(vfs.readdir('/missing'), { code: 'ENOENT' })
    }
    await vfs.writeFile('/file', 'content')
    t.equal(await vfs.readFile('/file', 'utf8'), 'content')
    t.equal(vfs.stats().opened, 1)
  },
  { tls: issued },
)

await forServers(
  t,
  '500 questions at once are all answered',
  async (t, server) => {
    await writeFile(join(server.root, 'there'), 'x'.repeat(123))
    const vfs = one(t, server)
    await vfs.connect()
    const before = vfs.stats()
    const long = 'x'.repeat(60)
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        vfs.stat(i % 3 === 0 ? '/there' : `/${long}${i}`).then(
          ({ size }) => size,
          (error: NodeJS.ErrnoException) => error.code,
        ),
      ),
    )
    t.same(
      answers,
      answers.map((_, i) => (i % 3 === 0 ? 123 : 'ENOENT')),
    )
    t.equal(vfs.stats().opened, 1)
    // Of 1,200 bytes on ProFTPD and pyftpdlib.
    t.ok(vfs.stats().flights - before.flights < 250, 'in few flights')
  },
  { tls: issued },
)

await forServers(
  t,
  'an upload that is cut leaves the session usable, or another in its place',
  async (t, server) => {
    const vfs = one(t, server)
    const stream = vfs.createWriteStream('/cut')
    stream.on('error', () => {})
    stream.write(Buffer.alloc(2 ** 20))
    const stored = () => stat(join(server.root, 'cut')).catch(() => ({ size: 0 }))
    while ((await stored()).size === 0) await new Promise(resolve => setTimeout(resolve, 5))
    stream.destroy(new Error('enough'))
    await vfs.writeFile('/whole', 'content')
    t.equal(await readFile(join(server.root, 'whole'), 'utf8'), 'content')
  },
  { tls: issued },
)
