import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { FtpVfs, FtpVfsOptions } from '../../../lib/index.js'
import { makeAuthority } from '../../support/certificates.js'
import type { CommandContext, Script } from '../../support/scripted-server.js'
import { failureOf, greetings, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

// The folders of these servers are called `/AT-TIMES`: their listings break off at the byte AT, so many TIMES. They
// hold the same entries, of which some have names that others begin with.

const names = ['a10', '.b', 'a1', 'a100']
const facts = names.map((name, i) => `type=file;size=${i}; ${name}\r\n`)
const lines = names.map((name, i) => `-rw-r--r-- 1 u g ${i} Jan 02 2020 ${name}\r\n`)
const dots = ['.', '..'].map(name => `drwxr-xr-x 2 u g 4096 Jan 02 2020 ${name}\r\n`)

/** How a listing breaks off, behind the bytes that were sent. */
type Break = (ctx: CommandContext, text: string, whole: string) => Promise<void>

const behindFin =
  (reply: string): Break =>
  async (ctx, text) => {
    const data = await ctx.data
    data.end(text, 'latin1')
    await new Promise(resolve => data.once('close', resolve))
    ctx.reply(reply)
  }

/** Sends the bytes, and waits until they are there: a reset drops those that are not. */
async function deliver(ctx: CommandContext, text: string): Promise<void> {
  const data = await ctx.data
  await new Promise(resolve => data.write(text, 'latin1', resolve))
  await sleep(2)
}

const breaks = {
  '426': behindFin('426 Connection closed; transfer aborted.'),
  '451': behindFin('451 Local error.'),
  '450': behindFin('450 Try again.'),
  '425': behindFin('425 No data connection.'),
  '421': behindFin('421 Shutting down.'),
  '226 that says aborted': behindFin('226 Transfer aborted.'),
  'reset of the data connection': async (ctx, text) => {
    await deliver(ctx, text)
    ctx.connection.drop('data', true)
    ctx.reply('426 Failure writing network stream.')
  },
  'FIN of both connections': async (ctx, text) => {
    await deliver(ctx, text)
    ctx.connection.drop('both')
  },
  'reset of both connections': async (ctx, text) => {
    await deliver(ctx, text)
    ctx.connection.drop('both', true)
  },
} satisfies Record<string, Break>
const fewBreaks = { '426': breaks['426'], 'FIN of both connections': breaks['FIN of both connections'] }

const complete: Break = behindFin('226 Transfer complete')

/** Sends listings as the name of the folder says. */
function cutting(whole: (ctx: CommandContext) => string, end: Break, usual = complete) {
  const done = new Map<string, number>()
  return async (ctx: CommandContext): Promise<void> => {
    const { cwd } = ctx.connection
    const [at, times] = cwd.slice(1).split('-').map(Number)
    const before = done.get(cwd) ?? 0
    done.set(cwd, before + 1)
    ctx.reply('150 Here it comes')
    const text = whole(ctx)
    await (before < times! ? end(ctx, text.slice(0, at), text) : usual(ctx, text, text))
  }
}

const list = ({ argument }: CommandContext): string => [...(argument === '-a' ? dots : []), ...lines].join('')
const mlsd = (): string => facts.join('')

function scripted(
  t: Test,
  on: Script['on'],
  script: Script = {},
  options?: FtpVfsOptions,
): Promise<ScriptedVfs> {
  const enter = (ctx: CommandContext): void => {
    // Of a server that enters whatever it is given CWD would tell nothing.
    if (/^\/ftp-vfs-/.test(ctx.path)) return ctx.reply('550 No such directory')
    ctx.connection.cwd = ctx.path
    ctx.reply('250 Directory changed')
  }
  return scriptedVfs(t, { ...script, on: { CWD: enter, ...on } }, { connections: 4, ...options })
}

/** What reading a folder has come to: `whole`, the code of the error, or the names. */
async function outcomeOf(reading: Promise<string[]>): Promise<string> {
  try {
    const found = [...(await reading)].sort().join()
    return found === [...names].sort().join() ? 'whole' : found
  } catch (error) {
    return (error as NodeJS.ErrnoException).code!
  }
}

/** The outcomes that are others than expected, by the byte at which the listings broke off, so many times each. */
async function unlike(
  expected: RegExp,
  bytes: readonly number[],
  times: number,
  read: (path: string) => Promise<string[]>,
): Promise<Record<number, string>> {
  const outcomes = await Promise.all(
    bytes.map(async at => [at, await outcomeOf(read(`/${at}-${times}`))] as const),
  )
  return Object.fromEntries(outcomes.filter(([, outcome]) => !expected.test(outcome)))
}

async function taken(vfs: FtpVfs, path: string): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of await vfs.opendir(path)) found.push(name)
  return found
}

const ways = {
  'readdir by MLSD': { command: 'MLSD', script: {}, read: (vfs: FtpVfs, path: string) => vfs.readdir(path) },
  'opendir by MLSD': { command: 'MLSD', script: {}, read: taken },
  'readdir by LIST': {
    command: 'LIST',
    script: { mlst: false },
    read: (vfs: FtpVfs, path: string) => vfs.readdir(path),
  },
}

for (const [title, { command, script, read }] of Object.entries(ways)) {
  const whole = command === 'MLSD' ? mlsd : list
  const text = command === 'MLSD' ? mlsd() : [...dots, ...lines].join('')
  const allBytes = [...text].map((_, at) => at)

  /** A function that reads a folder. The first listing of all has said whether LIST takes -a. */
  const reader = async (t: Test, on: Script['on']): Promise<(path: string) => Promise<string[]>> => {
    const { vfs } = await scripted(t, on, script)
    await vfs.readdir('/0-0')
    return path => read(vfs, path)
  }

  for (const [what, end] of Object.entries(title === 'readdir by MLSD' ? breaks : fewBreaks)) {
    t.test(`${title}, ${what}`, async t => {
      const folder = await reader(t, { [command]: cutting(whole, end) })
      t.same(await unlike(/^whole$/, allBytes, 1, folder), {}, 'at any byte once')
      const [begin, ...others] = [0, text.length >> 1, text.lastIndexOf('\n', text.length - 2) + 1]
      const code = /^ERR_FTP_(LISTING|CONNECTION_LOST|DATA_CONNECTION)$/
      t.same(await unlike(code, others, 9, folder), {}, 'again and again')
      t.same(await unlike(/^E/, [begin], 9, folder), {}, 'again and again before the first byte')
    })
  }

  t.test(`${title}, FIN within a line, and 226`, async t => {
    const within = allBytes.filter(at => at > 0 && text[at - 1] !== '\n')
    const last = within.splice(-2)
    // What follows may be more lines.
    const wholeLines = within.filter(at => text[at] === '\n' || text[at] === '\r')
    const [MLSD, LIST] = [cutting(whole, complete), cutting(whole, complete)]
    const NLST = (ctx: CommandContext): Promise<void> =>
      ctx.send(names.filter(name => !name.startsWith('.')).map(name => `${name}\r\n`))
    const MLST = (ctx: CommandContext): void => {
      const line = facts.find(line => line.endsWith(` ${ctx.path.replace(/^.*\//, '')}\r\n`))
      ctx.reply(line ? `250-Listing\r\n ${line}250 End` : '550 No such file')
    }

    await t.test('where NLST tells', async t => {
      const folder = await reader(t, { MLSD, LIST, NLST })
      t.same(await unlike(/^whole$/, [...within, ...last], 1, folder), {}, 'once')
      t.same(await unlike(/^ERR_FTP_LISTING$/, within, 9, folder), {}, 'again and again')
      t.same(await unlike(/^whole$/, last, 9, folder), {}, 'behind the last name again and again')
    })

    await t.test('where there is no NLST', async t => {
      const folder = await reader(t, { MLSD, LIST, MLST, NLST: ctx => ctx.reply('502 No') })
      const names = within.filter(at => !wholeLines.includes(at))
      t.same(await unlike(/^ERR_FTP_LISTING$/, names, 9, folder), {}, 'again and again')
      const told = command === 'MLSD' ? /^whole$/ : /^ERR_FTP_LISTING$/
      t.same(await unlike(told, last, 9, folder), {}, 'behind the last name again and again')
    })
  })
}

t.test('a Pure-FTPd that counts its lines', async t => {
  const counted: Break = (ctx, text, whole) =>
    behindFin(`226-Options: -a -l \r\n226 ${whole.split('\n').length - 1} matches total`)(ctx, text, whole)
  const pure = { greeting: greetings.pureFtpd }
  const bytes = [...mlsd()].map((_, at) => at)
  const { vfs } = await scripted(t, { MLSD: cutting(mlsd, counted, counted) }, pure)
  t.same(await unlike(/^whole$/, bytes, 1, path => vfs.readdir(path)), {}, 'once')
  t.same(
    await unlike(/^ERR_FTP_LISTING$/, bytes.slice(1), 9, path => vfs.readdir(path)),
    {},
    'again and again',
  )

  await t.test('gets another session for the next listing', async t => {
    const { vfs, server } = await scripted(t, { MLSD: cutting(mlsd, counted, counted) }, pure, {
      connections: 1,
    })
    t.same(await vfs.readdir('/50-1'), names)
    t.equal(server.connections, 2)
  })
})

t.test('a server that never ends the last line', async t => {
  const open = (): string => mlsd().replace(/\r\n$/, '')
  const NLST = (ctx: CommandContext): Promise<void> => ctx.send([names.join('\n')])
  const { vfs, sent } = await scripted(t, { MLSD: cutting(open, complete), NLST }, {}, { connections: 1 })
  const asked = (): string[] => sent().filter(line => /^(MLSD|NLST)/.test(line))
  t.same(await vfs.readdir('/0-0'), names)
  t.same(asked(), ['MLSD', 'MLSD', 'NLST'])
  t.same(await vfs.readdir('/1-0'), names)
  t.same(await taken(vfs, '/2-0'), names)
  t.same(asked().slice(3), ['MLSD', 'NLST', 'MLSD', 'NLST'], 'is known from then on')
  t.same(await vfs.readdir('/40-1'), names, 'and asked again all the same when the name is not whole')
})

t.test('what a listing that broke off has shown is not kept', async t => {
  const detailed = (): string => mlsd().replaceAll('; ', ';modify=20200102030405;UNIX.mode=0644; ')
  const end: Break = (ctx, text) => behindFin('426 Aborted')(ctx, text.replaceAll('size=', 'size=7'), text)
  const on = { MLSD: cutting(detailed, end) }
  const { vfs, sent } = await scripted(t, on, {}, { statCacheTtl: 60_000, connections: 1 })
  t.same(await vfs.readdir('/200-1'), names)
  const stats = await Promise.all(names.map(name => vfs.lstat(`/200-1/${name}`)))
  t.same(
    stats.map(({ size }) => size),
    [0, 1, 2, 3],
  )
  t.notOk(sent().some(line => line.startsWith('MLST')))
})

t.test('entries of a broken listing come once from opendir, be they shown twice', async t => {
  const twice = (): string => [...facts, ...facts.slice(-1)].join('')
  const { vfs } = await scripted(t, { MLSD: cutting(twice, breaks['426']) })
  for (const at of [0, 30, 75, twice().length - 30, twice().length - 1])
    t.same(await taken(vfs, `/${at}-1`), names)
})

t.test('LIST -a of a server that is not known', async t => {
  const asked = (sent: string[]): string[] => sent.filter(line => line.startsWith('LIST'))

  await t.test('that breaks off says nothing of -a', async t => {
    const { vfs, sent } = await scripted(
      t,
      { LIST: cutting(list, breaks['426']) },
      { mlst: false },
      { connections: 1 },
    )
    t.same(await vfs.readdir('/150-1'), names)
    t.same(asked(sent()), ['LIST -a', 'LIST -a'])
  })

  for (const reply of ['450 Try again', '451 Local error', '426 Aborted']) {
    await t.test(`that is refused once with ${reply} says nothing of it either`, async t => {
      let times = 0
      const on = { LIST: (ctx: CommandContext) => (++times === 1 ? ctx.reply(reply) : ctx.send([list(ctx)])) }
      const { vfs, sent } = await scripted(t, on, { mlst: false }, { connections: 1 })
      t.same(await vfs.readdir('/d'), names)
      t.same(asked(sent()), ['LIST -a', 'LIST -a'])
    })
  }

  await t.test('that is refused with 451 again is followed by LIST', async t => {
    const on = {
      LIST: (ctx: CommandContext) =>
        ctx.argument === '-a' ? ctx.reply('451 Bad name') : ctx.send([list(ctx)]),
    }
    const { vfs, sent } = await scripted(t, on, { mlst: false }, { connections: 1 })
    t.same(await vfs.readdir('/d'), names)
    t.same(await vfs.readdir('/d'), names)
    t.same(asked(sent()), ['LIST -a', 'LIST -a', 'LIST', 'LIST'])
  })
})

t.test('a listing that is refused with 450 or 451', async t => {
  const files = { '/d/a': 'x', '/file': 'x' }
  for (const reply of ['450 Busy', '451 Local error']) {
    const code = reply.startsWith('450') ? 'EBUSY' : 'EIO'
    await t.test(`${reply}: once is no error`, async t => {
      let times = 0
      const on = { MLSD: (ctx: CommandContext) => (++times === 1 ? ctx.reply(reply) : ctx.next()) }
      const { vfs, sent } = await scriptedVfs(t, { files, on })
      t.same(await vfs.readdir('/d'), ['a'])
      t.equal(sent().filter(line => line === 'MLSD').length, 2)
    })

    await t.test(`${reply}: always is ${code}`, async t => {
      const { vfs } = await scriptedVfs(t, { files, on: { MLSD: ctx => ctx.reply(reply) } })
      t.match(await failureOf(vfs.readdir('/d')), { code, syscall: 'scandir', path: '/d' })
      t.match(await failureOf(vfs.opendir('/d')), { code, syscall: 'opendir' })
    })

    await t.test(`${reply}: what is missing or no folder is told at once`, async t => {
      const enter = (ctx: CommandContext): void => {
        ctx.connection.cwd = ctx.path
        ctx.reply('250 Whatever')
      }
      let entered = 0
      const on = {
        // A server that looks only when it lists.
        CWD: (ctx: CommandContext) => (++entered % 2 === 1 ? enter(ctx) : ctx.next()),
        MLSD: (ctx: CommandContext) => ctx.reply(reply),
      }
      for (const [path, code] of [
        ['/none', 'ENOENT'],
        ['/file', 'ENOTDIR'],
      ] as const) {
        entered = 0
        const { vfs, sent } = await scriptedVfs(t, { files, on: { ...on, CWD: only(path, on.CWD) } })
        t.match(await failureOf(vfs.readdir(path)), { code })
        t.equal(sent().filter(line => line === 'MLSD').length, 1)
      }
    })
  }
})

/** The handler for the path; others get what a plain server does. */
function only(path: string, handler: (ctx: CommandContext) => void | Promise<void>) {
  return (ctx: CommandContext): void | Promise<void> => (ctx.path === path ? handler(ctx) : ctx.next())
}

t.test('a listing that takes longer than listTimeout is not asked for again', async t => {
  const MLSD = async (ctx: CommandContext): Promise<void> => {
    ctx.reply('150 Here it comes')
    const data = await ctx.data
    data.write(mlsd())
    await new Promise(resolve => data.once('end', resolve).resume())
    ctx.reply('426 Aborted')
  }
  const { vfs, sent } = await scripted(t, { MLSD }, {}, { listTimeout: 100, connections: 1 })
  const error = await failureOf(vfs.readdir('/d'))
  t.match(error, { code: 'ERR_FTP_LISTING', message: /100 ms \(listTimeout\)/ })
  t.equal(sent().filter(line => line === 'MLSD').length, 1)
})

t.test('nothing over a data connection that was made ahead, and none is made ahead for a while', async t => {
  let times = 0
  const LIST = (ctx: CommandContext): Promise<void> => (++times === 1 ? ctx.send([]) : ctx.send([list(ctx)]))
  const { vfs, server } = await scripted(
    t,
    { LIST },
    { mlst: false, greeting: greetings.vsftpd },
    { connections: 1 },
  )
  for (const path of ['/d', '/e']) t.same(await taken(vfs, path), names)
  const listing = server.flights.filter(flight => flight.includes('LIST -a'))
  t.same(
    listing.map(flight => flight.includes('EPSV')),
    [true, true, false],
  )
})

t.test('over TLS', async t => {
  const authority = await makeAuthority()
  const tls = await authority.issue({ names: ['127.0.0.1'] })
  const secure = { encryptionMode: 'Explicit', ca: authority.ca, connections: 1 } as const
  const asked = (sent: string[]): number => sent.filter(line => line === 'MLSD').length
  const script = { files: { '/d/a': 'x', '/d/b': 'x' } }

  await t.test(
    'a server that ends its listings with close_notify is asked again where that is missing',
    async t => {
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const { vfs, server, sent } = await scriptedVfs(t, { ...script, tls: { ...tls, maxVersion } }, secure)
        t.same(await vfs.readdir('/d'), ['a', 'b'])
        t.equal(asked(sent()), 1)
        let times = 0
        server.on['MLSD'] = ctx => {
          server.script.tls!.noCloseNotify = ++times === 1
          return ctx.next()
        }
        t.same(await vfs.readdir('/d'), ['a', 'b'])
        t.equal(asked(sent()), 3)
        server.on['MLSD'] = ctx => {
          server.script.tls!.noCloseNotify = true
          return ctx.next()
        }
        t.match(await failureOf(vfs.readdir('/d')), { code: 'ERR_FTP_LISTING' })
      }
    },
  )

  await t.test('one that never sends it is asked twice the first time', async t => {
    const { vfs, sent } = await scriptedVfs(t, { ...script, tls: { ...tls, noCloseNotify: true } }, secure)
    t.same(await vfs.readdir('/d'), ['a', 'b'])
    t.equal(asked(sent()), 2)
    t.same(await vfs.readdir('/d'), ['a', 'b'])
    t.equal(asked(sent()), 3)
  })
})
