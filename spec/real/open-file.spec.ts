import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { OpenFile } from '../../lib/remote/open/open-file.js'
import { openOn, read, remoteOn } from '../remote/remote-on.js'
import { bytes } from '../remote/scripted-vfs.js'
import { forServers } from '../support/for-servers.js'

const sizes = fc.oneof(fc.nat(20), fc.nat(1000), fc.nat(300_000))
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('write'), at: sizes, length: sizes }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('read'), at: sizes, length: sizes }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('truncate'), at: sizes, length: fc.constant(0) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('flush'), at: fc.constant(0), length: fc.constant(0) }),
    },
  ),
  { minLength: 1, maxLength: 12 },
)

/** The bytes of a local file that is open. */
class Model {
  constructor(public content: Buffer) {}

  truncate(size: number): void {
    const longer = Buffer.alloc(Math.max(0, size - this.content.length))
    this.content = Buffer.concat([this.content.subarray(0, size), longer])
  }

  write(chunk: Buffer, at: number): void {
    if (chunk.length > 0) this.truncate(Math.max(this.content.length, at + chunk.length))
    chunk.copy(this.content, at)
  }
}

await forServers(t, 'a file that is changed at any place is as a local one', async (t, server) => {
  const remote = remoteOn(t, server.url, { replayBuffer: 64 * 1024 })
  const path = join(server.root, 'f')
  const property = fc.asyncProperty(
    sizes,
    fc.constantFrom('r+', 'a+', 'w+'),
    fc.nat(1000),
    steps,
    async (size, flags, seed, steps) => {
      const model = new Model(bytes(size, seed))
      await writeFile(path, model.content)
      await chmod(path, 0o666)
      const file = await openOn(t, remote, '/f', flags)
      if (flags === 'w+') model.truncate(0)
      for (const { do: what, at, length } of [...steps, { do: 'flush', at: 0, length: 0 }]) {
        if (what === 'write') {
          const chunk = bytes(length, at)
          model.write(chunk, flags === 'a+' ? model.content.length : at)
          await file.write(chunk, at)
        } else if (what === 'truncate') {
          model.truncate(at)
          await file.truncate(at)
        } else if (what === 'flush') {
          await file.flush()
          if (!model.content.equals(await readFile(path))) throw new Error('stored other bytes')
        } else {
          const expected = model.content.subarray(at, at + length)
          if (!expected.equals(await read(file, at, length))) throw new Error('read other bytes')
        }
        await sizeIs(file, model.content.length)
      }
      await file.close()
    },
  )
  await fc.assert(property, { numRuns: 25, interruptAfterTimeLimit: 6_000 })
  t.equal(remote.pool.stats.busy, 0)
})

async function sizeIs(file: OpenFile, size: number): Promise<void> {
  const told = (await file.stat()).size
  if (told !== size) throw new Error(`${size} bytes, but ${told} are told`)
}
