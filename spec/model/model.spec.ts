import * as node from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { memfsOutside } from '../conformance/memfs-outside.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { behavesAsNode, difference, type Search } from './model.js'

await t.test('any operations on the embedded server are as on node:fs', async t => {
  const server = await startEmbeddedServer()
  const vfs = new FtpVfs(server.url, { connections: 2 })
  t.teardown(async () => {
    await vfs.close()
    await server.stop()
  })
  const outside = { fs: memfsOutside(server.volume), root: '' }
  await behavesAsNode(t, { fs: vfs.fs, methods: vfs, root: '/', outside })
})

await t.test('what differs is found, made short, and found again by its seed and path', async t => {
  const roots = await mkdtemp(join(tmpdir(), 'ftp-vfs-model-'))
  t.teardown(() => rm(roots, { recursive: true }))
  const unlink = async (): Promise<void> => {
    throw Object.assign(new Error('broken'), { code: 'EIO' })
  }
  const promises = { ...node.promises, unlink }
  const fs = { ...node, promises } as typeof node
  const broken = async (search: Search): Promise<string[]> => {
    const root = await mkdtemp(join(roots, 'run-'))
    const outside = { fs: node.promises, root: '' }
    return (
      (await difference(t, { fs, methods: promises, root, outside, isNode: true }, search))?.split('\n') ?? []
    )
  }
  const [message = '', odd, steps = ''] = await broken({ numRuns: 1_000 })
  t.match(message, /: \["unlink","(methods|promises)","[^"]+"\] gave {"code":"EIO"}, not /)
  t.equal(odd, '"c"')
  t.ok((JSON.parse(steps) as unknown[]).length <= 3, steps)
  const [, seed, path = ''] = /SEED=(-?\d+) FTP_VFS_MODEL_PATH=(\S+): /.exec(message) ?? []
  t.same(await broken({ seed: Number(seed), path }), [message, odd, steps])
})
