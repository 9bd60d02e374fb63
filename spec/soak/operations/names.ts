import type { Operation } from '../operation.js'
import { file, folder, type State } from '../tree.js'
import type { World } from '../world.js'

/** A path where nothing is, in a folder that is there. */
async function free(world: World): Promise<string> {
  const path = world.somePath()
  await world.put(path, undefined)
  await world.put(path.slice(0, path.lastIndexOf('/')), folder)
  return path
}

const bytes = 0

export const names: readonly Operation[] = [
  {
    name: 'rename',
    data: [],
    flights: 1,
    prepare: async world => {
      const from = await world.someFile()
      const to = `${world.folder}/renamed`
      if (from.path !== to && world.random.chance(0.5)) await world.put(to, undefined)
      const changes = new Map<string, State>([
        [from.path, undefined],
        [to, file(from.bytes)],
      ])
      if (from.path === to) changes.set(to, file(from.bytes))
      const there = world.tree.get(to) ? ', where a file is' : ''
      return {
        words: `rename ${from.path} to ${to}${there}`,
        bytes,
        run: vfs => vfs.rename(from.path, to),
        changes,
        whole: true,
      }
    },
  },
  {
    name: 'rename of a folder',
    data: [],
    flights: 1,
    weight: 2,
    prepare: async world => {
      const from = await world.someFolder('old name')
      const to = `${world.folder}/new name`
      await world.put(to, undefined)
      const changes = new Map<string, State>([
        [from, undefined],
        [to, folder],
      ])
      for (const [path, entry] of world.tree.below(from)) {
        changes.set(path, undefined)
        changes.set(to + path.slice(from.length), entry)
      }
      return {
        words: `rename ${from} to ${to}`,
        bytes,
        run: vfs => vfs.rename(from, to),
        changes,
        whole: true,
      }
    },
  },
  {
    name: 'rename of nothing',
    data: [],
    weight: 1,
    prepare: async world => {
      const from = await free(world)
      const to = `${world.folder}/renamed`
      if (world.random.chance(0.5)) await world.put(to, undefined)
      return {
        words: `rename ${from}, where nothing is, to ${to}`,
        bytes,
        run: vfs => vfs.rename(from, to),
        code: 'ENOENT',
      }
    },
  },
  {
    name: 'unlink',
    data: [],
    flights: 1,
    prepare: async world => {
      const { path } = await world.someFile()
      return {
        words: `unlink ${path}`,
        bytes,
        run: vfs => vfs.unlink(path),
        changes: new Map([[path, undefined]]),
      }
    },
  },
  {
    name: 'unlink of nothing',
    data: [],
    weight: 1,
    prepare: async world => {
      const path = await free(world)
      return {
        words: `unlink ${path}, where nothing is`,
        bytes,
        run: vfs => vfs.unlink(path),
        code: 'ENOENT',
      }
    },
  },
  {
    name: 'mkdir',
    data: [],
    flights: 1,
    prepare: async world => {
      const path = `${world.folder}/made`
      await world.put(path, undefined)
      return {
        words: `mkdir ${path}`,
        bytes,
        run: vfs => vfs.mkdir(path),
        changes: new Map([[path, folder]]),
      }
    },
  },
  {
    name: 'mkdir of a folder',
    data: [],
    weight: 1,
    prepare: async world => {
      const path = `${world.folder}/made`
      await world.put(path, folder)
      return { words: `mkdir ${path}, where a folder is`, bytes, run: vfs => vfs.mkdir(path), code: 'EEXIST' }
    },
  },
  {
    name: 'mkdir, recursive',
    data: [],
    flights: 1,
    prepare: async world => {
      const top = `${world.folder}/p`
      await world.put(top, undefined)
      const missing = [top, `${top}/q`, `${top}/q/r s`]
      const there = world.random.below(3)
      if (there > 0) await world.put(missing[there - 1]!, folder)
      const path = missing[2]!
      return {
        words: `mkdir ${path}, recursive, where ${there} of 3 are there`,
        bytes,
        run: vfs => vfs.mkdir(path, { recursive: true }),
        changes: new Map(missing.map(each => [each, folder])),
        // Where the replies were lost it is not known which was made first.
        wrong: made =>
          made === undefined || missing.indexOf(made as string) >= there
            ? undefined
            : `it says that ${made as string} was made first`,
      }
    },
  },
  {
    name: 'rmdir',
    data: [],
    flights: 1,
    prepare: async world => {
      const path = `${world.folder}/made`
      await world.put(path, folder)
      return {
        words: `rmdir ${path}`,
        bytes,
        run: vfs => vfs.rmdir(path),
        changes: new Map([[path, undefined]]),
      }
    },
  },
  {
    name: 'rmdir of a full folder',
    data: [],
    weight: 1,
    prepare: async world => {
      const path = await world.someFolder('full')
      await world.put(`${path}/file`, file(Buffer.from('x')))
      return {
        words: `rmdir ${path}, which is not empty`,
        bytes,
        run: vfs => vfs.rmdir(path),
        code: 'ENOTEMPTY',
      }
    },
  },
  {
    name: 'rm, recursive',
    data: [],
    prepare: async world => {
      const path = await world.someFolder('tree')
      const changes = new Map<string, State>([[path, undefined]])
      for (const [each] of world.tree.below(path)) changes.set(each, undefined)
      return {
        words: `rm ${path}, ${changes.size} entries`,
        bytes,
        run: vfs => vfs.rm(path, { recursive: true }),
        changes,
      }
    },
  },
  {
    name: 'symlink',
    data: [],
    flights: 1,
    weight: 2,
    on: ['proftpd', 'embedded'],
    prepare: async world => {
      const target = `${world.folder}/s/target`
      const path = `${world.folder}/s/link`
      await world.put(target, file(Buffer.from('target')))
      await world.put(path, undefined)
      return {
        words: `symlink ${path} to ${target}`,
        bytes,
        run: vfs => vfs.symlink(target, path),
        changes: new Map<string, State>([[path, { kind: 'link', target }]]),
      }
    },
  },
]
