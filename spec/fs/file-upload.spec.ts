import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  appendFile,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import type { Progress } from '../../lib/index.js'
import { bytes, failureOf, MIB, scriptedVfs } from '../remote/scripted-vfs.js'
import { makeAuthority } from '../support/certificates.js'
import { openFiles } from '../support/open-files.js'
import { forServers } from '../support/for-servers.js'
import { open as openVfs } from '../real/vfs-on.js'
import { localFolder } from './local-folder.js'

const data = bytes(3 * MIB + 12_345)
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

t.test('a file is uploaded in one transfer, without a spool', async t => {
  const local = await localFolder(t)
  const { vfs, sent, content, server } = await scriptedVfs(t, {}, { spoolDirectory: local('none') })
  await writeFile(local('f'), data)
  for (const [name, path, options] of [
    ['string', local('f'), undefined],
    ['Buffer', Buffer.from(local('f')), {}],
    ['URL', pathToFileURL(local('f')), { chunkSize: 100_000 }],
    ['tiny chunks', local('f'), { chunkSize: 4096 }],
  ] as const) {
    await vfs.upload(path, `/${name}`, options)
    t.ok(data.equals(Buffer.from(content(`/${name}`)!, 'latin1')), name)
  }
  t.equal(sent().filter(line => line.startsWith('STOR')).length, 4)
  t.equal(server.connections, 1)
})

t.test('an empty file', async t => {
  const local = await localFolder(t)
  const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'old' } })
  await writeFile(local('f'), '')
  const seen: Progress[] = []
  await vfs.upload(local('f'), '/f', { onProgress: progress => void seen.push(progress) })
  t.equal(content('/f'), '')
  t.same(seen, [{ bytes: 0, total: 0 }])
})

t.test('errors of the local file come in Node’s words, before anything is sent', async t => {
  const local = await localFolder(t)
  const { vfs, server } = await scriptedVfs(t)
  await mkdir(local('folder'))
  const failure = (path: string) => failureOf(vfs.upload(path, '/f'))
  t.match(await failure(local('none')), { code: 'ENOENT', syscall: 'open', path: local('none') })
  t.match(await failure(local('folder')), { code: 'EISDIR', path: local('folder') })
  if (process.platform !== 'win32') {
    execFileSync('mkfifo', [local('fifo')])
    for (const path of [local('fifo'), '/dev/null']) {
      t.match(await failure(path), { code: 'EINVAL', path, message: /not a regular file/ })
    }
  }
  t.equal(server.connections, 0)
})

t.test('wrong arguments are refused', async t => {
  const { vfs } = await scriptedVfs(t)
  const local = await localFolder(t)
  await writeFile(local('f'), 'x')
  const code = async (path: unknown, options: object = {}) =>
    (await failureOf(vfs.upload(path as string, '/f', options)))['code']
  t.equal(await code(7), 'ERR_INVALID_ARG_TYPE')
  t.equal(await code('a\0b'), 'ERR_INVALID_ARG_VALUE')
  t.equal(await code(new URL('http://h/f')), 'ERR_INVALID_URL_SCHEME')
  t.equal(await code(local('f'), { chunkSize: 0 }), 'ERR_OUT_OF_RANGE')
  t.equal(await code(local('f'), { chunkSize: '1' }), 'ERR_INVALID_ARG_TYPE')
  t.equal(await code(local('f'), { onProgress: 1 }), 'ERR_INVALID_ARG_TYPE')
  t.equal(await code(local('f'), { signal: 1 }), 'ERR_INVALID_ARG_TYPE')
})

t.test('errors of the server name the path there', async t => {
  const local = await localFolder(t)
  const { vfs } = await scriptedVfs(t, { files: { '/d': null } })
  await writeFile(local('f'), 'x')
  t.match(await failureOf(vfs.upload(local('f'), '/none/f')), { code: 'ENOENT', path: '/none/f' })
  t.match(await failureOf(vfs.upload(local('f'), '/d')), { code: 'EISDIR', path: '/d' })
  t.match(await failureOf(vfs.upload(local('f'), '/d/')), { code: 'EISDIR', path: '/d/' })
})

for (const what of ['both', 'control', 'data'] as const) {
  t.test(`a connection lost midway (${what}): the file is read again`, async t => {
    const local = await localFolder(t)
    const cut = { command: 'STOR', after: MIB, what }
    const { vfs, content } = await scriptedVfs(t, { files: { '/f': bytes(100, 7) }, cut })
    await writeFile(local('f'), data)
    await vfs.upload(local('f'), '/f')
    t.ok(data.equals(Buffer.from(content('/f')!, 'latin1')))
  })
}

t.test('a connection that is always lost is an error, and no incomplete file stays', async t => {
  const local = await localFolder(t)
  const cut = Array.from({ length: 5 }, (_, i) => ({ command: 'STOR', nth: i + 1, after: MIB }))
  const { vfs, content } = await scriptedVfs(t, { cut })
  await writeFile(local('f'), data)
  t.match(await failureOf(vfs.upload(local('f'), '/f')), { code: 'ERR_FTP_CONNECTION_LOST' })
  t.equal(content('/f'), undefined)
})

t.test('progress goes up to the size of the file', async t => {
  const local = await localFolder(t)
  const { vfs } = await scriptedVfs(t)
  await writeFile(local('f'), data)
  const seen: Progress[] = []
  await vfs.upload(local('f'), '/f', { onProgress: progress => void seen.push(progress) })
  const counts = seen.map(({ bytes }) => bytes)
  t.same(
    counts,
    counts.toSorted((a, b) => a - b),
  )
  t.same(seen.at(-1), { bytes: data.length, total: data.length })
  t.ok(seen.length >= 2, 'progress is also reported midway')
  t.ok(seen.every(({ total }) => total === data.length))

  await t.test('an error that it throws fails the upload, and no file stays', async t => {
    const { vfs, content } = await scriptedVfs(t)
    const error = new Error('enough')
    const onProgress = (): void => {
      throw error
    }
    t.equal(await failureOf(vfs.upload(local('f'), '/f', { onProgress })), error)
    t.equal(content('/f'), undefined)
  })
})

t.test('a signal ends it, and no incomplete file stays', async t => {
  const local = await localFolder(t)
  const { vfs, content } = await scriptedVfs(t)
  await writeFile(local('f'), data)
  const abort = new AbortController()
  const uploading = vfs.upload(local('f'), '/f', { signal: abort.signal, onProgress: () => abort.abort() })
  t.match(await failureOf(uploading), { name: 'AbortError', code: 'ABORT_ERR' })
  t.equal(content('/f'), undefined)
  await t.rejects(vfs.upload(local('f'), '/f', { signal: AbortSignal.abort() }), { code: 'ABORT_ERR' })
})

t.test('a local file that changes meanwhile is an error, and no file stays', async t => {
  const local = await localFolder(t)
  const changes: [how: string, change: (path: string) => Promise<void>][] = [
    ['longer', path => appendFile(path, 'more')],
    ['shorter', path => truncate(path, 2 * MIB)],
    ['another time', path => utimes(path, 1, 1)],
  ]
  for (const [how, change] of changes) {
    await writeFile(local('f'), data)
    let begun = () => {}
    let go = () => {}
    const changed = new Promise<void>(resolve => (go = resolve))
    const { vfs, content } = await scriptedVfs(t, {
      on: {
        async STOR(ctx) {
          begun()
          await changed
          await ctx.next()
        },
      },
    })
    begun = () => void change(local('f')).then(go)
    t.match(await failureOf(vfs.upload(local('f'), '/f')), { code: 'ERR_FTP_SOURCE_CHANGED' }, how)
    t.equal(content('/f'), undefined)
  }
  if (process.platform === 'linux') {
    await t.test('so is a file with more bytes than its size', async t => {
      const { vfs } = await scriptedVfs(t)
      t.match(await failureOf(vfs.upload('/proc/self/status', '/f')), { code: 'ERR_FTP_SOURCE_CHANGED' })
    })
  }
})

t.test('a local file is opened when its turn comes', async t => {
  const local = await localFolder(t)
  const big = bytes(100_000)
  await Promise.all(['first', 'grown', 'gone'].map(name => writeFile(local(name), big)))
  let go = () => {}
  const goes = new Promise<void>(resolve => (go = resolve))
  let begin = () => {}
  const begun = new Promise<void>(resolve => (begin = resolve))
  const { vfs, content } = await scriptedVfs(t, {
    files: { '/gone': 'old' },
    on: {
      async STOR(ctx) {
        begin()
        await goes
        await ctx.next()
      },
    },
  })
  const first = vfs.upload(local('first'), '/first')
  const grown = vfs.upload(local('grown'), '/grown')
  const gone = failureOf(vfs.upload(local('gone'), '/gone'))
  await begun
  if (process.platform === 'linux') {
    t.equal(openFiles(local('first')).length, 1)
    t.same(openFiles(local('grown')), [], 'those that wait are not open')
  }
  await appendFile(local('grown'), 'more')
  await rm(local('gone'))
  go()
  await first
  await grown
  t.equal(content('/grown')!.length, big.length + 4, 'it goes up as it is then')
  t.match(await gone, { code: 'ENOENT', syscall: 'open', path: local('gone') })
  t.equal(content('/gone'), 'old', 'what stands on the server is not touched')
})

t.test('another file at its path is an error when a lost connection makes it start over', async t => {
  const local = await localFolder(t)
  await writeFile(local('f'), data)
  await writeFile(local('other'), data)
  const { mtime } = await stat(local('f'))
  await utimes(local('other'), mtime, mtime)
  const { vfs, content } = await scriptedVfs(t, { cut: { command: 'STOR', after: MIB } })
  const onProgress = (): Promise<void> => rename(local('other'), local('f')).catch(() => {})
  t.match(await failureOf(vfs.upload(local('f'), '/f', { onProgress: () => void onProgress() })), {
    code: 'ERR_FTP_SOURCE_CHANGED',
    message: /another file/,
  })
  t.equal(content('/f'), undefined)
})

t.test('a wrong size on the server is detected', async t => {
  const local = await localFolder(t)
  await writeFile(local('f'), data)
  const { vfs } = await scriptedVfs(t, { sizeLies: (_, real) => real - 1 })
  t.match(await failureOf(vfs.upload(local('f'), '/f')), { code: 'ERR_FTP_UPLOAD_VERIFY' })
})

t.test('the local file is closed, whatever happens', { skip: process.platform !== 'linux' }, async t => {
  const local = await localFolder(t)
  await writeFile(local('f'), data)
  const { vfs } = await scriptedVfs(t, { files: { '/d': null } })
  await vfs.upload(local('f'), '/f')
  await failureOf(vfs.upload(local('f'), '/d'))
  t.same(openFiles(local('f')), [])
})

const authority = await makeAuthority()
const issued = await authority.issue()

for (const settings of [{}, { dataConnectionType: 'AutoActive' }, { encryptionMode: 'Explicit' }] as const) {
  const secure = 'encryptionMode' in settings
  await forServers(
    t,
    `24 MiB up, byte for byte, ${JSON.stringify(settings)}`,
    async (t, server) => {
      const local = await localFolder(t)
      const vfs = openVfs(t, server.url, { ...settings, ...(secure && { ca: authority.ca }) })
      const content = randomBytes(24 * MIB + 1)
      const file = await open(local('f'), 'w')
      await file.writeFile(content)
      await file.close()
      await vfs.upload(local('f'), '/f')
      t.equal(sha256(await readFile(join(server.root, 'f'))), sha256(content))
    },
    secure ? { tls: issued } : {},
  )
}
