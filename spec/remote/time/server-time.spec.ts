import { chown, mkdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FtpVfs, type FtpVfsOptions } from '../../../lib/index.js'
import { offsetBetween } from '../../../lib/remote/time/offset-between.js'
import { forServers } from '../../support/for-servers.js'
import type { Script } from '../../support/scripted-server.js'
import { greetings, scriptedVfs } from '../scripted-vfs.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const toMinute = (time: number): number => Math.floor(time / MINUTE) * MINUTE
const now = Date.now()

interface Listed {
  /** Its true time. */
  time: number
  folder?: boolean
}

/** A line as a server prints it whose clock is so far ahead. */
function lsLine(name: string, { time, folder = false }: Listed, ahead: number): string {
  // `Sun, 22 Nov 2026 08:08:00 GMT`
  const [, day, month, year, clock] = new Date(time + ahead).toUTCString().split(' ')
  const old = now - time > 180 * DAY
  const date = `${month} ${day} ${old ? ` ${year}` : clock!.slice(0, 5)}`
  return `${folder ? 'd' : '-'}rw-r--r--    1 0        0               3 ${date} ${name}\r\n`
}

/** A server without MLST whose LIST is ahead of UTC, and whose MDTM is not. */
function ahead(by: number, entries: Record<string, Listed>, more: Script = {}): Script {
  const files = Object.fromEntries(
    Object.entries(entries).map(([name, { folder }]) => [`/${name}`, folder ? null : 'abc']),
  )
  return {
    greeting: greetings.vsftpd,
    mlst: false,
    files,
    ...more,
    on: {
      LIST: ctx =>
        ctx.send(
          ctx.connection.cwd === '/'
            ? Object.entries(entries).map(([name, entry]) => lsLine(name, entry, by))
            : [],
        ),
      STAT: ctx => {
        const [, name = ''] = /\{([^,]*),+\}$/.exec(ctx.argument) ?? []
        const entry = entries[name]
        ctx.reply(`213-Status follows:\r\n${entry ? lsLine(name, entry, by) : ''}213 End of status`)
      },
      MDTM: ctx => {
        const entry = entries[ctx.path.slice(1)]
        if (!entry || entry.folder) return ctx.reply('550 Could not get file modification time.')
        ctx.reply(`213 ${new Date(entry.time).toISOString().slice(0, 19).replace(/\D/g, '')}`)
      },
      ...more.on,
    },
  }
}

const mdtms = (sent: string[]): string[] => sent.filter(line => line.startsWith('MDTM'))
const recent = toMinute(now - 3 * DAY) + 42_000
const kathmandu = 5 * HOUR + 45 * MINUTE

const onServer = (t: Test, script: Script, options?: FtpVfsOptions) => scriptedVfs(t, script, options)

t.test('the time of a folder in LIST is made UTC by one MDTM of a file beside it', async t => {
  const other = recent - 5 * DAY
  const { vfs, sent } = await onServer(
    t,
    ahead(kathmandu, {
      far: { time: other },
      d: { time: recent, folder: true },
      near: { time: recent - HOUR },
      e: { time: other, folder: true },
    }),
  )
  t.equal((await vfs.lstat('/d')).mtimeMs, toMinute(recent))
  t.equal((await vfs.lstat('/e')).mtimeMs, toMinute(other))
  // Of the two, the first is asked of the folder itself, in vain.
  t.same(mdtms(sent()), ['MDTM /d', 'MDTM /near', 'MDTM /e'])
})

t.test('many that need it at once ask once', async t => {
  const folders = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [`d${at}`, { time: recent - at * HOUR, folder: true }]),
  )
  const { vfs, sent } = await onServer(t, ahead(-kathmandu, { ...folders, f: { time: recent } }), {
    connections: 4,
  })
  const times = await Promise.all(
    Object.keys(folders).map(async name => (await vfs.lstat(`/${name}`)).mtimeMs),
  )
  t.same(
    times,
    Object.values(folders).map(({ time }) => toMinute(time)),
  )
  t.same(
    mdtms(sent()).filter(line => !line.startsWith('MDTM /d')),
    ['MDTM /f'],
  )
})

t.test('no time of a listing is needed, no question is asked', async t => {
  const entries = { 'a file': { time: recent }, d: { time: recent, folder: true } }
  const { vfs, server } = await onServer(t, ahead(kathmandu, entries))
  await vfs.connect()
  const before = server.flights.length
  t.same(await vfs.readdir('/'), ['a file', 'd'])
  await vfs.readdir('/', { withFileTypes: true })
  t.same(mdtms(server.flights.slice(before).flat()), [])
  t.equal((await vfs.stat('/a file')).mtimeMs, recent)
  // Shown by the listing of its folder only; the time is that of MDTM.
  t.equal((await vfs.lstat('/a file')).mtimeMs, recent)
  t.same(mdtms(server.flights.slice(before).flat()), ['MDTM /a file', 'MDTM /a file'])
})

t.test('nor does rm ask, which wants to know no time', async t => {
  for (const greeting of [greetings.vsftpd, '220 scripted']) {
    const entries = { f: { time: recent }, d: { time: recent, folder: true }, 'a file': { time: recent } }
    const { vfs, server, sent } = await onServer(t, ahead(kathmandu, entries, { greeting }))
    await vfs.rm('/a file')
    await vfs.rm('/d', { recursive: true })
    t.same([...server.files.keys()], ['/', '/f'])
    t.notOk(mdtms(sent()).includes('MDTM /f'))
  }
})

t.test('a file that was changed in between is not believed', async t => {
  const entries = {
    changed: { time: recent },
    d: { time: recent, folder: true },
    quiet: { time: recent - DAY },
  }
  const script = ahead(2 * HOUR, entries)
  const { MDTM } = script.on!
  const { vfs } = await onServer(t, {
    ...script,
    on: {
      ...script.on,
      MDTM: ctx => (ctx.path === '/changed' ? ctx.reply('213 20261122113107') : MDTM!(ctx)),
    },
  })
  t.equal((await vfs.lstat('/d')).mtimeMs, toMinute(recent))
})

t.test('without a file to ask, the time stays as it is listed, and the next folder may tell', async t => {
  const entries: Record<string, Listed> = { d: { time: recent, folder: true } }
  const { vfs, sent } = await onServer(t, ahead(HOUR, entries))
  t.equal((await vfs.lstat('/d')).mtimeMs, toMinute(recent) + HOUR)
  entries['f'] = { time: now - 400 * DAY }
  t.equal((await vfs.lstat('/d')).mtimeMs, toMinute(recent) + HOUR, 'a file with a day only is none to ask')
  entries['g'] = { time: recent - DAY }
  t.equal((await vfs.lstat('/d')).mtimeMs, toMinute(recent))
  t.same(
    mdtms(sent()).filter(line => line !== 'MDTM /d'),
    ['MDTM /g'],
  )
})

t.test('a server that has no MDTM is asked once', async t => {
  const entries = { f: { time: recent }, d: { time: recent, folder: true } }
  const { vfs, sent } = await onServer(
    t,
    ahead(HOUR, entries, { on: { MDTM: ctx => ctx.reply('500 Unknown command.') } }),
  )
  for (let round = 0; round < 3; round++) {
    t.equal((await vfs.lstat('/d')).mtimeMs, toMinute(recent) + HOUR)
  }
  t.same(
    mdtms(sent()).filter(line => line !== 'MDTM /d'),
    ['MDTM /f'],
  )
})

t.test('after three files that tell nothing no other is asked', async t => {
  const entries = {
    ...Object.fromEntries(['f', 'g', 'h', 'i', 'j'].map(name => [name, { time: recent }])),
    d: { time: recent, folder: true },
  }
  const { vfs, sent } = await onServer(t, ahead(HOUR, entries, { on: { MDTM: ctx => ctx.reply('550 No.') } }))
  for (let round = 0; round < 3; round++) {
    t.equal((await vfs.lstat('/d')).mtimeMs, toMinute(recent) + HOUR)
  }
  t.same(
    mdtms(sent()).filter(line => line !== 'MDTM /d'),
    ['MDTM /f', 'MDTM /g', 'MDTM /h'],
  )
})

t.test('serverTimezone needs no question, and knows summer time', async t => {
  const lines = [
    '01-15-2024  12:00PM       <DIR>          winter\r\n',
    '07-15-2024  12:00PM       <DIR>          summer\r\n',
    '07-15-2024  12:00PM                    3 file\r\n',
  ]
  const script: Script = {
    mlst: false,
    files: { '/winter': null, '/summer': null, '/file': 'abc' },
    on: { LIST: ctx => ctx.send(lines) },
  }
  const { vfs, sent } = await onServer(t, script, { serverTimezone: 'Europe/Berlin' })
  t.equal((await vfs.lstat('/winter')).mtime.toISOString(), '2024-01-15T11:00:00.000Z')
  t.equal((await vfs.lstat('/summer')).mtime.toISOString(), '2024-07-15T10:00:00.000Z')
  t.same(mdtms(sent()), ['MDTM /winter', 'MDTM /summer'])
  const fixed = await onServer(t, script, { serverTimezone: '-03:30' })
  t.equal((await fixed.vfs.lstat('/summer')).mtime.toISOString(), '2024-07-15T15:30:00.000Z')
})

t.test('on a server without SIZE and MLST', async t => {
  const entries = { f: { time: recent }, g: { time: recent - DAY } }
  const noSize = { SIZE: (ctx: { reply(text: string): void }) => ctx.reply('500 SIZE?') }
  await t.test('the time of a file is that of MDTM', async t => {
    const { vfs } = await onServer(t, ahead(HOUR, entries, { features: 'none', on: noSize }))
    t.equal((await vfs.stat('/f')).mtimeMs, recent)
    t.equal((await vfs.stat('/f')).size, 3)
  })
  await t.test('or, with serverTimezone and without MDTM, of LIST', async t => {
    const on = { ...noSize, MDTM: noSize.SIZE }
    const { vfs } = await onServer(t, ahead(HOUR, entries, { features: 'none', on }), {
      serverTimezone: '+01:00',
    })
    t.equal((await vfs.stat('/f')).mtimeMs, toMinute(recent))
  })
})

t.test('what was written just now is not of last year, wherever the server is', async t => {
  for (const hours of [14, 1, 0, -11]) {
    const entries = { f: { time: now }, d: { time: now, folder: true } }
    const { vfs } = await onServer(t, ahead(hours * HOUR, entries))
    t.equal((await vfs.lstat('/d')).mtimeMs, toMinute(now), `${hours} hours ahead`)
  }
})

t.test('how far a listing is ahead', async t => {
  const utc = Date.UTC(2026, 5, 1, 12, 0, 42)
  for (const offset of [0, HOUR, -HOUR, kathmandu, 14 * HOUR, -12 * HOUR, 26 * HOUR]) {
    t.equal(offsetBetween(toMinute(utc) + offset, utc), offset)
    t.equal(offsetBetween(utc + offset, utc), offset, 'with seconds')
    t.equal(offsetBetween(toMinute(utc) + MINUTE + offset, utc), offset, 'rounded up')
  }
  t.equal(Object.is(offsetBetween(toMinute(utc), utc), 0), true, 'not -0')
  t.equal(offsetBetween(toMinute(utc) + 2 * MINUTE, utc), undefined)
  t.equal(offsetBetween(toMinute(utc) - 2 * MINUTE, utc), undefined)
  t.equal(offsetBetween(utc + 27 * HOUR, utc), undefined)
  t.equal(offsetBetween(utc + HOUR + 19_000, utc, 20_000), HOUR)
  t.equal(offsetBetween(utc + HOUR + 21_000, utc, 20_000), undefined)
})

/** A folder and a file by the clock of the file system. */
async function lay(root: string, name: string, time: Date): Promise<void> {
  const { uid, gid } = await stat(root)
  await mkdir(join(root, `${name} folder`))
  await writeFile(join(root, `${name} file`), 'x')
  for (const each of [join(root, `${name} folder`), join(root, `${name} file`)]) {
    await chown(each, uid, gid)
    await utimes(each, time, time)
  }
}

// Pure-FTPd 1.0.50 has MLST in any case; of vsftpd 3.0.3 and pyftpdlib 1.5.7 MDTM is in local time, too.
await forServers(
  t,
  'ProFTPD without MLST in the time of New York',
  async (t, { url, root }) => {
    const time = new Date(toMinute(now - 2 * DAY) + 17_000)
    await lay(root, 'recent', time)
    await using vfs = new FtpVfs(url, { connections: 1 })
    t.equal((await vfs.lstat('/recent folder')).mtimeMs, toMinute(time.getTime()))
    t.equal((await vfs.lstat('/recent file')).mtimeMs, time.getTime())
    t.equal((await vfs.stat('/recent file')).mtimeMs, time.getTime())

    await using told = new FtpVfs(url, { connections: 1, serverTimezone: 'America/New_York' })
    // Most days of the year, some of these are on the other side of a change to summer time.
    for (const days of [3, 60, 120, 170]) {
      // At noon: no clock is changed then.
      const time = Math.floor(now / DAY - days) * DAY + 17 * HOUR
      await lay(root, `${days}`, new Date(time))
      t.equal((await told.lstat(`/${days} folder`)).mtimeMs, time, `${days} days ago`)
    }
  },
  {
    only: ['proftpd'],
    timeZone: 'America/New_York',
    settings: ['FactsAdvertise off'],
  },
)

await forServers(
  t,
  'vsftpd in UTC: the time of a folder is that of the file system, to the minute',
  async (t, { url, root }) => {
    const time = new Date(toMinute(now - 2 * DAY) + 17_000)
    await lay(root, 'recent', time)
    await using vfs = new FtpVfs(url, { connections: 1 })
    t.equal((await vfs.lstat('/recent folder')).mtimeMs, toMinute(time.getTime()))
  },
  { only: ['vsftpd'] },
)
