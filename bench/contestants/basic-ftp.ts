import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { CountingSink } from '../streams.js'
import type { Contestant, Login } from './contestant.js'

/**
 * Plain basic-ftp: a client does one thing at a time, so several of them take from one list by hand. It does not
 * look whether what it stored is whole.
 */
export async function enterBasicFtp({ ca, ...login }: Login, connections: number): Promise<Contestant> {
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

  return {
    async upload(path, source) {
      await first.uploadFrom(source, path)
    },
    async download(path, sink) {
      await first.downloadTo(sink, path)
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
    async close() {
      for (const client of clients) client.close()
    },
  }
}
