import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { fsWatcher } from '../../lib/calls/watch.js'
import { CallRunner } from '../../lib/calls/call-runner.js'
import { FtpVfs, type FtpVfsOptions } from '../../lib/index.js'
import { PollTimer, PollTimers } from '../../lib/fs/poll-timer.js'
import { PathOrder } from '../../lib/fs/path-order.js'
import { watchEvents } from '../../lib/fs/watch-events.js'
import type { WatchedTree } from '../../lib/fs/watched-tree.js'
import { resolveOptions } from '../../lib/options/options.js'
import { Call } from '../../lib/pool/call.js'
import { Pool } from '../../lib/pool/pool.js'
import { Memory } from '../../lib/remote/memory.js'
import { RemotePaths } from '../../lib/remote/paths.js'
import { Remote } from '../../lib/remote/remote.js'
import { FtpError } from '../../lib/wire/ftp-errors.js'
import { Log } from '../../lib/wire/log.js'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { forServers } from '../support/for-servers.js'
import type { Script } from '../support/scripted-server.js'

const server = await startEmbeddedServer()
const vfs = new FtpVfs(server.url, { connections: 2 })
t.teardown(async () => {
  await vfs.close()
  await server.stop()
})
const interval = 10

interface Event {
  eventType: string
  filename: string | Buffer
}

/** Begins to watch, makes a change that waits for the first inspection, and returns its event. */
async function begun(events: AsyncIterator<Event>, deed: () => Promise<unknown>): Promise<string> {
  const next = events.next()
  await deed()
  const { value } = (await next) as IteratorYieldResult<Event>
  return `${value.eventType} ${String(value.filename)}`
}

/** The events after a change that is complete before the next inspection, in the order of names. */
async function told(
  events: AsyncIterator<Event>,
  count: number,
  deed: () => Promise<unknown>,
): Promise<string[]> {
  await deed()
  const all: string[] = []
  while (all.length < count) {
    const { value } = (await events.next()) as IteratorYieldResult<Event>
    all.push(`${value.eventType} ${String(value.filename)}`)
  }
  return all.sort()
}

/** Calls on the embedded server, as the methods of an FtpVfs use them. */
function callsOn(t: Test, options: FtpVfsOptions = {}): CallRunner {
  const resolved = resolveOptions(server.url, options)
  const paths = new RemotePaths({ folder: '', absolute: false })
  const pool = new Pool({ ...resolved, loginRelative: true }, new Log(resolved))
  t.teardown(() => pool.close())
  return new CallRunner(new Remote(pool, paths, resolved, new Memory(resolved.memoryLimit)))
}

await t.test('reports what appears, changes and disappears in a folder', async t => {
  await vfs.mkdir('/d/sub', { recursive: true })
  await vfs.writeFile('/d/a', '1')
  const events = vfs.watch('/d', { interval })
  t.equal(await begun(events, () => vfs.mkdir('/d/b')), 'rename b')
  t.same(await told(events, 1, () => vfs.writeFile('/d/a', '12')), ['change a'])
  // Entries of a subfolder, and its time, do not concern this folder.
  await vfs.writeFile('/d/sub/c', '')
  t.same(await told(events, 2, () => vfs.rename('/d/a', '/d/z')), ['rename a', 'rename z'])
  t.same(await told(events, 3, () => vfs.rm('/d', { recursive: true })), [
    'rename b',
    'rename sub',
    'rename z',
  ])
  t.same(await told(events, 2, () => vfs.mkdir('/d')), ['rename d', 'rename d'])
  await events.return?.()
  t.same(await events.next(), { done: true, value: undefined })
  t.equal(vfs.stats().busy, 0)
})

await t.test('recursive reports paths, in the requested encoding', async t => {
  await vfs.mkdir('/r/one/two', { recursive: true })
  // The first name beyond ASCII is tested with a file, which a watcher would see.
  await vfs.mkdir('/ä')
  const events = vfs.watch('/r', { interval, recursive: true, encoding: 'buffer' })
  t.equal(await begun(events, () => vfs.mkdir('/r/one/ä')), 'rename one/ä')
  t.same(await told(events, 1, () => vfs.writeFile('/r/one/two/ö', '')), ['rename one/two/ö'])
  await vfs.writeFile('/r/one/two/ö', '1')
  t.same(await events.next(), {
    done: false,
    value: { eventType: 'change', filename: Buffer.from('one/two/ö') },
  })
  await events.return?.()
})

await t.test('watches a file, which may disappear and return', async t => {
  await vfs.writeFile('/file', '1')
  const events = vfs.watch('/file', { interval })
  t.equal(await begun(events, () => vfs.unlink('/file')), 'rename file')
  t.same(await told(events, 1, () => vfs.writeFile('/file', '1')), ['rename file'])
  t.same(await told(events, 1, () => vfs.appendFile('/file', '2')), ['change file'])
  t.same(await told(events, 1, () => vfs.utimes('/file', 0, 1_600_000_000)), ['change file'])
  await events.return?.()
})

await t.test('a file whose time is missing once has not changed', async t => {
  const on: Script['on'] = { MDTM: ctx => (ctx.n > 1 ? ctx.reply('550 No such file') : ctx.next()) }
  const { vfs } = await scriptedVfs(t, { files: { '/f': 'x' }, mlst: false, on })
  const events = vfs.watch('/f', { interval })
  const deed = async (): Promise<void> => {
    await sleep(50)
    await vfs.unlink('/f')
  }
  t.equal(await begun(events, deed), 'rename f')
  await events.return?.()
})

await t.test('a listing by another command changes nothing', async t => {
  // Every other MLSD fails: LIST has other times, and no seconds.
  const on: Script['on'] = { MLSD: ctx => (ctx.n % 2 === 0 ? ctx.reply('500 Oops') : ctx.next()) }
  const { vfs, server, sent } = await scriptedVfs(t, { files: { '/d/a': 'x', '/d/b': 'x' }, on })
  server.files.get('/d/a')!.modified = new Date()
  const events = vfs.watch('/d', { interval })
  let isTold = false
  const first = events.next().finally(() => (isTold = true))
  while (!isTold && sent().filter(line => line === 'LIST -a').length < 3) await sleep(interval)
  server.files.delete('/d/b')
  t.same((await first).value, { eventType: 'rename', filename: 'b' })
  await events.return?.()
})

await t.test('ends with the signal, with return, with an error, and with the FtpVfs', async t => {
  const { vfs, server } = await scriptedVfs(t, { files: { '/d/a': '' } })
  const abort = new AbortController()
  const watched = vfs.watch('/d', { interval, signal: abort.signal })
  const next = watched.next()
  abort.abort()
  t.match(await failureOf(next), { name: 'AbortError', code: 'ABORT_ERR' })
  t.same(await watched.next(), { done: true, value: undefined })
  t.match(await failureOf(vfs.watch('/d', { signal: abort.signal }).next()), { name: 'AbortError' })

  const ended = vfs.watch('/d', { interval })
  const waiting = ended.next()
  await ended.return?.()
  t.same(await waiting, { done: true, value: undefined }, 'also in the middle of a next')

  t.match(await failureOf(vfs.watch('/none').next()), {
    code: 'ENOENT',
    message: "ENOENT: no such file or directory, watch '/none'",
  })
  t.match(await failureOf(vfs.watch('/d/a/').next()), { code: 'ENOTDIR' })

  const open = vfs.watch('/d', { interval })
  const last = open.next()
  const untaken = vfs.watch('/d', { interval })
  const first = untaken.next()
  await vfs.mkdir('/d/b')
  await Promise.all([first, last])
  const closing = open.next()
  closing.catch(() => {})
  await vfs.close()
  t.match(await failureOf(closing), { code: 'ERR_FTP_CLOSED' })
  t.match(await failureOf(untaken.next()), { code: 'ERR_FTP_CLOSED' })
  t.ok(server.commands.length > 0)
})

await t.test('an inspection without a free session is skipped', async t => {
  const busy = new FtpError('ERR_FTP_QUEUE_TIMEOUT', 'No connection came free')
  const looks = [[], busy, [{ eventType: 'change', name: 'x' }], new Error('broken')]
  const look = async () => {
    const next = looks.shift()!
    if (next instanceof Error) throw next
    return next
  }
  const call = new Call()
  const reservation = new PathOrder().reserve(['list', '/'])
  const events = watchEvents(
    call,
    { inspect: look } as unknown as WatchedTree,
    new PollTimer(new PollTimers(), 1, true),
    reservation,
  )
  t.same(await events.next(), { done: false, value: { eventType: 'change', name: 'x' } })
  t.equal((await failureOf(events.next())).message, 'broken')
})

await t.test('disposing of an iterator ends it', async t => {
  const events = vfs.watch('/') as unknown as AsyncDisposable & AsyncIterator<Event>
  const next = events.next()
  await events[Symbol.asyncDispose]()
  t.same([await next, await events.next()], Array(2).fill({ done: true, value: undefined }))
})

await t.test('refuses what Node refuses, at the first next', async t => {
  const begin = (...args: unknown[]) =>
    failureOf((vfs.watch as (...args: unknown[]) => AsyncIterator<Event>).apply(vfs, args).next())
  for (const [args, code, message] of [
    [
      [5],
      'ERR_INVALID_ARG_TYPE',
      /^The "path" argument must be of type string or an instance of Buffer or URL/,
    ],
    [
      ['/', { persistent: 1 }],
      'ERR_INVALID_ARG_TYPE',
      /^The "options.persistent" property must be of type boolean/,
    ],
    [
      ['/', { recursive: 1 }],
      'ERR_INVALID_ARG_TYPE',
      /^The "options.recursive" property must be of type boolean/,
    ],
    [
      ['/', { signal: 1 }],
      'ERR_INVALID_ARG_TYPE',
      /^The "options.signal" property must be an instance of AbortSignal/,
    ],
    [['/', { encoding: 'x' }], 'ERR_INVALID_ARG_VALUE', /^The argument 'encoding' is invalid encoding/],
    [['/', { interval: -1 }], 'ERR_OUT_OF_RANGE', /^The value of "options.interval" is out of range/],
  ] as const) {
    t.match(await begin(...args), { code, message })
  }
})

await t.test('FSWatcher emits changes, and close', async t => {
  await vfs.mkdir('/w')
  const calls = callsOn(t)
  const heard: unknown[] = []
  const watcher = fsWatcher(calls, '/w', { interval }, (...args) => heard.push(args))
  t.equal(watcher.ref().unref().ref(), watcher)
  const change = once(watcher, 'change')
  await calls.call('open', calls.target('/w/x', 'open'), 'change', () => vfs.mkdir('/w/x'))
  t.same(await change, ['rename', 'x'])
  t.same(heard, [['rename', 'x']])
  const closed = once(watcher, 'close')
  watcher.close()
  watcher.close()
  await closed
})

await t.test('FSWatcher emits its error, ends with its signal, and with the pool', async t => {
  const calls = callsOn(t)
  const [error] = (await once(fsWatcher(calls, '/none'), 'error').catch((error: unknown) => [error])) as [
    Error,
  ]
  t.match(error, { code: 'ENOENT', syscall: 'watch', path: '/none' })
  const abort = new AbortController()
  const aborted = once(
    fsWatcher(calls, '/', { signal: abort.signal }, () => {}),
    'close',
  )
  abort.abort()
  await aborted
  await once(fsWatcher(calls, '/', { signal: abort.signal }), 'close')
  const listener = () => {}
  const watcher = fsWatcher(calls, '/', listener)
  t.same(watcher.listeners('change'), [listener])
  const closed = once(watcher, 'close')
  await calls.remote.pool.close()
  await closed
  t.throws(() => fsWatcher(calls, '/', {}, 5 as never), { code: 'ERR_INVALID_ARG_TYPE' })
})

await forServers(t, 'watch sees what others do', async (t, { url }) => {
  await using vfs = new FtpVfs(url, { connections: 1 })
  await using other = new FtpVfs(url, { connections: 1 })
  await vfs.mkdir('/d/sub', { recursive: true })
  for (const recursive of [false, true]) {
    const events = vfs.watch('/d', { interval, recursive })
    const name = recursive ? 'sub/x' : 'x'
    const folder = recursive ? 'sub/new' : 'new'
    t.equal(await begun(events, () => vfs.mkdir(`/d/${folder}`)), `rename ${folder}`)
    t.same(await told(events, 1, () => other.writeFile(`/d/${name}`, '1')), [`rename ${name}`])
    t.same(await told(events, 1, () => other.appendFile(`/d/${name}`, '2')), [`change ${name}`])
    t.same(await told(events, 1, () => other.unlink(`/d/${name}`)), [`rename ${name}`])
    await events.return?.()
  }
})
