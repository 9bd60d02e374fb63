import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, readdir, readFile, rmdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import type { Progress } from '../../lib/index.js'
import { open } from '../real/vfs-on.js'
import { bytes, failureOf, greetings, MIB, scriptedVfs } from '../remote/scripted-vfs.js'
import { makeAuthority } from '../support/certificates.js'
import { forServers } from '../support/for-servers.js'
import { localFolder } from './local-folder.js'

const data = bytes(9 * MIB + 12_345)
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
const windows = process.platform === 'win32'

t.test('a whole file arrives over one connection and over several', async t => {
  const local = await localFolder(t)
  const { vfs } = await scriptedVfs(t, { files: { '/f': data } }, { connections: 4 })
  for (const [path, options] of [
    [local('a'), undefined],
    [Buffer.from(local('b')), { chunkSize: 10_000 }],
    [pathToFileURL(local('c')), { parallel: 2 }],
    [local('c'), { parallel: 4 }],
    [local('c'), { parallel: 100 }],
  ] as const) {
    await vfs.download('/f', path, options)
    t.ok(data.equals(await readFile(path)), JSON.stringify(options))
  }
  t.same(await readdir(local()), ['a', 'b', 'c'])
})

t.test('several connections share a file', async t => {
  const local = await localFolder(t)
  const { vfs, server } = await scriptedVfs(
    t,
    { greeting: greetings.vsftpd, files: { '/f': data } },
    { connections: 4 },
  )
  let first = () => {}
  const others = new Promise<void>(resolve => (first = resolve))
  let begun = 0
  server.on['RETR'] = async ctx => {
    begun += 1
    // The first one resumes when four connections are open.
    if (begun === 4) first()
    await others
    await ctx.next()
  }
  await vfs.download('/f', local('f'), { parallel: 4 })
  t.ok(data.equals(await readFile(local('f'))))
  t.equal(server.connections, 4)
})

t.test('an empty file', async t => {
  const local = await localFolder(t)
  const { vfs } = await scriptedVfs(t, { files: { '/f': '' } })
  const seen: Progress[] = []
  await writeFile(local('f'), 'old')
  await vfs.download('/f', local('f'), { parallel: 4, onProgress: progress => void seen.push(progress) })
  t.equal((await readFile(local('f'))).length, 0)
  t.same(seen, [{ bytes: 0, total: 0 }])
})

t.test('an existing file is replaced when the new one is whole, and not before', async t => {
  const local = await localFolder(t)
  await writeFile(local('f'), 'old')
  if (!windows) await chmod(local('f'), 0o600)
  const { vfs, server } = await scriptedVfs(t, { files: { '/f': data } })
  const during: string[] = []
  const onProgress = (): void => {
    during.push(
      execFileSync('cat', [local('f')])
        .subarray(0, 3)
        .toString(),
    )
  }
  await vfs.download('/f', local('f'), { onProgress })
  t.ok(during.length > 0)
  t.ok(during.every(content => content === 'old'))
  t.ok(data.equals(await readFile(local('f'))))
  if (!windows) t.equal((await stat(local('f'))).mode & 0o777, 0o600, 'its mode stays')
  t.ok(server.connections > 0)

  await t.test('a link stays a link', { skip: windows }, async t => {
    await symlink('f', local('link'))
    await writeFile(local('f'), 'old')
    await vfs.download('/f', local('link'))
    t.ok((await lstat(local('link'))).isSymbolicLink())
    t.ok(data.equals(await readFile(local('f'))))
  })
})

t.test('an error leaves the old file, and no temporary one', async t => {
  const local = await localFolder(t)
  await writeFile(local('old'), 'old')
  const cut = Array.from({ length: 9 }, (_, i) => ({ command: 'RETR', nth: i + 1, after: 0 }))
  const { vfs } = await scriptedVfs(t, { files: { '/f': data, '/d': null }, cut }, { connections: 4 })
  for (const [code, path] of [
    ['ENOENT', '/none'],
    ['EISDIR', '/d'],
    ['ENOTDIR', '/f/'],
  ] as const) {
    const error = await failureOf(vfs.download(path, local('old')))
    t.match(error, { code, ...(code !== 'EISDIR' && { path }) })
  }
  t.same([await readdir(local()), await readFile(local('old'), 'latin1')], [['old'], 'old'])
  t.match(await failureOf(vfs.download('/f', local('new'))), { name: 'ConnectionLostError' })
  t.same(await readdir(local()), ['old'])
  const fail = (): never => {
    throw Object.assign(new Error('mine'), { code: 'E_MINE' })
  }
  const { vfs: sound } = await scriptedVfs(t, { files: { '/f': data } }, { connections: 4 })
  for (const parallel of [1, 4]) {
    const abort = new AbortController()
    const onProgress = () => abort.abort()
    t.match(
      await failureOf(sound.download('/f', local('new'), { signal: abort.signal, onProgress, parallel })),
      {
        code: 'ABORT_ERR',
      },
    )
    t.same(await readdir(local()), ['old'])
    t.match(await failureOf(sound.download('/f', local('new'), { onProgress: fail, parallel })), {
      code: 'E_MINE',
    })
    t.same(await readdir(local()), ['old'])
  }
})

t.test('errors of the local file come before any command', async t => {
  const local = await localFolder(t)
  await mkdir(local('d'))
  const { vfs, server } = await scriptedVfs(t, { files: { '/f': data } })
  const failure = (path: unknown, options = {}) => failureOf(vfs.download('/f', path as string, options))
  t.match(await failure(local('none/f')), { code: 'ENOENT' })
  t.match(await failure(local('d')), { code: 'EISDIR', path: local('d') })
  t.match(await failure(undefined), { code: 'ERR_INVALID_ARG_TYPE' })
  t.match(await failure(local('f'), { parallel: 0 }), { code: 'ERR_OUT_OF_RANGE' })
  t.match(await failure(local('f'), { parallel: 1.5 }), { code: 'ERR_OUT_OF_RANGE' })
  t.match(await failure(local('f'), { parallel: '2' }), { code: 'ERR_INVALID_ARG_TYPE' })
  t.equal(server.connections, 0)
})

t.test('the local file is created when its turn comes', async t => {
  const local = await localFolder(t)
  let go = () => {}
  const goes = new Promise<void>(resolve => (go = resolve))
  const { vfs } = await scriptedVfs(t, {
    files: { '/f': data },
    on: { RETR: ctx => goes.then(() => ctx.next()) },
  })
  const abort = new AbortController()
  const first = vfs.download('/f', local('first'))
  const aborted = failureOf(vfs.download('/f', local('aborted'), { signal: abort.signal }))
  await mkdir(local('folder'))
  const late = failureOf(vfs.download('/f', local('folder/late')))
  while (vfs.stats().waiting < 2) await new Promise(resolve => setImmediate(resolve))
  t.same(await readdir(local()), ['folder'])
  abort.abort()
  t.match(await aborted, { code: 'ABORT_ERR' })
  await rmdir(local('folder'))
  go()
  await first
  t.match(await late, { code: 'ENOENT' })
  t.same(await readdir(local()), ['first'])
})

t.test('pipes and devices are written to directly', { skip: windows }, async t => {
  const local = await localFolder(t)
  const { vfs } = await scriptedVfs(t, { files: { '/f': data } }, { connections: 4 })
  await vfs.download('/f', '/dev/null', { parallel: 4 })
  t.ok((await stat('/dev/null')).isCharacterDevice())
  execFileSync('mkfifo', [local('fifo')])
  const [read] = await Promise.all([
    readFile(local('fifo')),
    vfs.download('/f', local('fifo'), { parallel: 4 }),
  ])
  t.ok(data.equals(read))
  t.ok((await stat(local('fifo'))).isFIFO())
})

t.test('progress never decreases, even after a lost connection', async t => {
  const local = await localFolder(t)
  for (const parallel of [1, 4]) {
    const cut = { command: 'RETR', after: 2 * MIB }
    const { vfs } = await scriptedVfs(t, { files: { '/f': data }, cut }, { connections: 4 })
    const seen: Progress[] = []
    await vfs.download('/f', local('f'), { parallel, onProgress: progress => void seen.push(progress) })
    t.ok(data.equals(await readFile(local('f'))))
    const counts = seen.map(({ bytes }) => bytes)
    t.same(
      counts,
      counts.toSorted((a, b) => a - b),
    )
    t.same(seen.at(-1), { bytes: data.length, total: data.length })
    t.ok(seen.length >= 2, 'progress is also reported midway')
  }
})

t.test('others get their turn while all connections are in use', async t => {
  const local = await localFolder(t)
  const { vfs, server } = await scriptedVfs(t, { files: { '/f': data } }, { connections: 2 })
  let asked: Promise<unknown> | undefined
  let answered = () => {}
  const answer = new Promise<void>(resolve => (answered = resolve))
  let begun = 0
  server.on['RETR'] = async ctx => {
    begun += 1
    if (begun === 2) asked = vfs.stat('/').then(answered)
    // The first of them ends only after the reply to the question.
    if (begun === 1) {
      await ctx.send(
        (async function* () {
          yield data.subarray(0, 2 * MIB)
          await answer
          yield data.subarray(2 * MIB)
        })(),
      )
    } else await ctx.next()
  }
  await vfs.download('/f', local('f'), { parallel: 2 })
  await asked
  t.ok(data.equals(await readFile(local('f'))))
})

const authority = await makeAuthority()
const issued = await authority.issue()

for (const settings of [{}, { dataConnectionType: 'AutoActive' }, { encryptionMode: 'Explicit' }] as const) {
  const secure = 'encryptionMode' in settings
  await forServers(
    t,
    `24 MiB down, byte for byte, ${JSON.stringify(settings)}`,
    async (t, server) => {
      const local = await localFolder(t)
      const vfs = open(t, server.url, { ...settings, ...(secure && { ca: authority.ca }) })
      const content = randomBytes(24 * MIB + 1)
      await writeFile(join(server.root, 'f'), content)
      for (const parallel of [1, 3]) {
        await vfs.download('/f', local('f'), { parallel })
        t.equal(sha256(await readFile(local('f'))), sha256(content), `by ${parallel}`)
      }
      t.same(await readdir(local()), ['f'])
      await vfs.stat('/f')
    },
    secure ? { tls: issued } : {},
  )
}
