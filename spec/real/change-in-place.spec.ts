import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { bytes } from '../remote/scripted-vfs.js'
import { FaultProxy } from '../support/fault-proxy.js'
import { skipReason } from '../support/for-servers.js'
import { startServer } from '../support/real-servers.js'

// The data of a change in place ends early, in order, so that the server says 226 and the size is
// right. vsftpd 3.0.3 and ProFTPD 1.3.8 change files in place.

const old = bytes(60_000)
const change = bytes(20_000, 2)
const expected = Buffer.concat([old.subarray(0, 1000), change, old.subarray(21_000)])

const ways: Record<string, (vfs: FtpVfs) => Promise<void>> = {
  'close of an open file': async vfs => {
    await using file = await vfs.open('/f', 'r+')
    await file.write(change, 0, change.length, 1000)
  },
  'sync of an open file': async vfs => {
    await using file = await vfs.open('/f', 'r+')
    await file.write(change, 0, change.length, 1000)
    await file.sync()
  },
  'a stream': vfs =>
    pipeline(Readable.from([change]), vfs.createWriteStream('/f', { flags: 'r+', start: 1000 })),
}

for (const name of ['vsftpd', 'proftpd'] as const) {
  const skip = (await skipReason(name)) ?? false
  for (const [way, store] of Object.entries(ways)) {
    const title = `${name}, ${way}: a part of the change is lost, and the file is as it has to be`
    await t.test(skip ? `${title}: ${skip}` : title, { skip }, async t => {
      await using proxy = await FaultProxy.start(passivePorts => startServer(name, { passivePorts }))
      const file = join(proxy.server.root, 'f')
      for (const byte of [1, 5265, 19_999]) {
        await writeFile(file, old)
        await chmod(file, 0o666)
        await using vfs = new FtpVfs(proxy.url(proxy.server), { connections: 1, retryDelay: 50 })
        await vfs.stat('/f')
        const before = proxy.cuts
        proxy.cut({ at: 'byte', byte, what: 'data', how: 'end' })
        await store(vfs)
        t.equal(proxy.cuts, before + 1)
        t.ok(expected.equals(await readFile(file)), `cut at byte ${byte}`)
        await proxy.reset()
      }
    })
  }
}
