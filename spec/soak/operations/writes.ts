import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FtpVfs } from '../../../lib/index.js'
import { pieces, someSize } from '../content.js'
import type { Attempt, Operation } from '../operation.js'
import { file, type State } from '../tree.js'
import type { World } from '../world.js'

interface Target {
  readonly path: string
  readonly old: Buffer | undefined
  readonly bytes: Buffer
}

/** A path to be written, half of the time with a file of the same size in it, just made or old. */
async function someTarget(world: World, full: boolean): Promise<Target> {
  const { random } = world
  const path = world.somePath()
  const size = Math.max(full ? world.min : 0, someSize(random))
  const oldSize = random.chance(0.5) ? size : random.chance(0.5) ? someSize(random) : undefined
  const old = oldSize === undefined ? undefined : world.someBytes(oldSize)
  await world.put(path, old && file(old), random.chance(0.5) ? new Date(1e12) : undefined)
  // The folder is there.
  if (!old) await world.put(path.slice(0, path.lastIndexOf('/')), { kind: 'folder' })
  return { path, old, bytes: world.someBytes(size) }
}

const before = (old: Buffer | undefined) => (old ? `where ${old.length} bytes are` : 'where nothing is')

/** A write of a whole file. */
function whole(
  name: string,
  write: (vfs: FtpVfs, path: string, bytes: Buffer, world: World) => Promise<void>,
  more: { once?: true; weight?: number } = {},
): Operation {
  return {
    name,
    data: ['up'],
    ...more,
    prepare: async (world, full) => {
      const { path, old, bytes } = await someTarget(world, full)
      await writeFile(join(world.local, 'up'), bytes)
      return {
        words: `${name} ${path}, ${bytes.length} bytes, ${before(old)}`,
        bytes: bytes.length,
        run: vfs => write(vfs, path, bytes, world),
        changes: new Map([[path, file(bytes)]]),
        removes: !world.atomic,
      }
    },
  }
}

/** A change of a part. */
function inPlace(path: string, bytes: Buffer, attempt: Omit<Attempt, 'changes'>): Attempt {
  return { ...attempt, changes: new Map([[path, file(bytes)]]) }
}

export const writes: readonly Operation[] = [
  whole('writeFile', (vfs, path, bytes) => vfs.writeFile(path, bytes), { weight: 8 }),
  whole('writeFile of a generator', (vfs, path, bytes) => vfs.writeFile(path, pieces(bytes)), { once: true }),
  whole(
    'createWriteStream',
    (vfs, path, bytes) => pipeline(Readable.from(pieces(bytes)), vfs.createWriteStream(path)),
    {
      once: true,
    },
  ),
  whole('upload', (vfs, path, _, { local }) => vfs.upload(join(local, 'up'), path), { weight: 8 }),
  whole('FileHandle, w', async (vfs, path, bytes) => {
    const handle = await vfs.open(path, 'w')
    try {
      for (const piece of pieces(bytes, 300_000)) await handle.write(piece)
    } finally {
      await handle.close()
    }
  }),
  {
    name: 'appendFile',
    data: ['up'],
    prepare: async (world, full) => {
      const { path, old, bytes } = await someTarget(world, full)
      return inPlace(path, Buffer.concat([old ?? Buffer.alloc(0), bytes]), {
        words: `appendFile ${path}, ${bytes.length} bytes, ${before(old)}`,
        bytes: bytes.length,
        run: vfs => vfs.appendFile(path, bytes),
        removes: old === undefined,
      })
    },
  },
  {
    name: 'FileHandle, r+',
    data: ['up', 'down'],
    prepare: async world => {
      const { path, bytes: old } = await world.someFile(2)
      const start = world.random.below(old.length)
      const bytes = world.someBytes(1 + world.random.below(Math.min(100_000, old.length)))
      const after = Buffer.concat([old.subarray(0, start), bytes, old.subarray(start + bytes.length)])
      return inPlace(path, after, {
        words: `open ${path}, ${old.length} bytes, r+, write ${bytes.length} at ${start}`,
        bytes: bytes.length,
        run: async vfs => {
          const handle = await vfs.open(path, 'r+')
          try {
            await handle.write(bytes, 0, bytes.length, start)
          } finally {
            await handle.close()
          }
        },
      })
    },
  },
  {
    name: 'truncate',
    data: ['up', 'down'],
    prepare: async world => {
      const { path, bytes } = await world.someFile(2)
      const size = world.random.below(bytes.length + 1000)
      const after = Buffer.alloc(size)
      bytes.copy(after)
      return inPlace(path, after, {
        words: `truncate ${path}, ${bytes.length} bytes, to ${size}`,
        bytes: Math.min(size, bytes.length),
        run: vfs => vfs.truncate(path, size),
      })
    },
  },
  {
    name: 'copyFile',
    data: ['down', 'up'],
    prepare: async (world, full) => {
      const { path, old } = await someTarget(world, full)
      const source = `${world.folder}/source`
      const size = Math.max(
        full ? world.min : 0,
        old && world.random.chance(0.5) ? old.length : someSize(world.random),
      )
      const bytes = world.someBytes(size)
      await world.put(source, file(bytes))
      return {
        words: `copyFile ${source}, ${size} bytes, to ${path}, ${before(old)}`,
        bytes: size,
        run: vfs => vfs.copyFile(source, path),
        changes: new Map([[path, file(bytes)]]),
        removes: !world.atomic,
      }
    },
  },
  {
    name: 'cp, recursive',
    data: ['down', 'up'],
    prepare: async (world, full) => {
      const from = await world.someFolder('from')
      if (full) await world.put(`${from}/full`, file(world.someBytes(5000)))
      const to = `${world.folder}/to`
      await world.put(to, undefined)
      const changes = new Map<string, State>([[to, { kind: 'folder' }]])
      for (const [path, entry] of world.tree.below(from)) changes.set(to + path.slice(from.length), entry)
      return {
        words: `cp ${from} to ${to}, ${changes.size} entries`,
        bytes: 2000,
        run: vfs => vfs.cp(from, to, { recursive: true }),
        changes,
      }
    },
  },
]
