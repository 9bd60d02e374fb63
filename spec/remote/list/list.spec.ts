import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { FtpVfsOptions } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import { FtpVfs } from '../../../lib/index.js'
import { resolveOptions } from '../../../lib/options/options.js'
import { Pool } from '../../../lib/pool/pool.js'
import { RemotePaths } from '../../../lib/remote/paths.js'
import { Memory } from '../../../lib/remote/memory.js'
import { list } from '../../../lib/remote/list/list.js'
import { Remote } from '../../../lib/remote/remote.js'
import { aborted, silent } from '../../pool/pool-on.js'
import type { CommandContext, Script } from '../../support/scripted-server.js'
import { failureOf, greetings, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

const files = { '/d/a': 'x', '/d/.b': 'y', '/d/c': null, '/empty': null, '/file': 'z' }

const onFolder = (t: Test, script: Script = {}, options?: FtpVfsOptions): Promise<ScriptedVfs> =>
  scriptedVfs(t, { files, ...script }, options)

const listings = (sent: string[]): string[] => sent.filter(line => /^(LIST|MLSD|NLST)/.test(line))

t.test('MLSD where the server has it, in the folder: its name is not an argument', async t => {
  const { vfs, server } = await onFolder(t)
  await vfs.connect()
  const before = server.flights.length
  t.same(await vfs.readdir('/d'), ['a', '.b', 'c'])
  t.same(server.flights.slice(before), [['CWD /d', 'PWD', 'EPSV'], ['MLSD']])
})

t.test('the first listing of all already uses what the server can do', async t => {
  const { vfs, sent } = await onFolder(t, { greeting: greetings.pureFtpd })
  await vfs.readdir('/d')
  t.same(listings(sent()), ['MLSD'])
})

t.test('a missing folder is ENOENT and a file ENOTDIR', async t => {
  for (const mlst of [true, false]) {
    const { vfs } = await onFolder(t, { mlst })
    t.match(await failureOf(vfs.readdir('/none')), { code: 'ENOENT', syscall: 'scandir', path: '/none' })
    t.match(await failureOf(vfs.readdir('/none/below')), { code: 'ENOENT' })
    t.match(await failureOf(vfs.readdir('/file')), { code: 'ENOTDIR', cause: { code: 550 } })
    t.match(await failureOf(vfs.opendir('/none')), { code: 'ENOENT', syscall: 'opendir' })
  }
})

t.test('LIST -a on a server that is not known', async t => {
  /** Lists a folder twice and the empty one once, and tells the commands. */
  async function asked(
    t: Test,
    list: (ctx: CommandContext) => void | Promise<void>,
  ): Promise<[string[][], string[]]> {
    const { vfs, sent } = await onFolder(t, { mlst: false, on: { LIST: list } })
    const found = [await vfs.readdir('/d'), await vfs.readdir('/empty'), await vfs.readdir('/d')]
    return [found, listings(sent())]
  }
  const entries = [['a', '.b', 'c'], [], ['a', '.b', 'c']]

  await t.test('is believed once it has shown something', async t => {
    const [found, sent] = await asked(t, ctx => ctx.next())
    t.same(found, entries)
    t.same(sent, ['LIST -a', 'LIST -a', 'LIST -a'])
  })

  await t.test('that shows nothing is followed by LIST', async t => {
    const [found, sent] = await asked(t, ctx => (ctx.argument === '-a' ? ctx.send([]) : ctx.next()))
    t.same(found, entries)
    t.same(sent, ['LIST -a', 'LIST', 'LIST', 'LIST'])
  })

  for (const refusal of ['550 -a: No such file or directory', '501 Syntax error', '504 No options']) {
    await t.test(`that is refused is followed by LIST: ${refusal}`, async t => {
      const [found, sent] = await asked(t, ctx => (ctx.argument === '-a' ? ctx.reply(refusal) : ctx.next()))
      t.same(found, entries)
      t.same(sent, ['LIST -a', 'LIST', 'LIST', 'LIST'])
    })
  }

  await t.test('in an empty folder proves nothing', async t => {
    const { vfs, sent } = await onFolder(t, { mlst: false })
    t.same(await vfs.readdir('/empty'), [])
    t.same(listings(sent()), ['LIST -a', 'LIST'])
  })

  await t.test('is not doubted on a server that is known', async t => {
    const on = { LIST: (ctx: CommandContext) => ctx.send(['drwxr-xr-x 2 0 0 4096 Jan 01 00:00 .\r\n']) }
    const { vfs, sent } = await onFolder(t, { mlst: false, greeting: greetings.vsftpd, on })
    t.same(await vfs.readdir('/empty'), [])
    t.same(listings(sent()), ['LIST -a'])
  })

  await t.test('of which nothing comes over a connection that was made ahead is asked again', async t => {
    let times = 0
    const on = { LIST: (ctx: CommandContext) => (++times === 1 ? ctx.send([]) : ctx.next()) }
    const { vfs, sent } = await onFolder(t, { mlst: false, greeting: greetings.vsftpd, on })
    t.same(await vfs.readdir('/d'), ['a', '.b', 'c'])
    t.same(listings(sent()), ['LIST -a', 'LIST -a'])
  })
})

t.test('an empty folder', async t => {
  for (const reply of [
    '450 No files found',
    '550 No files found.',
    '550 No such file or directory.',
    '226 0 matches total',
  ]) {
    await t.test(`as servers tell it behind a 150: ${reply}`, async t => {
      const { vfs } = await onFolder(t, {
        on: {
          MLSD: async ctx => {
            ctx.reply('150 Here it comes')
            ;(await ctx.data).end()
            ctx.reply(reply)
          },
        },
      })
      t.same(await vfs.readdir('/empty'), [])
    })
  }

  for (const reply of ['450 No files found', '550 No such file or directory.']) {
    await t.test(`as servers tell it at once: ${reply}`, async t => {
      const { vfs } = await onFolder(t, { on: { MLSD: ctx => ctx.reply(reply) } })
      t.same(await vfs.readdir('/empty'), [])
    })
  }

  await t.test('a refusal with the name of the folder in it is not mistaken for that', async t => {
    const { vfs } = await onFolder(t, { on: { MLSD: ctx => ctx.reply('550 /empty: Permission denied') } })
    t.match(await failureOf(vfs.readdir('/empty')), { code: 'EACCES' })
  })
})

t.test('a listing that the server cuts', async t => {
  const cut: Script = {
    greeting: greetings.pureFtpd,
    on: {
      MLSD: async ctx => {
        ctx.reply('150 Here it comes')
        ;(await ctx.data).end('type=file;size=1; a\r\n')
        ctx.reply('226-Options: -a -l \r\n226 Output truncated to 1 matches')
      },
    },
  }

  await t.test('is an error that names the limit and the option', async t => {
    const { vfs } = await onFolder(t, cut)
    const error = await failureOf(vfs.readdir('/d'))
    t.match(error, { code: 'ERR_FTP_LISTING_TRUNCATED' })
    t.match(error.message, /1 matches.*ignorePureftpdLimitIssue/)
  })

  await t.test('is taken with ignorePureftpdLimitIssue', async t => {
    const { vfs } = await onFolder(t, cut, { ignorePureftpdLimitIssue: true })
    t.same(await vfs.readdir('/d'), ['a'])
  })
})

t.test('names that would lead out of the folder, or end a command, are never used', async t => {
  const hostile = [
    'type=file;size=1; ../file',
    'type=dir; a/b',
    'type=file;size=1; /etc/passwd',
    'type=file;size=1; a\rDELE b',
    'type=file;size=1; a\0b',
  ]
  for (const line of hostile) {
    await t.test(JSON.stringify(line), async t => {
      const { vfs, sent, server } = await onFolder(t, {
        greeting: greetings.pureFtpd,
        on: { MLSD: ctx => ctx.send([`${line}\r\n`]) },
      })
      t.match(await failureOf(vfs.readdir('/d')), { code: 'ERR_FTP_LISTING' })
      t.match(await failureOf(vfs.rm('/d', { recursive: true })), { code: 'ERR_FTP_LISTING' })
      t.notOk(sent().some(line => line.startsWith('DELE')))
      t.ok(server.files.has('/file'))
    })
  }

  await t.test('. and .. are left out', async t => {
    const { vfs } = await onFolder(t, {
      on: {
        MLSD: ctx => ctx.send(['type=dir; .\r\ntype=cdir; .\r\ntype=dir; ..\r\ntype=file;size=1; a\r\n']),
      },
    })
    t.same(await vfs.readdir('/d'), ['a'])
  })

  await t.test('half a name behind a newline is an error', async t => {
    const { vfs } = await onFolder(t, {
      on: { MLSD: ctx => ctx.send(['type=file;size=1; a\r\ntype=file;size=1; b\nc\r\n']) },
    })
    t.match(await failureOf(vfs.readdir('/d')), { code: 'ERR_FTP_LISTING' })
  })
})

const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`/many/file ${i}`, '']))

t.test('a connection that is lost in the middle', async t => {
  const cut = { command: 'MLSD', after: 500_000 }

  await t.test('is no error of readdir', async t => {
    const { vfs, sent } = await scriptedVfs(t, { files: many, cut })
    t.equal((await vfs.readdir('/many')).length, 20_000)
    t.same(listings(sent()), ['MLSD', 'MLSD'])
  })

  await t.test('three times is one', async t => {
    const { vfs } = await scriptedVfs(t, {
      files: many,
      cut: [1, 2, 3].map(nth => ({ ...cut, nth })),
    })
    t.match(await failureOf(vfs.readdir('/many')), { code: 'ERR_FTP_CONNECTION_LOST' })
  })

  await t.test('is no error of opendir, and no entry comes twice', async t => {
    const { vfs, sent } = await scriptedVfs(t, {
      files: many,
      cut: [{ command: 'MLSD' }, { ...cut, nth: 2 }],
    })
    const names: string[] = []
    for await (const { name } of await vfs.opendir('/many')) names.push(name)
    t.equal(names.length, 20_000)
    t.equal(new Set(names).size, 20_000)
    t.same(listings(sent()), ['MLSD', 'MLSD', 'MLSD'])
  })

  await t.test('three times is an error behind the entries that came', async t => {
    const { vfs } = await scriptedVfs(t, {
      files: many,
      cut: [1, 2, 3].map(nth => ({ ...cut, nth })),
    })
    const names: string[] = []
    const error = await failureOf(
      (async () => {
        for await (const { name } of await vfs.opendir('/many')) names.push(name)
      })(),
    )
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', syscall: undefined })
    t.ok(names.length > 0)
    t.equal(new Set(names).size, names.length)
  })
})

t.test('a folder whose entries are not taken', async t => {
  await t.test('gives its session to others, and its entries all the same', async t => {
    const { vfs, server } = await scriptedVfs(t, { files: many })
    const dir = await vfs.opendir('/many')
    const names = [(await dir.read())!.name]
    t.ok((await vfs.stat('/many')).isDirectory())
    t.equal(await vfs.readFile('/many/file 1', 'utf8'), '')
    for await (const { name } of dir) names.push(name)
    t.equal(new Set(names).size, 20_000)
    t.equal(server.connections, 1)
  })

  await t.test('may ask the server for each of them', async t => {
    const { vfs } = await scriptedVfs(t, { files: { '/d/a': '1', '/d/b': '22', '/d/c': '333' } })
    const sizes: number[] = []
    for await (const { name } of await vfs.opendir('/d')) sizes.push((await vfs.stat(`/d/${name}`)).size)
    t.same(sizes, [1, 2, 3])
  })

  await t.test('that is left early gives the session back', async t => {
    const { vfs, server } = await scriptedVfs(t, { files: many })
    for (let round = 0; round < 3; round++) {
      for await (const { name } of await vfs.opendir('/many')) {
        t.match(name, /^file/)
        break
      }
      t.equal(vfs.stats().busy, 0)
    }
    t.equal(server.connections, 1)
  })
})

await forServers(
  t,
  'a Pure-FTPd that lists 20 entries at most: what it cuts is an error, in LIST and in MLSD',
  async (t, { name, host, port, user, password, url, root }) => {
    t.equal(name, 'pure-ftpd')
    const lay = async (folder: string, count: number): Promise<void> => {
      await mkdir(join(root, folder))
      for (let i = 0; i < count; i++) await writeFile(join(root, folder, `file ${i}`), '')
    }
    await lay('many', 30)
    await lay('few', 12)
    for (const ignorePureftpdLimitIssue of [false, true]) {
      await using vfs = new FtpVfs(url, { connections: 1, ignorePureftpdLimitIssue })
      t.equal((await vfs.readdir('/few')).length, 12)
      const listed = vfs.readdir('/many')
      if (ignorePureftpdLimitIssue) {
        const names = await listed
        t.ok(names.length > 0 && names.length < 30, `${names.length} of 30`)
        continue
      }
      const error = await failureOf(listed)
      t.match(error, { code: 'ERR_FTP_LISTING_TRUNCATED' })
      t.match(error.message, /Output truncated to 20 matches.*-L, LimitRecursion.*ignorePureftpdLimitIssue/)
      t.match(await failureOf(vfs.rm('/many', { recursive: true })), { code: 'ERR_FTP_LISTING_TRUNCATED' })
    }
    t.equal((await readdir(join(root, 'many'))).length, 30, 'nothing was removed')

    const options = resolveOptions({ host, port, user, password, connections: 1 })
    for (const from of ['usual', 'ls'] as const) {
      for (const ignorePureftpdLimitIssue of [false, true]) {
        const pool = new Pool({ ...options, loginRelative: false }, silent)
        const memory = new Memory(options.memoryLimit)
        const paths = new RemotePaths({ folder: '', absolute: true })
        const remote = new Remote(pool, paths, { ...options, ignorePureftpdLimitIssue }, memory)
        const names = pool.runCall(undefined, aborted, call => list(remote, call, '/many', from))
        if (ignorePureftpdLimitIssue) t.ok((await names).length < 30, from)
        else t.match(await failureOf(names), { code: 'ERR_FTP_LISTING_TRUNCATED' }, from)
        await pool.close()
      }
    }
  },
  { only: ['pure-ftpd'], settings: ['-L', '20:5'] },
)

await forServers(t, 'a folder in the place of another is listed, not the other', async (t, { url }) => {
  await using vfs = new FtpVfs(url, { connections: 1 })
  await vfs.mkdir('/d')
  await vfs.writeFile('/d/old', 'x')
  t.same(await vfs.readdir('/d'), ['old'])
  await vfs.rename('/d', '/moved')
  t.match(await failureOf(vfs.readdir('/d')), { code: 'ENOENT' })
  t.same(await vfs.readdir('/moved'), ['old'])
  await vfs.mkdir('/d')
  t.same(await vfs.readdir('/d'), [])
  await vfs.rmdir('/d')
  t.match(await failureOf(vfs.readdir('/d')), { code: 'ENOENT' })
})

await forServers(t, 'a big folder, left early and whole', async (t, { url }) => {
  await using vfs = new FtpVfs(url, { connections: 1 })
  await vfs.mkdir('/many')
  const names = Array.from({ length: 600 }, (_, i) => `${i} ${'long name '.repeat(20)}`.trimEnd())
  await Promise.all(names.map(name => vfs.mkdir(`/many/${name}`)))
  // ProFTPD 1.3.8 repeats some of a LIST that was broken off, when it comes to that.
  for (let round = 0; round < 5; round++) {
    for await (const _ of await vfs.opendir('/many')) break
    t.same((await vfs.readdir('/many')).sort(), names.sort())
  }
  t.equal(vfs.stats().opened, 1)
})
