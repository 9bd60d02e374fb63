import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { StatCache } from '../../../lib/remote/stat/stat-cache.js'
import { forServers } from '../../support/for-servers.js'
import { FtpVfs } from '../../../lib/index.js'
import { EPOCH } from '../../support/scripted-server.js'
import { failureOf, greetings, scriptedVfs } from '../scripted-vfs.js'

const files = { '/f': 'four', '/d': null, '/d/x': '1', '/d/e': null, '/d/e/y': '22' }
const long = { statCacheTtl: 60_000 }
const file = { type: 'file', size: 1 } as const

t.test('what is kept', async t => {
  const cache = new StatCache(60_000, 3)
  for (const name of ['a', 'b', 'c']) cache.keep(`/${name}`, file, cache.now, false)
  t.same(cache.get('/a', false), file)
  t.equal(cache.get('/a', true), undefined, 'of a link is not what it leads to')
  cache.keep('/d', file, cache.now, false)
  t.equal(cache.size, 3)
  t.equal(cache.get('/b', false), undefined, 'the one used longest ago goes')
  t.same(cache.get('/a', false), file)

  const short = new StatCache(1)
  short.keep('/a', file, short.now, false)
  await sleep(5)
  t.equal(short.get('/a', false), undefined, 'until its time is over')
})

t.test('a change lets go of the path, of all below it, and of the folder it is in', async t => {
  const paths = ['/', '/d', '/d/e', '/d/e/y', '/d/e2', '/f']
  const left = (...changed: string[]): string[] => {
    const cache = new StatCache(60_000)
    for (const path of paths) cache.keep(path, file, cache.now, true)
    cache.change(changed)
    return paths.filter(path => cache.get(path, true))
  }
  t.same(left('/d/e'), ['/', '/d/e2', '/f'])
  t.same(left('/d/e/y'), ['/', '/d', '/d/e2', '/f'])
  t.same(left('/f', '/g'), ['/d', '/d/e', '/d/e/y', '/d/e2'])
})

t.test('an answer that was asked before a change and comes after it is not kept', async t => {
  const cache = new StatCache(60_000)
  const asked = cache.now
  cache.change(['/d/e'])
  for (const path of ['/d/e', '/d/e/y', '/d', '/f']) cache.keep(path, file, asked, false)
  t.same(
    ['/d/e', '/d/e/y', '/d', '/f'].filter(path => cache.get(path, false)),
    ['/f'],
  )
  cache.keep('/d/e', file, cache.now, false)
  t.same(cache.get('/d/e', false), file)
})

t.test('after very many changes all is let go, and no memory is kept for them', async t => {
  const cache = new StatCache(60_000)
  const asked = cache.now
  cache.keep('/f', file, asked, false)
  for (let i = 0; i <= 10_000; i++) cache.change([`/changed ${i}`])
  t.equal(cache.get('/f', false), undefined)
  cache.keep('/g', file, asked, false)
  t.equal(cache.get('/g', false), undefined)
  cache.keep('/g', file, cache.now, false)
  t.same(cache.get('/g', false), file)
})

t.test('without the option the server is asked each time', async t => {
  const { vfs, sent } = await scriptedVfs(t, { files })
  await vfs.stat('/f')
  await vfs.stat('/f')
  t.same(sent(), ['MLST /f', 'MLST /f'])
})

t.test('with it, stat and lstat after stat, lstat or readdir cost nothing', async t => {
  for (const mlst of [true, false]) {
    const greeting = mlst ? '220 scripted' : greetings.vsftpd
    const { vfs, server } = await scriptedVfs(t, { files, mlst, greeting }, long)
    await vfs.readdir('/', { withFileTypes: true })
    const asked = server.commands.length
    for (const info of [await vfs.lstat('/f'), await vfs.stat('/f')])
      t.match(info, { size: 4, mode: 0o100644, mtimeMs: mlst ? EPOCH.getTime() : Date.UTC(2020, 0, 2) })
    t.ok((await vfs.stat('/d')).isDirectory())
    t.equal(server.commands.length, asked)
    const first = await vfs.stat('/d/x')
    const next = server.commands.length
    t.same(await vfs.stat('/d/x'), first)
    t.equal(server.commands.length, next)
  }
})

t.test('what is missing is asked for again', async t => {
  const { vfs, server } = await scriptedVfs(t, { files }, long)
  t.match(await failureOf(vfs.stat('/new')), { code: 'ENOENT' })
  server.files.set('/new', { content: Buffer.from('abc'), modified: new Date(), mode: 0o644 })
  t.match(await vfs.stat('/new'), { size: 3 })
})

t.test('own changes count at once', async t => {
  const { vfs } = await scriptedVfs(t, { files }, long)
  const sizes = async (...paths: string[]): Promise<unknown[]> =>
    Promise.all(
      paths.map(path =>
        vfs.stat(path).then(
          info => info.size,
          (failure: NodeJS.ErrnoException) => failure.code,
        ),
      ),
    )
  const seeAll = async (): Promise<void> => void (await vfs.readdir('/', { recursive: true }))
  await seeAll()
  await vfs.writeFile('/f', '12345678')
  t.same(await sizes('/f'), [8])
  await vfs.appendFile('/f', '9')
  t.same(await sizes('/f'), [9])
  await vfs.truncate('/f', 2)
  t.same(await sizes('/f'), [2])
  await vfs.copyFile('/f', '/d/x')
  t.same(await sizes('/d/x'), [2])
  await vfs.utimes('/f', 0, 1_000)
  t.equal((await vfs.stat('/f')).mtimeMs, 1_000_000)
  await vfs.chmod('/f', 0o600)
  t.equal((await vfs.stat('/f')).mode, 0o100600)
  await seeAll()
  await vfs.rename('/d', '/moved')
  t.same(await sizes('/d', '/d/e/y', '/moved/e/y'), ['ENOENT', 'ENOENT', 2])
  await vfs.mkdir('/d')
  t.ok((await vfs.stat('/d')).isDirectory())
  await vfs.rmdir('/d')
  t.same(await sizes('/d'), ['ENOENT'])
  await seeAll()
  await vfs.rm('/moved', { recursive: true })
  t.same(await sizes('/moved', '/moved/e/y'), ['ENOENT', 'ENOENT'])
  await vfs.unlink('/f')
  t.same(await sizes('/f'), ['ENOENT'])
})

t.test('what decides about changes is asked afresh', async t => {
  const { vfs, server } = await scriptedVfs(t, { files }, long)
  await vfs.readdir('/')
  server.files.delete('/f')
  t.match(await failureOf(vfs.rm('/f')), { code: 'ENOENT' })
  t.match(await failureOf(vfs.truncate('/f', 1)), { code: 'ENOENT' })
})

await forServers(t, 'the same facts as from the server', async (t, { name, url }) => {
  await using vfs = new FtpVfs(url, { connections: 1, ...long })
  await using fresh = new FtpVfs(url, { connections: 1 })
  await vfs.mkdir('/folder')
  await vfs.writeFile('/recent', '')
  await vfs.writeFile('/file', 'four')
  await vfs.utimes('/file', 0, 1_600_000_000)
  await vfs.readdir('/')
  // Tells the zone of vsftpd's listings.
  await vfs.lstat('/recent')
  const before = vfs.stats().commands
  for (const path of ['/file', '/folder']) {
    const [known, asked] = [await vfs.lstat(path), await fresh.lstat(path)]
    t.same(known.mode, asked.mode)
    t.same(known.size === asked.size || path === '/folder', true)
    // vsftpd has no MLSD: a time of more than half a year ago comes with its day.
    const precision = name === 'vsftpd' || name === 'proftpd' ? 86_400_000 : 1
    t.ok(Math.abs(known.mtimeMs - asked.mtimeMs) < precision, `the time of ${path}`)
  }
  t.ok((await vfs.stat('/file')).isFile())
  t.equal(vfs.stats().commands, before)
})
