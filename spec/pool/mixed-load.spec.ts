import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { FtpVfs } from '../../lib/index.js'
import { bytes } from '../conformance/bytes.js'
import { startScriptedServer } from '../support/scripted-server.js'
import { onEachServer, open, randomNumbers } from './stage.js'
import { until } from './pool-on.js'

const content = bytes(1_500_000)
const code = ({ code }: NodeJS.ErrnoException): string => code ?? 'none'

/** Where every reply to a change was lost with its session, nothing tells whether it was done. */
const mayBeDone = (error: Error): void => {
  if (!error.message.includes('it may have been done')) throw error
}

interface Load {
  vfs: FtpVfs
  random: () => number
  /** A name of its own. */
  name: string
}

/** What users do, each with what it has to come to. Some of it fails, and says so. */
const operations: Record<string, (load: Load) => Promise<unknown>> = {
  stat: async ({ vfs }) => (await vfs.stat('/shared')).size === content.length,
  'stat of what is missing': async ({ vfs, name }) => (await vfs.stat(name).catch(code)) === 'ENOENT',
  'write and read': async ({ vfs, random, name }) => {
    const data = content.subarray(0, random() * 50_000)
    await vfs.writeFile(name, data)
    return data.equals(await vfs.readFile(name))
  },
  'write into a missing folder': async ({ vfs, name }) =>
    (await vfs.writeFile(`${name}/in`, 'x').catch(code)) === 'ENOENT',
  read: async ({ vfs }) => content.equals(await vfs.readFile('/shared')),
  'read what is missing': async ({ vfs, name }) => (await vfs.readFile(name).catch(code)) === 'ENOENT',
  pipe: async ({ vfs, name }) => {
    await pipeline(vfs.createReadStream('/shared'), vfs.createWriteStream(name))
    return (await vfs.stat(name)).size === content.length
  },
  'pipe from what is missing': async ({ vfs, name }) => {
    const failed = await pipeline(vfs.createReadStream(`${name} source`), vfs.createWriteStream(name)).catch(
      code,
    )
    return failed === 'ENOENT' && (await vfs.stat(name).catch(code)) === 'ENOENT'
  },
  'a slow write stream': async ({ vfs, random, name }) => {
    const stream = vfs.createWriteStream(name)
    for (let at = 0; at < content.length; at += 500_000) {
      stream.write(content.subarray(at, at + 500_000))
      await sleep(random() * 30)
    }
    stream.end()
    await once(stream, 'close')
    return content.equals(await vfs.readFile(name))
  },
  'a write stream that is given up': async ({ vfs, name }) => {
    let incomplete: unknown
    const stream = vfs.createWriteStream(name).on('error', error => ({ incomplete } = error as never))
    stream.write(content)
    await sleep(5)
    stream.destroy()
    await new Promise(resolve => stream.once('close', resolve))
    // Nothing is left of it, or it says so.
    return incomplete !== undefined || (await vfs.stat(name).catch(code)) === 'ENOENT'
  },
  'a read stream that is given up': async ({ vfs }) => {
    const stream = vfs.createReadStream('/shared')
    await once(stream, 'data')
    stream.destroy()
    await once(stream, 'close')
    return true
  },
  'a slow read stream': async ({ vfs, random }) => {
    const parts: Buffer[] = []
    for await (const part of vfs.createReadStream('/shared')) {
      parts.push(part as Buffer)
      await sleep(random() * 5)
    }
    return content.equals(Buffer.concat(parts))
  },
  'a read that is aborted': async ({ vfs, random }) => {
    const signal = AbortSignal.timeout(Math.floor(random() * 20))
    const read = await vfs.readFile('/shared', { signal }).catch(({ name }: Error) => name)
    return read === 'AbortError' || content.equals(read as Buffer)
  },
  'a write that is aborted': async ({ vfs, random, name }) => {
    const signal = AbortSignal.timeout(Math.floor(random() * 20))
    const written = await vfs.writeFile(name, content, { signal }).catch(({ name }: Error) => name)
    return written === 'AbortError' || written === undefined
  },
  copy: async ({ vfs, name }) => {
    await vfs.copyFile('/shared', name)
    return (await vfs.stat(name)).size === content.length
  },
  'copy of what is missing': async ({ vfs, name }) =>
    (await vfs.copyFile(`${name} source`, name).catch(code)) === 'ENOENT',
  'a tree': async ({ vfs, name }) => {
    await vfs.mkdir(`${name}/a/b`, { recursive: true })
    await Promise.all([1, 2, 3].map(i => vfs.writeFile(`${name}/a/${i}`, 'x')))
    const found = await vfs.readdir(name, { recursive: true })
    await vfs.rm(name, { recursive: true })
    return found.length === 5 && (await vfs.readdir(name).catch(code)) === 'ENOENT'
  },
  'an open folder with stats': async ({ vfs }) => {
    for await (const entry of await vfs.opendir('/folder')) {
      if ((await vfs.stat(`/folder/${entry.name}`)).size !== 1) return false
    }
    return true
  },
  'an open folder that is left': async ({ vfs }) => {
    const folder = await vfs.opendir('/folder')
    await folder.read()
    await sleep(5)
    await folder.close()
    return true
  },
  'rename and unlink': async ({ vfs, name }) => {
    await vfs.appendFile(name, 'x')
    await vfs.rename(name, `${name} renamed`).catch(mayBeDone)
    await vfs.unlink(`${name} renamed`).catch(mayBeDone)
    return (await vfs.stat(`${name} renamed`).catch(code)) === 'ENOENT'
  },
}

async function load(vfs: FtpVfs, seed: number, count: number): Promise<string[]> {
  const random = randomNumbers(seed)
  const names = Object.keys(operations)
  const wrong: string[] = []
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const kind = names[i % names.length]!
      await sleep(random() * 300)
      const outcome = await operations[kind]!({ vfs, random, name: `/own ${i}` }).catch(String)
      if (outcome !== true) wrong.push(`${kind}: ${String(outcome)}`)
    }),
  )
  return wrong
}

for (const connections of [1, 2, 4]) {
  await onEachServer(
    t,
    `two hundred operations at once with connections: ${connections}`,
    async (t, stage) => {
      const vfs = open(t, stage.url, { connections })
      await vfs.writeFile('/shared', content)
      await vfs.mkdir('/folder')
      await Promise.all(Array.from({ length: 20 }, (_, i) => vfs.writeFile(`/folder/${i}`, 'x')))
      t.same(await load(vfs, connections, 200), [])
      // The last sessions come back in the same turn in which the last operations end.
      await until(() => vfs.stats().busy === 0)
      t.match(vfs.stats(), { busy: 0, waiting: 0 })
      t.ok(vfs.stats().sessions <= connections)
      t.comment(vfs.stats())
      await vfs.close()
    },
  )
}

await t.test('and with a server that hangs up now and then', async t => {
  let commands = 0
  const flaky = ['MLST', 'SIZE', 'MLSD', 'RETR', 'STOR', 'EPSV', 'DELE', 'RNTO', 'MKD']
  const server = await startScriptedServer({
    on: Object.fromEntries(
      flaky.map(name => [
        name,
        async ctx => {
          commands += 1
          // The commands that come behind it take effect sometimes, and their reply is lost.
          if (commands % 53 === 0) ctx.connection.drop('control', commands % 2 === 0)
          await ctx.next()
        },
      ]),
    ),
  })
  t.teardown(() => server.stop())
  // Of the many questions that share a flight, all have lost an attempt with it.
  const vfs = open(t, server.url, { connections: 4, retries: 10 })
  await vfs.writeFile('/shared', content)
  await vfs.mkdir('/folder')
  await Promise.all(Array.from({ length: 20 }, (_, i) => vfs.writeFile(`/folder/${i}`, 'x')))
  const wrong = await load(vfs, 7, 200)
  t.comment(`${vfs.stats().opened} sessions`, wrong)
  t.same(wrong, [])
  await until(() => vfs.stats().busy === 0)
  t.match(vfs.stats(), { busy: 0, waiting: 0 })
  await vfs.close()
  await until(() => server.openControl === 0)
})
