import { EventEmitter } from 'node:events'
import * as nodeFileSystem from 'node:fs'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { promisify } from 'node:util'
import { globSync } from 'glob'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startEmbeddedServer } from '../support/embedded-server.js'

const server = await startEmbeddedServer()
const vfs = new FtpVfs(server.url, { connections: 2 })
const { fs } = vfs
await vfs.mkdir('/folder')
await vfs.writeFile('/folder/file', 'bytes')
t.teardown(async () => {
  await vfs.close()
  await server.stop()
})

type Functions = Readonly<Record<string, (...given: unknown[]) => unknown>>
const functions = fs as unknown as Functions

t.test('vfs.fs', async t => {
  await t.test('is always the same object', async t => {
    t.equal(vfs.fs, fs)
  })

  await t.test('has every name of node:fs and of its promises, as own and enumerable properties', async t => {
    const names = [...Object.keys(nodeFileSystem), 'F_OK', 'R_OK', 'W_OK', 'X_OK'].filter(
      name => name !== 'default' && name !== 'module.exports',
    )
    t.same(
      names.filter(name => !Object.keys(fs).includes(name)),
      [],
    )
    t.same(
      Object.keys(nodeFileSystem.promises).filter(name => !Object.keys(fs.promises).includes(name)),
      [],
    )
    t.ok(Object.getOwnPropertyDescriptor(fs, 'promises')?.enumerable)
  })

  await t.test('has functions where Node has functions, with the same names', async t => {
    const differing = Object.entries(nodeFileSystem).filter(([name, value]) => {
      if (typeof value !== 'function' || name === 'default') return false
      return typeof functions[name] !== 'function' || functions[name].name === ''
    })
    t.same(differing, [])
  })

  await t.test('works without `this`', async t => {
    const { readFile, createReadStream } = fs
    const { stat, readdir } = fs.promises
    t.equal((await stat('/folder/file')).size, 5)
    t.same(await readdir('/folder'), ['file'])
    t.equal(await promisify(readFile)('/folder/file', 'utf8'), 'bytes')
    t.equal(await text(createReadStream('/folder/file')), 'bytes')
  })

  await t.test(
    'fails with ENOTSUP in every synchronous function, and never reads the local disk',
    async t => {
      const names = Object.keys(fs).filter(name => name.endsWith('Sync'))
      t.ok(names.length > 30)
      for (const name of names) t.throws(() => functions[name]!('/etc'), { code: 'ENOTSUP' }, name)
      // glob treats an error as an empty folder.
      t.same(globSync('*', { cwd: '/', fs }), [])
    },
  )

  await t.test('calls back from exists without an error argument', async t => {
    const asked = (path: unknown): Promise<unknown> =>
      new Promise(resolve => functions['exists']!(path, (...got: unknown[]) => resolve(got)))
    t.same(await asked('/folder/file'), [true])
    t.same(await asked('/folder/none'), [false])
    t.same(await asked(5), [false])
    t.equal(await promisify(fs.exists)('/folder'), true)
    for (const none of [undefined, 5, 'x'])
      t.throws(() => functions['exists']!('/folder', none), { code: 'ERR_INVALID_ARG_TYPE' })
  })

  await t.test('creates streams that are instances of its classes, by function or by class', async t => {
    const { ReadStream, WriteStream } = fs as unknown as Record<string, new (...given: unknown[]) => object>
    const made = [
      fs.createReadStream('/folder/file'),
      new ReadStream!('/folder/file', { start: 1 }) as nodeFileSystem.ReadStream,
      (ReadStream as unknown as (path: string) => nodeFileSystem.ReadStream)('/folder/file'),
    ]
    for (const stream of made) t.ok(stream instanceof ReadStream!)
    t.same(await Promise.all(made.map(stream => text(stream))), ['bytes', 'ytes', 'bytes'])
    const written = new WriteStream!('/folder/written') as nodeFileSystem.WriteStream
    t.ok(written instanceof WriteStream!)
    await finished(written.end('more'))
    t.equal(await vfs.readFile('/folder/written', 'utf8'), 'more')
    class Mine extends (ReadStream as unknown as typeof nodeFileSystem.ReadStream) {
      mine(): string {
        return 'mine'
      }
    }
    const own = new (Mine as unknown as new (path: string) => Mine)('/folder/file')
    t.equal(own.mine(), 'mine')
    t.equal(await text(own), 'bytes')
  })

  await t.test('has watchers and blobs', async t => {
    const watcher = fs.watch('/folder')
    t.ok(watcher instanceof EventEmitter)
    watcher.close()
    const listener = (): unknown => undefined
    t.equal(fs.watchFile('/folder/file', listener), fs.watchFile('/folder/file', { interval: 1 }, listener))
    fs.unwatchFile('/folder/file')
    const abort = new AbortController()
    const events = fs.promises.watch('/folder', { signal: abort.signal })
    abort.abort()
    await t.rejects(
      async () => {
        for await (const event of events) t.fail(event.eventType)
      },
      { name: 'AbortError' },
    )
    t.equal(await (await fs.openAsBlob('/folder/file')).text(), 'bytes')
  })

  await t.test('removes a disposable folder at the end of its block', async t => {
    const made = await vfs.mkdtempDisposable('/temporary-')
    await vfs.writeFile(`${made.path}/file`, 'bytes')
    await made[Symbol.asyncDispose]()
    t.notOk(await vfs.exists(made.path))
  })

  await t.test('has the constants of Node', async t => {
    t.same(fs.constants, nodeFileSystem.constants)
    t.same(fs.promises.constants, nodeFileSystem.constants)
    t.same([fs.constants.F_OK, functions['F_OK'] as unknown], [0, 0])
  })

  await t.test('returns Stats, Dirents and Dirs that are instances of its classes', async t => {
    const stats = await fs.promises.stat('/folder')
    t.ok(stats instanceof fs.Stats)
    t.ok(stats instanceof nodeFileSystem.Stats)
    const [entry] = await fs.promises.readdir('/folder', { withFileTypes: true })
    t.ok(entry instanceof fs.Dirent)
    const dir = await fs.promises.opendir('/folder')
    t.ok(dir instanceof fs.Dir)
    await dir.close()
  })
})
