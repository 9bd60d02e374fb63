import type { FtpVfs } from '../../../lib/index.js'
import type { Attempt, Operation } from '../operation.js'
import type { World } from '../world.js'

/** What is missing, and what there is too much of. */
export function unlikeNames(found: readonly string[], expected: readonly string[]): string | undefined {
  const missing = expected.filter(name => !found.includes(name))
  const more = found.filter((name, at) => !expected.includes(name) || found.indexOf(name) !== at)
  if (missing.length + more.length === 0) return undefined
  const some = (names: string[]) => `${names.length} (${names.slice(0, 5).join(', ')})`
  return `of ${expected.length} names ${some(missing)} are missing, and ${some(more)} are too much`
}

type List = (vfs: FtpVfs, path: string) => Promise<string[]>

/** The folder that all share: its listing is some blocks long. */
function shared({ shared }: World, name: string, list: List): Attempt {
  return {
    words: `${name} ${shared.path}, ${shared.names.length} entries`,
    bytes: shared.names.length * 60,
    run: vfs => list(vfs, shared.path),
    wrong: found => unlikeNames(found as string[], shared.names),
  }
}

/** Of a folder of the worker's own, or the one that all share. */
function listing(
  name: string,
  list: List,
  expected: (world: World, path: string) => string[],
  more: { flights?: 1 } = {},
): Operation {
  return {
    name,
    data: ['down'],
    ...more,
    prepare: async (world, full) => {
      if (full || world.random.chance(0.3)) return shared(world, name, list)
      const path = world.random.chance(0.5) ? world.folder : await world.someFolder('listed')
      const wanted = expected(world, path)
      return {
        words: `${name} ${path}, ${wanted.length} entries`,
        bytes: wanted.length * 60,
        run: vfs => list(vfs, path),
        wrong: found => unlikeNames(found as string[], wanted),
      }
    },
  }
}

const below = (world: World, path: string): string[] =>
  world.tree.below(path).map(([each]) => each.slice(path.length + 1))

const direct = (world: World, path: string): string[] => world.tree.names(path)

export const listings: readonly Operation[] = [
  listing('readdir', (vfs, path) => vfs.readdir(path), direct, { flights: 1 }),
  listing('readdir, recursive', (vfs, path) => vfs.readdir(path, { recursive: true }), below),
  listing(
    'opendir',
    async (vfs, path) => {
      const names: string[] = []
      for await (const { name } of await vfs.opendir(path)) names.push(name)
      return names
    },
    direct,
    { flights: 1 },
  ),
  listing(
    'glob',
    async (vfs, path) => {
      const names: string[] = []
      for await (const name of vfs.glob('**/*', { cwd: path })) names.push(name)
      return names
    },
    below,
  ),
]
