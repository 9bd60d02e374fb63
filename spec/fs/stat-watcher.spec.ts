import { once } from 'node:events'
import t from 'tap'
import { BigIntStats, Stats } from '../../lib/index.js'
import type { StatWatcher } from '../../lib/fs/stat-watcher.js'
import { scriptedVfs } from '../remote/scripted-vfs.js'

const interval = 10
const ignore = () => {}

/** The next emitted change. */
async function change(watcher: StatWatcher): Promise<[Stats, Stats]> {
  return (await once(watcher, 'change')) as [Stats, Stats]
}

await t.test('emits the Stats before and after, also for a file that disappears and returns', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/a': '1', '/b': '12', '/c': '123' } })
  const watcher = vfs.watchFile('/a', { interval }, ignore)
  let told = change(watcher)
  // In one step: no state in between is visible.
  await vfs.rename('/b', '/a')
  let [current, previous] = await told
  t.same([current.size, previous.size], [2, 1])
  t.ok(current instanceof Stats)
  told = change(watcher)
  await vfs.unlink('/a')
  ;[current, previous] = await told
  t.same([current.size, previous.size], [0, 2])
  t.same([current.mode, current.nlink, current.ino, current.blksize, current.mtimeMs], [0, 0, 0, 0, 0])
  told = change(watcher)
  await vfs.rename('/c', '/a')
  ;[current, previous] = await told
  t.same([current.size, previous.size], [3, 2], 'previous is what was there last, as in Node')
  vfs.unwatchFile('/a')
})

await t.test('a missing file is reported at once, with zeros', async t => {
  const { vfs } = await scriptedVfs(t)
  const [current, previous] = (await once(
    vfs.watchFile('/none', { interval, bigint: true }, ignore),
    'change',
  )) as [BigIntStats, BigIntStats]
  t.ok(current instanceof BigIntStats)
  t.same([current.mode, previous.mtimeMs, current.ino], [0n, 0n, 0n])
  vfs.unwatchFile('/none')
})

await t.test('one watcher for a path, which ends with its last listener', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/a': '1' } })
  const other = () => {}
  const watcher = vfs.watchFile('/a', ignore)
  t.equal(vfs.watchFile(Buffer.from('a/'), { persistent: false }, other), watcher)
  t.equal(watcher.unref().unref().unref().ref(), watcher)
  let stopped = false
  watcher.once('stop', () => (stopped = true))
  vfs.unwatchFile('/a', ignore)
  vfs.unwatchFile('/a', ignore)
  vfs.unwatchFile('/none')
  t.same(watcher.listeners('change'), [other])
  t.notOk(stopped)
  vfs.unwatchFile('/a')
  await once(watcher, 'stop')
  const again = vfs.watchFile('/a', other)
  t.not(again, watcher)
  again.stop()
  again.stop()
})

await t.test('many files of one interval share a flight', async t => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`/f${at}`, 'x']))
  const { vfs } = await scriptedVfs(t, { files })
  await vfs.connect()
  const { flights } = vfs.stats()
  const watchers = Object.keys(files).map(path => vfs.watchFile(path, { interval: 40 }, ignore))
  const told = change(watchers[0]!)
  await vfs.unlink('/f0')
  await told
  const { flights: now, commands } = vfs.stats()
  t.ok(commands >= 40, 'each was asked for twice')
  t.ok(now - flights < 20, `in ${now - flights} flights`)
  for (const path of Object.keys(files)) vfs.unwatchFile(path)
})

await t.test('continues when the server cannot be asked, and stops when the FtpVfs is closed', async t => {
  const { vfs, server } = await scriptedVfs(t, { files: { '/a': '1' } }, { shortTimeout: 1000 })
  const told: unknown[] = []
  const watcher = vfs.watchFile('/a', { interval }, (...stats) => told.push(stats))
  const failed = once(watcher, 'error').catch((error: unknown) => [error])
  await vfs.stat('/a')
  await server.stop()
  t.match(await failed, [{ code: /ECONN|ERR_FTP/ }])
  t.same(told, [], 'an error proves nothing about the file')
  const stopped = once(watcher, 'stop')
  await vfs.close()
  await stopped
  t.throws(() => vfs.watchFile('/a', ignore), { code: 'ERR_FTP_CLOSED' })
})

await t.test('refuses at once what Node refuses', async t => {
  const { vfs } = await scriptedVfs(t)
  const watchFile = vfs.watchFile.bind(vfs) as (...args: unknown[]) => unknown
  const message = (name: string, type: string) =>
    new RegExp(`^The "${name}" argument must be of type ${type}`)
  t.throws(() => watchFile(5, ignore), { code: 'ERR_INVALID_ARG_TYPE', message: message('path', 'string') })
  t.throws(() => watchFile('/a'), { code: 'ERR_INVALID_ARG_TYPE', message: message('listener', 'function') })
  t.throws(() => watchFile('/a', {}, 5), { message: message('listener', 'function') })
  t.throws(() => watchFile('/a', { interval: 'x' }, ignore), { message: message('interval', 'number') })
  t.throws(() => watchFile('/a', { interval: -1 }, ignore), {
    code: 'ERR_OUT_OF_RANGE',
    message: 'The value of "interval" is out of range. It must be >= 0 && <= 4294967295. Received -1',
  })
  t.throws(() => vfs.unwatchFile(5 as never), { code: 'ERR_INVALID_ARG_TYPE' })
})
