import type { Stats } from '../../../lib/index.js'
import { realServerNames } from '../../support/real-servers.js'
import type { Operation } from '../operation.js'
import type { World } from '../world.js'

const bytes = 0

/** vsftpd 3.0.3 has none: it is asked SIZE, MDTM and more. */
const withMlst = realServerNames.filter(name => name !== 'vsftpd')

const ofSize = (size: number) => (found: unknown) => {
  const stats = found as Stats
  return stats.isFile() && stats.size === size ? undefined : `a size of ${stats.size}, not ${size}`
}

async function missing(world: World): Promise<string> {
  const path = world.somePath()
  await world.put(path, undefined)
  return path
}

export const metadata: readonly Operation[] = [
  {
    name: 'stat',
    data: [],
    flights: 1,
    oneCommandOn: withMlst,
    prepare: async world => {
      const { path, bytes: content } = await world.someFile()
      return { words: `stat ${path}`, bytes, run: vfs => vfs.stat(path), wrong: ofSize(content.length) }
    },
  },
  {
    name: 'stat of nothing',
    data: [],
    weight: 1,
    prepare: async world => {
      const path = await missing(world)
      return { words: `stat ${path}, where nothing is`, bytes, run: vfs => vfs.stat(path), code: 'ENOENT' }
    },
  },
  {
    name: 'lstat',
    data: [],
    flights: 1,
    oneCommandOn: withMlst,
    prepare: async world => {
      const { path, bytes: content } = await world.someFile()
      return { words: `lstat ${path}`, bytes, run: vfs => vfs.lstat(path), wrong: ofSize(content.length) }
    },
  },
  {
    name: 'access',
    data: [],
    flights: 1,
    oneCommandOn: withMlst,
    prepare: async world => {
      const { path } = await world.someFile()
      return { words: `access ${path}`, bytes, run: vfs => vfs.access(path) }
    },
  },
  {
    name: 'utimes',
    data: [],
    flights: 1,
    oneCommandOn: realServerNames,
    prepare: async world => {
      const { path } = await world.someFile()
      const seconds = 1_000_000_000 + world.random.below(500_000_000)
      return {
        words: `utimes ${path} ${seconds}`,
        bytes,
        run: vfs => vfs.utimes(path, seconds, seconds),
        wrong: async () => {
          const found = (await world.disk.stats(path))?.mtimeMs
          return Number(found) === seconds * 1000 ? undefined : `the time is ${found} ms`
        },
      }
    },
  },
  {
    name: 'chmod',
    data: [],
    flights: 1,
    oneCommandOn: realServerNames,
    prepare: async world => {
      const { path } = await world.someFile()
      const mode = world.random.pick([0o600, 0o640, 0o644, 0o664])
      return {
        words: `chmod ${path} ${mode.toString(8)}`,
        bytes,
        run: vfs => vfs.chmod(path, mode),
        wrong: async () => {
          const found = Number((await world.disk.stats(path))?.mode) & 0o777
          return found === mode ? undefined : `the mode is ${found.toString(8)}`
        },
      }
    },
  },
]
