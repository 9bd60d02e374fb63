import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { CountingSink } from '../streams.js'
import type { Contestant, Crew, Entrant, Login } from './contestant.js'

/**
 * Plain basic-ftp: a client does one thing at a time, so several of them take from one list by hand. It does not
 * look whether what it stored is whole.
 */
export const basicFtp: Entrant = {
  family: 'basic-ftp',
  crew(scenario, far): Crew {
    if (scenario === 'slow-down') return 'none'
    return far && ['stat', 'tree-walk', 'tree-remove'].includes(scenario) ? 'most' : 'all'
  },
  enter,
}

async function enter({ ca, ...login }: Login, connections: number): Promise<Contestant> {
  const clients = Array.from({ length: connections }, () => new Client())
  const security = ca === undefined ? {} : { secure: true, secureOptions: { ca } }
  await Promise.all(clients.map(client => client.access({ ...login, ...security })))
  const [first] = clients as [Client]

  async function each(paths: string[], work: (client: Client, path: string) => Promise<unknown>) {
    const waiting = paths.values()
    await Promise.all(
      clients.map(async client => {
        for (const path of waiting) await work(client, path)
      }),
    )
  }

  /** Level by level, for clients that find the list empty would go. */
  async function tree(path: string) {
    const [folders, files]: [string[], string[]] = [[], []]
    for (let level = [path]; level.length > 0;) {
      const below: string[] = []
      await each(level, async (client, folder) => {
        for (const entry of await client.list(folder)) {
          const list = entry.isDirectory ? below : files
          list.push(`${folder}/${entry.name}`)
        }
      })
      folders.push(...below)
      level = below
    }
    return { folders, files }
  }

  return {
    async upload(local, path) {
      await first.uploadFrom(local, path)
    },
    async download(path, local) {
      await first.downloadTo(local, path)
    },
    uploadAll: (paths, bytes) =>
      each(paths, (client, path) => client.uploadFrom(Readable.from([bytes]), path)),
    async downloadAll(paths) {
      let total = 0
      await each(paths, async (client, path) => {
        const sink = new CountingSink()
        await client.downloadTo(sink, path)
        total += sink.bytes
      })
      return total
    },
    async statAll(paths) {
      let total = 0
      await each(paths, async (client, path) => {
        const size = await client.size(path)
        await client.lastMod(path)
        total += size
      })
      return total
    },
    async list(path) {
      return (await first.list(path)).length
    },
    async walk(path) {
      const { folders, files } = await tree(path)
      return folders.length + files.length
    },
    async remove(path) {
      if (connections === 1) return first.removeDir(path)
      const { folders, files } = await tree(path)
      await each(files, (client, file) => client.remove(file))
      for (let left = [path, ...folders]; left.length > 0;) {
        const parents = new Set(left.map(folder => folder.slice(0, folder.lastIndexOf('/'))))
        const leaves = left.filter(folder => !parents.has(folder))
        await each(leaves, (client, folder) => client.send(`RMD ${folder}`))
        left = left.filter(folder => parents.has(folder))
      }
    },
    async close() {
      for (const client of clients) client.close()
    },
  }
}
