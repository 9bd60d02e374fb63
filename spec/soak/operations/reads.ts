import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { difference, MiB } from '../content.js'
import type { Attempt, Operation } from '../operation.js'
import type { World } from '../world.js'

const wholeFile = (bytes: Buffer) => (found: unknown) => difference(found as Buffer, bytes)

async function collected(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** A download, to a local file which appears when it is whole. */
async function downloading(world: World, min: number, parallel?: number): Promise<Attempt> {
  const { path, bytes } = await world.someFile(min)
  const local = join(world.local, 'down')
  await rm(local, { force: true })
  return {
    words: `download ${path}, ${bytes.length} bytes`,
    bytes: bytes.length,
    run: async vfs => {
      await vfs.download(path, local, { parallel })
      return readFile(local)
    },
    wrong: wholeFile(bytes),
    left: async () => {
      const names = await readdir(world.local)
      const others = names.filter(name => name !== 'down' && name !== 'up')
      if (others.length > 0) return `beside the local file there is ${others.join()}`
      return names.includes('down') ? difference(await readFile(local), bytes) : undefined
    },
  }
}

export const reads: readonly Operation[] = [
  {
    name: 'readFile',
    data: ['down'],
    flights: 1,
    prepare: async (world, full) => {
      const { path, bytes } = await world.someFile(full ? world.min : 0)
      const words = `readFile ${path}, ${bytes.length} bytes`
      return { words, bytes: bytes.length, run: vfs => vfs.readFile(path), wrong: wholeFile(bytes) }
    },
  },
  {
    name: 'readFile, parallel',
    data: ['down'],
    weight: 1,
    prepare: async world => {
      const { path, bytes } = await world.someFile(4 * MiB)
      return {
        words: `readFile ${path}, ${bytes.length} bytes, parallel 3`,
        bytes: bytes.length / 3,
        run: vfs => vfs.readFile(path, { parallel: 3 }),
        wrong: wholeFile(bytes),
      }
    },
  },
  {
    name: 'readFile of nothing',
    data: [],
    weight: 1,
    prepare: async world => {
      const path = world.somePath()
      await world.put(path, undefined)
      return {
        words: `readFile ${path}, where nothing is`,
        bytes: 0,
        run: vfs => vfs.readFile(path),
        code: 'ENOENT',
      }
    },
  },
  {
    name: 'createReadStream',
    data: ['down'],
    flights: 1,
    prepare: async (world, full) => {
      const { path, bytes } = await world.someFile(full ? world.min : 0)
      return {
        words: `createReadStream ${path}, ${bytes.length} bytes`,
        bytes: bytes.length,
        run: vfs => collected(vfs.createReadStream(path)),
        wrong: wholeFile(bytes),
      }
    },
  },
  {
    name: 'createReadStream, range',
    data: ['down'],
    flights: 1,
    prepare: async world => {
      const { path, bytes } = await world.someFile(2)
      const start = world.random.below(bytes.length)
      const last = bytes.length - 1
      const end = world.random.chance(0.3) ? last : start + world.random.below(bytes.length - start)
      return {
        words: `createReadStream ${path}, ${start} to ${end} of ${bytes.length} bytes`,
        bytes: end - start + 1,
        run: vfs => collected(vfs.createReadStream(path, { start, end })),
        wrong: wholeFile(bytes.subarray(start, end + 1)),
      }
    },
  },
  {
    name: 'download',
    data: ['down'],
    flights: 1,
    prepare: async (world, full) => downloading(world, full ? world.min : 0),
  },
  {
    name: 'download, parallel',
    data: ['down'],
    weight: 1,
    prepare: async world => downloading(world, 4 * MiB, 3),
  },
  {
    name: 'FileHandle, read',
    data: ['down'],
    prepare: async world => {
      const { path, bytes } = await world.someFile(2)
      const places = Array.from({ length: 3 }, () => {
        // Up to the end, at times: its data connection is broken off else.
        if (world.random.chance(0.3)) {
          const length = 1 + world.random.below(Math.min(200_000, bytes.length))
          return { start: bytes.length - length, length }
        }
        const start = world.random.below(bytes.length)
        return { start, length: 1 + world.random.below(Math.min(200_000, bytes.length - start)) }
      })
      return {
        words: `open ${path}, ${bytes.length} bytes, read ${JSON.stringify(places)}`,
        bytes: places[0]!.length,
        run: async vfs => {
          const handle = await vfs.open(path)
          try {
            const found: Buffer[] = []
            for (const { start, length } of places) {
              const buffer = Buffer.alloc(length)
              let filled = 0
              while (filled < length) {
                const { bytesRead } = await handle.read(buffer, filled, length - filled, start + filled)
                if (bytesRead === 0) break
                filled += bytesRead
              }
              found.push(buffer.subarray(0, filled))
            }
            return Buffer.concat(found)
          } finally {
            await handle.close()
          }
        },
        wrong: wholeFile(
          Buffer.concat(places.map(({ start, length }) => bytes.subarray(start, start + length))),
        ),
      }
    },
  },
]
