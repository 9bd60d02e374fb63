import t, { type Test } from 'tap'
import { parseFlags } from '../../../lib/node/flags.js'
import { Call } from '../../../lib/pool/call.js'
import { OpenFile } from '../../../lib/remote/open/open-file.js'
import type { Remote } from '../../../lib/remote/remote.js'
import { statPath } from '../../../lib/remote/stat/stat.js'
import {
  startScriptedServer,
  type CommandContext,
  type Script,
  type ScriptedServer,
} from '../../support/scripted-server.js'
import { openOn, read, remoteOn } from '../remote-on.js'
import { bytes, failureOf, greetings, MIB } from '../scripted-vfs.js'

interface Stage {
  server: ScriptedServer
  remote: Remote
  open(path: string, flags: string): Promise<OpenFile>
  /** The commands since the last call that change something or begin a transfer. */
  sent(): string[]
  content(path: string): Buffer
}

/** A server that is known to change files in place, or an unrecognised one. */
async function stage(
  t: Test,
  files: Record<string, Buffer | string | null>,
  { greeting = greetings.vsftpd, ...script }: Script = {},
  options = {},
): Promise<Stage> {
  const server = await startScriptedServer({ greeting, files, ...script })
  t.teardown(() => server.stop())
  const remote = remoteOn(t, server.url, { retries: 1, retryDelay: 10, ...options })
  // On Pure-FTPd APPE is tried first, which has its own test.
  if (greeting === greetings.pureFtpd) remote.pool.server.can.append.succeed()
  let seen = 0
  return {
    server,
    remote,
    open: (path, flags) => openOn(t, remote, path, flags),
    sent: () => {
      const lines = server.commands.slice(seen).map(({ line }) => line)
      seen = server.commands.length
      return lines.filter(line => /^(REST|RETR|STOR|APPE|DELE)\b/.test(line))
    },
    content: path => server.files.get(path)!.content as Buffer,
  }
}

/** Waits until no session is in use. */
async function idle({ pool }: Remote): Promise<void> {
  while (pool.stats.busy > 0) await new Promise(setImmediate)
}

const data = bytes(2 * MIB)

t.test('opening', async t => {
  const { remote, open } = await stage(t, { '/f': 'content', '/d': null })
  for (const [path, flags, code] of [
    ['/none', 'r', 'ENOENT'],
    ['/none', 'r+', 'ENOENT'],
    ['/no/none', 'w', 'ENOENT'],
    ['/f/none', 'a', 'ENOTDIR'],
    ['/f', 'wx', 'EEXIST'],
    ['/d', 'ax', 'EEXIST'],
    ['/d', 'r+', 'EISDIR'],
    ['/d', 'w', 'EISDIR'],
  ] as const) {
    t.match(await failureOf(open(path, flags)), { code }, `${flags} of ${path}`)
  }

  await t.test('takes one flight', async t => {
    for (const [path, flags] of [
      ['/f', 'r'],
      ['/f', 'w'],
      ['/new', 'a'],
    ] as const) {
      const before = remote.pool.stats.flights
      await open(path, flags)
      t.equal(remote.pool.stats.flights, before + 1, `${flags} of ${path}`)
    }
  })

  await t.test('a path that ends with a slash', async t => {
    const slashed = (path: string, flags: string): Promise<OpenFile> =>
      OpenFile.open(remote, new Call(), path, parseFlags(flags), true)
    t.match(await failureOf(slashed('/f', 'r')), { code: 'ENOTDIR' })
    t.match(await failureOf(slashed('/f', 'w')), { code: 'EISDIR' })
    t.match(await failureOf(slashed('/missing/new', 'w')), { code: 'ENOENT' })
    t.match(await failureOf(slashed('/f/new', 'w')), { code: 'ENOTDIR' })
  })

  await t.test('a folder can be opened, but not read', async t => {
    const folder = await open('/d', 'r')
    t.match(await folder.stat(), { type: 'directory' })
    t.match(await failureOf(read(folder, 0, 1)), { code: 'EISDIR' })
    await folder.flush()
  })

  await t.test('a file without a reported size', async t => {
    const other = await stage(t, { '/f': 'content' }, { greeting: '220 Hello' })
    other.server.on['MLST'] = ctx => ctx.reply('250-Listing\r\n type=file; /f\r\n250 End')
    t.match(await failureOf(other.open('/f', 'r')), { code: 'ENOTSUP' })
  })
})

t.test('reading', async t => {
  const { remote, open, sent } = await stage(t, { '/f': data, '/small': bytes(60_000) })
  const same = async (t: Test, file: OpenFile, at: number, length: number): Promise<void> => {
    t.ok(data.subarray(at, at + length).equals(await read(file, at, length)), `${length} at ${at}`)
  }

  await t.test('in sequence is one transfer, without a question at the end', async t => {
    const file = await open('/f', 'r')
    for (let at = 0; at < data.length; at += 100_000) await same(t, file, at, 100_000)
    t.equal((await read(file, data.length, 10)).length, 0)
    t.equal((await read(file, data.length + 5, 10)).length, 0)
    t.equal((await read(file, data.length - 5, 10)).length, 5)
    t.same(sent(), ['RETR /f'])
    await idle(remote)
  })

  await t.test('recent bytes again needs no transfer, nor does a small gap', async t => {
    const file = await open('/f', 'r')
    for (const at of [0, 30_000, 5, 100_000, 300_000, 110_000, 400_000]) await same(t, file, at, 1000)
    t.same(sent(), ['RETR /f'])
  })

  await t.test('elsewhere begins a short range, and reading on behind it the rest', async t => {
    const file = await open('/f', 'r')
    await same(t, file, 0, 10)
    await same(t, file, 1_000_000, 4000)
    await idle(remote)
    for (let at = 1_004_000; at < data.length; at += 50_000) await same(t, file, at, 50_000)
    t.same(sent(), ['RETR /f', 'REST 1000000', 'RETR /f', 'REST 1065536', 'RETR /f'])
  })

  await t.test('near the end begins the rest', async t => {
    const file = await open('/f', 'r')
    for (const at of [data.length - 22, data.length - 100_000, data.length - 50_000])
      await same(t, file, at, 22)
    t.same(sent(), [`REST ${data.length - 22}`, 'RETR /f', `REST ${data.length - 100_000}`, 'RETR /f'])
  })

  await t.test('a small file reads it whole', async t => {
    const file = await open('/small', 'r')
    for (const at of [40_000, 20_000, 59_990, 0]) await read(file, at, 10)
    t.same(sent(), ['RETR /small'])
  })

  await t.test('does not keep others waiting', async t => {
    const file = await open('/f', 'r')
    await same(t, file, 0, 10)
    t.equal((await statPath(remote, new Call(), '/small')).size, 60_000)
    await same(t, file, 10, 1_000_000)
  })

  await t.test('that pauses gives the session back, and can resume', async t => {
    const { setTimeout } = globalThis
    let patienceEnds = (): void => {}
    globalThis.setTimeout = ((callback: () => void, milliseconds: number) => {
      if (milliseconds === 2000) patienceEnds = callback
      return setTimeout(callback, milliseconds)
    }) as typeof setTimeout
    t.teardown(() => (globalThis.setTimeout = setTimeout))
    const file = await open('/f', 'r')
    await same(t, file, 0, 10)
    t.equal(remote.pool.stats.busy, 1)
    patienceEnds()
    await idle(remote)
    await same(t, file, 10, 1_500_000)
  })
})

t.test('a file that another client changes', async t => {
  const changed = { content: bytes(MIB, 5), modified: new Date(), mode: 0o644 }

  await t.test('between two segments is not read as one', async t => {
    const { server, open } = await stage(t, { '/f': data })
    const file = await open('/f', 'r')
    await read(file, 1000, 10)
    server.files.set('/f', { ...changed, content: data })
    t.match(await failureOf(read(file, 1_500_000, 10)), { code: 'ERR_FTP_FILE_CHANGED' })
    t.equal((await file.stat()).size, data.length)
    t.ok(data.subarray(1_500_000, 1_500_010).equals(await read(file, 1_500_000, 10)), 'after another look')
  })

  await t.test('before it is read is an error if it became shorter', async t => {
    const { server, open } = await stage(t, { '/f': data })
    const [file, other] = [await open('/f', 'r'), await open('/f', 'r')]
    server.files.set('/f', changed)
    t.match(await failureOf(read(file, 0, 10)), { code: 'ERR_FTP_FILE_CHANGED' })
    t.equal((await other.stat()).size, MIB)
    t.ok(changed.content.subarray(0, 10).equals(await read(other, 0, 10)), 'stat has looked before')
  })

  for (const [title, greeting] of Object.entries(greetings)) {
    await t.test(`is not overwritten with a mixture: ${title}`, async t => {
      const { server, open, content, sent } = await stage(t, { '/f': data }, { greeting })
      const inside = await open('/f', 'r+')
      await read(inside, 5, 10)
      await inside.write(Buffer.from('new'), 1000)
      const behind = await open('/f', 'r+')
      await behind.write(Buffer.from('new'), data.length)
      server.files.set('/f', { ...changed, content: Buffer.concat([data, data]) })
      sent()
      for (const file of [inside, behind, inside]) {
        t.match(await failureOf(file.flush()), { code: 'ERR_FTP_FILE_CHANGED', incomplete: undefined })
      }
      t.notOk(sent().some(line => /STOR|APPE/.test(line)))
      t.equal(content('/f').length, 2 * data.length)
    })
  }

  await t.test('is not overwritten, although none of its bytes must be read', async t => {
    const { server, open, content } = await stage(t, { '/f': 'older' }, { greeting: greetings.pureFtpd })
    const file = await open('/f', 'r+')
    await read(file, 0, 5)
    await file.write(Buffer.from('c'), 2)
    server.files.set('/f', { ...changed, content: Buffer.from('other') })
    for (const _ of [1, 2]) t.match(await failureOf(file.flush()), { code: 'ERR_FTP_FILE_CHANGED' })
    t.equal(content('/f').toString(), 'other')
  })

  await t.test('is replaced if none of its bytes were to be kept', async t => {
    const { server, open, content } = await stage(t, { '/f': data })
    const file = await open('/f', 'w')
    await file.write(Buffer.from('new'), 0)
    server.files.set('/f', changed)
    await file.flush()
    t.equal(content('/f').toString(), 'new')
  })

  await t.test('is continued by append', async t => {
    const { server, open, content } = await stage(t, { '/f': 'old' })
    const file = await open('/f', 'a+')
    t.equal(await file.write(Buffer.from('ours'), 0), 7)
    server.files.set('/f', { ...changed, content: Buffer.from('old theirs ') })
    await file.flush()
    t.equal(content('/f').toString(), 'old theirs ours')
    t.equal((await read(file, 0, 100)).toString(), 'old theirs ours')
  })
})

/** The commands of a change in place that is read back. */
const patch = (at: number): string[] => [`REST ${at}`, 'STOR /f', `REST ${at}`, 'RETR /f']

t.test('storing', async t => {
  const cases: [string, (file: OpenFile) => Promise<unknown>, string[], Script?][] = [
    ['nothing where nothing was changed', file => file.write(Buffer.alloc(0), 5_000_000), []],
    ['a range in its place', file => file.write(Buffer.from('new'), 1000), patch(1000)],
    [
      'two ranges, and those that touch as one',
      async file => {
        // Makes its time known, which the first range changes.
        await read(file, 500_000, 1)
        await file.write(Buffer.from('new'), 1_000_003)
        await file.write(Buffer.from('new'), 10)
        await file.write(Buffer.from('new'), 1_000_000)
        await file.write(Buffer.from('w'), 11)
      },
      [...patch(10), ...patch(1_000_000)],
    ],
    [
      'a range that extends beyond the end',
      file => file.write(Buffer.from('new'), data.length - 1),
      patch(data.length - 1),
    ],
    [
      'a range, and bytes beyond the end',
      async file => {
        await file.write(Buffer.from('new'), 10)
        await file.truncate(data.length + 300_000)
      },
      [...patch(10), 'APPE /f'],
    ],
    [
      'bytes beyond the end, and the zeros before them',
      file => file.write(Buffer.from('new'), data.length + 100),
      ['APPE /f'],
      { greeting: greetings.pureFtpd },
    ],
    [
      'all where there is no APPE',
      file => file.write(Buffer.from('new'), data.length + 100),
      ['APPE /f', 'RETR /f', 'STOR /f'],
      { greeting: '220 somebody', on: { APPE: ctx => ctx.reply('502 APPE?') } },
    ],
    ['all where it begins at 0', file => file.write(Buffer.from('new'), 0), ['REST 3', 'RETR /f', 'STOR /f']],
    [
      'all where a server would cut the file',
      file => file.write(Buffer.from('new'), 10),
      ['RETR /f', 'STOR /f'],
      { greeting: greetings.pureFtpd },
    ],
    [
      'all where it was cut',
      async file => {
        await file.truncate(1_000_000)
        await file.truncate(1_500_000)
      },
      ['RETR /f', 'STOR /f'],
    ],
    [
      'all where there are many ranges',
      async file => {
        for (let at = 1; at < MIB; at += 60_000) await file.write(Buffer.from('new'), at)
      },
      ['RETR /f', 'STOR /f'],
    ],
    ['no byte that was cut', file => file.truncate(0), ['STOR /f']],
  ]
  for (const [title, change, expected, script] of cases) {
    await t.test(title, async t => {
      const { open, sent, content, remote } = await stage(t, { '/f': data }, script)
      const file = await open('/f', 'r+')
      await change(file)
      const seen = await read(file, 0, 2 * data.length)
      const { size } = await file.stat()
      await file.close()
      const again = await open('/f', 'r+')
      await change(again)
      t.equal(again.dirty, expected.length > 0)
      sent()
      await again.flush()
      t.same(sent(), expected)
      t.equal(again.dirty, false)
      t.ok(seen.equals(content('/f')), 'what was read before is stored then')
      t.equal(size, seen.length)
      t.ok(seen.equals(await read(again, 0, 2 * data.length)), 'and read after it')
      await again.flush()
      t.notOk(
        sent().some(line => /STOR|APPE/.test(line)),
        'once',
      )
      await idle(remote)
    })
  }

  await t.test('creates or truncates a file even if nothing is written', async t => {
    const { open, sent, content } = await stage(t, { '/f': 'old', '/g': 'old' })
    for (const [path, flags] of [
      ['/f', 'w'],
      ['/new', 'w'],
      ['/newer', 'ax'],
      ['/g', 'a'],
    ] as const) {
      const file = await open(path, flags)
      if (flags !== 'a') t.equal((await file.stat()).size, 0)
      await file.flush()
      await file.flush()
    }
    t.same(sent(), ['STOR /f', 'STOR /new', 'STOR /newer'])
    t.equal(content('/f').length, 0)
  })

  await t.test('checks again, once, that an exclusive file does not exist', async t => {
    const { server, open, content } = await stage(t, {})
    const [first, second] = [await open('/f', 'wx'), await open('/f', 'wx')]
    await first.write(Buffer.from('first'), 0)
    await first.flush()
    t.match(await failureOf(second.flush()), { code: 'EEXIST', incomplete: undefined })
    await first.write(Buffer.from('again'), 5)
    await first.flush()
    t.equal(content('/f').toString(), 'firstagain')
    server.files.delete('/f')
    t.match(await first.stat(), { type: 'file' }, 'a handle on a file that was removed is good')
  })

  await t.test('finds a file of another size then, and asks once', async t => {
    const lies = { sizeLies: (_: string, size: number) => (size === 2 * MIB + 10 ? 5 : size) }
    const { server, open, sent } = await stage(t, { '/f': data }, lies, {
      uploadDelay: 1,
      shortTimeout: 300,
    })
    const file = await open('/f', 'r+')
    await file.write(Buffer.from('new'), 10)
    await file.write(bytes(20), 2 * MIB - 10)
    t.match(await failureOf(file.flush()), { code: 'ERR_FTP_UPLOAD_VERIFY', incomplete: '/f' })
    t.same(sent(), [...patch(10), `REST ${2 * MIB - 10}`, 'STOR /f'])
    const lines = server.commands.map(({ line }) => line)
    const between = lines.slice(lines.indexOf('STOR /f') + 1, lines.lastIndexOf('STOR /f'))
    t.equal(
      between.filter(line => line === 'SIZE /f').length,
      3,
      'after the first range, before it is read back, and before the second',
    )
  })

  await t.test('continues when the connection is lost', async t => {
    const { open, content } = await stage(t, { '/f': data }, { cut: { command: 'STOR', after: 1000 } })
    const file = await open('/f', 'r+')
    await read(file, 500_000, 1)
    await file.write(data.subarray(0, 300_000), 10)
    await file.flush()
    t.ok(data.subarray(0, 300_000).equals(content('/f').subarray(10, 300_010)))
  })
})

t.test('changes that could not be stored are stored later', async t => {
  await t.test('a refusal leaves the file as it is', async t => {
    const { open, content } = await stage(
      t,
      { '/f': data },
      { on: { STOR: ctx => (ctx.n === 1 ? ctx.reply('552 Quota exceeded') : ctx.next()) } },
    )
    const file = await open('/f', 'r+')
    await file.write(Buffer.from('new'), 0)
    t.match(await failureOf(file.flush()), { code: 'ENOSPC', incomplete: undefined })
    t.ok(data.equals(content('/f')))
    t.ok(file.dirty)
    await file.flush()
    t.ok(Buffer.concat([Buffer.from('new'), data.subarray(3)]).equals(content('/f')))
  })

  await t.test('after an incomplete store, all bytes are still here', async t => {
    const { open, content, server } = await stage(t, { '/f': data })
    server.on['STOR'] = async ctx => {
      if (ctx.n > 2) return ctx.next()
      await ctx.data
      ctx.reply('150 Go on')
      server.files.set('/f', { content: data.subarray(0, 1000), modified: new Date(), mode: 0o644 })
      ctx.reply('451 Failure writing to local file.')
    }
    const file = await open('/f', 'r+')
    await file.write(Buffer.from('new'), 0)
    t.match(await failureOf(file.flush()), { incomplete: '/f' })
    t.equal(content('/f').length, 1000)
    await file.flush()
    t.ok(Buffer.concat([Buffer.from('new'), data.subarray(3)]).equals(content('/f')))
  })

  await t.test('but not an append, of which a part may be stored', async t => {
    const { open, content, server } = await stage(t, { '/f': 'old' })
    server.on['APPE'] = async ctx => {
      await ctx.data
      ctx.reply('150 Go on')
      server.files.set('/f', { content: Buffer.from('oldne'), modified: new Date(), mode: 0o644 })
      ctx.reply('451 Failure writing to local file.')
    }
    const file = await open('/f', 'a')
    await file.write(Buffer.from('new'), 0)
    const failed = await failureOf(file.flush())
    t.match(failed, { incomplete: '/f' })
    delete server.on['APPE']
    t.equal(await failureOf(file.flush()), failed)
    t.equal(content('/f').toString(), 'oldne')
  })

  await t.test('after a part of an exclusive file was stored', async t => {
    const { open, content, server } = await stage(t, {})
    server.on['DELE'] = ctx => ctx.reply('550 Permission denied')
    server.on['STOR'] = async ctx => {
      if (ctx.n > 2) return ctx.next()
      await ctx.data
      ctx.reply('150 Go on')
      server.files.set('/f', { content: Buffer.from('n'), modified: new Date(), mode: 0o644 })
      ctx.reply('451 Failure writing to local file.')
    }
    const file = await open('/f', 'wx')
    await file.write(Buffer.from('new'), 0)
    t.match(await failureOf(file.flush()), { incomplete: '/f' })
    await file.flush()
    t.equal(content('/f').toString(), 'new')
  })

  await t.test('after one of two ranges was stored', async t => {
    const { open, content, server } = await stage(t, { '/f': data })
    server.on['STOR'] = ctx => (ctx.n === 2 ? ctx.reply('552 Quota exceeded') : ctx.next())
    const file = await open('/f', 'r+')
    await read(file, 500_000, 1)
    await file.write(Buffer.from('new'), 10)
    await file.write(Buffer.from('new'), 1_000_000)
    t.match(await failureOf(file.flush()), { code: 'ENOSPC', incomplete: '/f' })
    await file.flush()
    const expected = Buffer.from(data)
    for (const at of [10, 1_000_000]) expected.write('new', at)
    t.ok(expected.equals(content('/f')))
  })

  await t.test('after a part of the bytes behind the end was stored', async t => {
    const { open, content, server } = await stage(t, { '/f': data })
    server.on['APPE'] = async ctx => {
      if (ctx.n > 1) return ctx.next()
      await ctx.data
      ctx.reply('150 Go on')
      const torn = Buffer.concat([data, Buffer.from('ne')])
      server.files.set('/f', { content: torn, modified: new Date(), mode: 0o644 })
      ctx.reply('452 No space left')
    }
    const file = await open('/f', 'r+')
    await file.write(Buffer.from('new'), data.length)
    t.match(await failureOf(file.flush()), { code: 'ENOSPC', incomplete: '/f' })
    await file.flush()
    t.ok(Buffer.concat([data, Buffer.from('new')]).equals(content('/f')))

    await t.test('but not if the file became shorter meanwhile', async t => {
      await file.write(Buffer.from('newer'), data.length + 3)
      server.on['APPE'] = async ctx => {
        await ctx.data
        ctx.reply('150 Go on')
        ctx.reply('452 No space left')
      }
      t.match(await failureOf(file.flush()), { code: 'ENOSPC', incomplete: '/f' })
      server.files.delete('/f')
      t.match(await failureOf(file.flush()), { code: 'ERR_FTP_FILE_CHANGED' })
    })
  })
})

t.test('pending writes wait in memory and in a temporary file', async t => {
  const { open } = await stage(
    t,
    { '/f': data },
    {},
    { spoolDirectory: '/dev/null/none', replayBuffer: 64 * 1024 },
  )
  const file = await open('/f', 'r+')
  await file.write(Buffer.alloc(32 * 1024), 10 * 2 ** 30)
  await file.write(Buffer.alloc(32 * 1024), 20 * 2 ** 30)
  await file.write(Buffer.alloc(32 * 1024), 20 * 2 ** 30)
  t.equal((await file.stat()).size, 20 * 2 ** 30 + 32 * 1024)
  t.match(await failureOf(file.write(Buffer.alloc(1), 0)), { code: 'ENOTDIR' })
  await file.truncate(0)
  await file.write(Buffer.alloc(64 * 1024), 0)
})

t.test('a file with a wrong reported size', async t => {
  const text = 'line one\nline two\nline three\n'
  const large = bytes(MIB)
  // A wrong size cannot check a stored file.
  const lying = (
    t: Test,
    size: number,
    content: Buffer | string = text,
    script: Script = {},
  ): Promise<Stage> =>
    stage(
      t,
      { '/f': content },
      { ...script, sizeLies: (_, real) => (real >= 29 ? size : real) },
      { verifyUploads: false },
    )

  for (const greeting of ['220 somebody', greetings.vsftpd, greetings.pureFtpd]) {
    await t.test(`is read to its end: ${greeting}`, async t => {
      for (const size of [0, 10, 4096]) {
        const { open } = await lying(t, size, text, { greeting })
        const file = await open('/f', 'r')
        t.equal((await read(file, 0, 100)).toString(), text, `${size} of 29`)
        t.equal((await read(file, 20, 100)).toString(), text.slice(20))
        t.equal((await read(file, 29, 100)).length, 0)
      }
      const { open } = await lying(t, 0, text, { greeting })
      t.equal((await read(await open('/f', 'r'), 20, 5)).toString(), text.slice(20, 25), 'somewhere')
    })

    await t.test(`is not truncated when one of its bytes is changed: ${greeting}`, async t => {
      for (const size of [0, 10, 4096]) {
        for (const place of [0, 3]) {
          const { open, content } = await lying(t, size, text, { greeting })
          const file = await open('/f', 'r+')
          await file.write(Buffer.from('L'), place)
          await file.flush()
          const expected = `${text.slice(0, place)}L${text.slice(place + 1)}`
          t.equal(content('/f').toString(), expected, `${size} of 29, at ${place}`)
        }
      }
    })

    await t.test(`nor when all its reported bytes are written: ${greeting}`, async t => {
      const { open, content } = await lying(t, 10, text, { greeting })
      const file = await open('/f', 'r+')
      await file.write(Buffer.from('0123456789'), 0)
      await file.flush()
      t.equal(content('/f').toString(), `0123456789${text.slice(10)}`)
    })
  }

  await t.test('is larger than the kept bytes, and longer than reported', async t => {
    const { open } = await lying(t, MIB - 10, large)
    const file = await open('/f', 'r')
    for (let at = 0; at < MIB; at += 65_000) {
      t.ok(
        large.subarray(at, at + 65_000).equals(await read(file, at, Math.min(65_000, MIB - at))),
        String(at),
      )
    }
  })
})

t.test('on a server that ignores REST, a file read at many positions is fetched once', async t => {
  for (const REST of ['350 Restarting', '502 REST?']) {
    const on = { REST: (ctx: CommandContext): void => ctx.reply(REST) }
    const { remote, open, sent } = await stage(t, { '/f': data }, { greeting: '220 somebody', on })
    const file = await open('/f', 'r')
    for (const at of [0, MIB, 10, data.length - 5, 500_000, 1_500_000]) {
      t.ok(data.subarray(at, at + 1000).equals(await read(file, at, 1000)), `${at}, ${REST}`)
    }
    t.same(sent(), ['RETR /f', `REST ${data.length - 1024}`, 'RETR /f', 'RETR /f'])
    await idle(remote)
  }
})
