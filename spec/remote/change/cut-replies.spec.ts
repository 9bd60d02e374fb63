import t from 'tap'
import { FtpVfs } from '../../../lib/index.js'
import { startEmbeddedServer } from '../../support/embedded-server.js'
import { FaultProxy } from '../../support/fault-proxy.js'
import { bytes } from '../scripted-vfs.js'

// A control connection is cut once, within a reply or between two: what can be done again succeeds.

const small = bytes(3_000)
const large = bytes(400_000)

const names = async (found: AsyncIterable<{ name: string }>): Promise<string[]> => {
  const all: string[] = []
  for await (const { name } of found) all.push(name)
  return all.sort()
}

/** What it comes to, without a fault and with one. */
const calls: Record<string, (vfs: FtpVfs) => Promise<unknown>> = {
  stat: async vfs => (await vfs.stat('/d/f')).size,
  lstat: async vfs => (await vfs.lstat('/d/f')).size,
  access: vfs => vfs.access('/d/f'),
  exists: vfs => vfs.exists('/d/f'),
  realpath: vfs => vfs.realpath('/d/../d/f'),
  readlink: vfs => vfs.readlink('/d/f').catch(({ code }) => code as string),
  readFile: vfs => vfs.readFile('/d/f'),
  readdir: async vfs => (await vfs.readdir('/d')).sort(),
  'readdir, recursive': async vfs => (await vfs.readdir('/', { recursive: true })).sort(),
  opendir: async vfs => names(await vfs.opendir('/d')),
  writeFile: async vfs => {
    await vfs.writeFile('/d/new', small)
    return vfs.readFile('/d/new')
  },
  copyFile: async vfs => {
    await vfs.copyFile('/d/f', '/d/new')
    return vfs.readFile('/d/new')
  },
  'FileHandle, r': async vfs => {
    const handle = await vfs.open('/d/large')
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(1_000), 0, 1_000, 300_000)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  },
  'FileHandle, w': async vfs => {
    const handle = await vfs.open('/d/new', 'w')
    try {
      for (const piece of [small, large]) await handle.write(piece)
    } finally {
      await handle.close()
    }
    return vfs.readFile('/d/new')
  },
}

const proxy = await FaultProxy.start(passivePorts => startEmbeddedServer({ passivePorts }))
t.teardown(() => proxy[Symbol.asyncDispose]())
const { volume } = proxy.server
volume.mkdirSync('/d/e', { recursive: true })
for (const [path, content] of Object.entries({ '/d/f': small, '/d/large': large, '/d/new': '' }))
  volume.writeFileSync(path, content)

const step = 113

for (const [name, call] of Object.entries(calls)) {
  await t.test(name, async t => {
    for (const connections of [1, 4]) {
      const vfs = new FtpVfs(proxy.url(proxy.server), { connections, retryDelay: 1, readWriteTimeout: 500 })
      try {
        const expected = await call(vfs)
        for (let cut = 0, byte = connections; ; byte += step) {
          const fault = { at: 'byte', on: 'control', way: 'down', byte, what: 'one' } as const
          const how = cut++ % 2 === 0 ? 'reset' : 'end'
          const before = proxy.cuts
          proxy.cut({ ...fault, how })
          t.same(await call(vfs), expected, `${how} at byte ${byte}, ${connections} connections`)
          if (proxy.cuts === before) break
        }
      } finally {
        vfs.destroy()
        await proxy.reset()
      }
    }
  })
}
