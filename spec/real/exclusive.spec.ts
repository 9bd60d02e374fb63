import { chown, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { constants } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { FtpVfs } from '../../lib/index.js'
import { FaultProxy } from '../support/fault-proxy.js'
import type { Fault } from '../support/faults.js'
import { skipReason } from '../support/for-servers.js'
import { realServerNames, startServer, type RealServer } from '../support/real-servers.js'
import { failure, open } from './vfs-on.js'

// A lock file whose STOR is lost, and another client that makes it meanwhile.

const ours = Buffer.alloc(6000, 'ours ')
const { COPYFILE_EXCL } = constants

const ways: Record<string, (vfs: FtpVfs) => Promise<unknown>> = {
  'writeFile wx': vfs => vfs.writeFile('/lock', ours, { flag: 'wx' }),
  'copyFile COPYFILE_EXCL': vfs => vfs.copyFile('/source', '/lock', COPYFILE_EXCL),
}

const locks = {
  'of the same size': Buffer.alloc(ours.length, 'other'),
  'of another size': Buffer.from('other'),
}

/** The server never gets the command; the other client has some time until the client hears of it. */
const command: Fault = { at: 'command', line: /^STOR /, how: 'silence', time: 500 }
/** It has stored all, and its 226 is lost. */
const reply: Fault = { at: 'reply' }

type Proxy = FaultProxy<RealServer>

async function proxyTo(t: Test, name: (typeof realServerNames)[number]): Promise<Proxy> {
  const proxy = await FaultProxy.start(passivePorts => startServer(name, { passivePorts }))
  t.teardown(() => proxy[Symbol.asyncDispose]())
  await lay(proxy, 'source', ours)
  return proxy
}

async function lay({ server: { root } }: Proxy, name: string, content: Buffer): Promise<void> {
  const { uid, gid } = await stat(root)
  await writeFile(join(root, name), content)
  await chown(join(root, name), uid, gid)
}

/** Makes the other client's file as soon as the fault has been made. */
async function layAfterCut(proxy: Proxy, content: Buffer): Promise<void> {
  const before = proxy.cuts
  while (proxy.cuts === before) await new Promise(resolve => setTimeout(resolve, 1))
  await lay(proxy, 'lock', content)
}

for (const name of realServerNames) {
  const skip = (await skipReason(name)) ?? false
  for (const [way, store] of Object.entries(ways)) {
    await t.test(skip ? `${way} (${name}): ${skip}` : `${way} (${name})`, { skip }, async t => {
      const proxy = await proxyTo(t, name)
      const lock = join(proxy.server.root, 'lock')
      const client = async (t: Test): Promise<FtpVfs> => {
        await rm(lock, { force: true })
        const vfs = open(t, proxy.url(proxy.server), { connections: 1 })
        await vfs.stat('/')
        return vfs
      }

      for (const [title, content] of Object.entries(locks)) {
        await t.test(`another’s file ${title} stays`, async t => {
          const vfs = await client(t)
          proxy.cut(command)
          const laid = layAfterCut(proxy, content)
          t.match(await failure(store(vfs)), { code: 'EEXIST' })
          await laid
          t.ok(content.equals(await readFile(lock)))
        })
      }

      await t.test('it is sent again where nothing stands there', async t => {
        const vfs = await client(t)
        proxy.cut(command)
        await store(vfs)
        t.ok(ours.equals(await readFile(lock)))
      })

      await t.test('what was stored is known by its bytes', async t => {
        const vfs = await client(t)
        proxy.cut(reply)
        await store(vfs)
        t.ok(ours.equals(await readFile(lock)))
        t.same((await readdir(proxy.server.root)).sort(), ['lock', 'source'])
      })
    })
  }
}
