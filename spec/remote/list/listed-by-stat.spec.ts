import { chmod, lchown, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FtpVfs, type FtpVfsOptions } from '../../../lib/index.js'
import { resolveOptions } from '../../../lib/options/options.js'
import { Pool } from '../../../lib/pool/pool.js'
import { RemotePaths } from '../../../lib/remote/paths.js'
import { Memory } from '../../../lib/remote/memory.js'
import { entries } from '../../../lib/remote/list/entries.js'
import { Remote } from '../../../lib/remote/remote.js'
import type { ListedEntry } from '../../../lib/wire/listing/listed-entry.js'
import { aborted, silent } from '../../pool/pool-on.js'
import { makeAuthority } from '../../support/certificates.js'
import { forServers } from '../../support/for-servers.js'
import type { Script } from '../../support/scripted-server.js'
import { folderLines, listWithSizes, statLikeVsftpd, statReply } from './scripted-stat.js'
import { failureOf, greetings, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

const files = { '/a/1': 'x', '/a/.dot': 'y', '/b/2': 'xx', '/b/sub': null, '/c': null, '/file': 'z' }

/** A scripted vsftpd, or another one. */
const known = (t: Test, script: Script = {}, options?: FtpVfsOptions): Promise<ScriptedVfs> => {
  const on = { STAT: statLikeVsftpd(), LIST: listWithSizes(), ...script.on }
  return scriptedVfs(t, { greeting: greetings.vsftpd, mlst: false, files, ...script, on }, options)
}

/** Reads several folders at once. */
const readAll = (vfs: FtpVfs, ...paths: string[]): Promise<string[][]> =>
  Promise.all(paths.map(path => vfs.readdir(path)))

const stats = (sent: string[]): string[] => sent.filter(line => line.startsWith('STAT'))
const onData = (sent: string[]): string[] => sent.filter(line => /^(LIST|MLSD)/.test(line))
const withoutFence = (line: string): string => line.replace(/^REST [1-9]\d+$/, 'REST n')

t.test(
  'folders that wait together are listed in one flight, at the end of which stands a question',
  async t => {
    const { vfs, server } = await known(t)
    await vfs.connect()
    const before = server.flights.length
    t.same(await readAll(vfs, '/a', '/b', '/c'), [['1', '.dot'], ['2', 'sub'], []])
    t.same(
      server.flights.slice(before).map(flight => flight.map(withoutFence)),
      [['STAT /a', 'STAT /b', 'STAT /c', 'REST n', 'REST 0']],
    )
  },
)

// vsftpd 3.0.3 shows it so when the working directory is another folder of that name.
t.test('a file of which the reply shows `.` as well is none the less a file', async t => {
  const { vfs } = await known(t, {
    on: {
      STAT: ctx => {
        if (ctx.argument !== '/file') return statLikeVsftpd()(ctx)
        const line = '-rw-r--r--    1 1000     1000     1 Jan 02  2020 file'
        ctx.reply(statReply([folderLines(ctx, '/')[0]!, line]))
      },
    },
  })
  await vfs.connect()
  const [, refused] = await Promise.all([vfs.readdir('/a'), failureOf(vfs.readdir('/file'))])
  t.equal(refused.code, 'ENOTDIR')
})

t.test('before the first login too, which tells what the server is', async t => {
  const { vfs, sent } = await known(t, {}, { connections: 2 })
  t.same(await readAll(vfs, '/a', '/c'), [['1', '.dot'], []])
  t.same(stats(sent()), ['STAT /a', 'STAT /c'])
})

t.test('the types are those of the lines', async t => {
  const { vfs } = await known(t, {
    on: {
      STAT: ctx =>
        ctx.reply(
          statReply([
            ...folderLines(ctx, '/c'),
            'lrwxrwxrwx    1 0        0               3 Nov 22 14:27 link -> sub',
            'drwxr-xr-x    2 0        0            4096 Nov 22 14:27 folder',
            '-rw-r--r--    1 0        0               1 Nov 22 14:27  spaces ',
            'prw-r--r--    1 0        0               0 Nov 22 14:27 fifo',
          ]),
        ),
    },
  })
  const [listed] = await Promise.all([vfs.readdir('/a', { withFileTypes: true }), vfs.readdir('/b')])
  t.same(
    listed.map(entry => [entry.name, entry.isFile(), entry.isDirectory(), entry.isSymbolicLink()]),
    [
      ['link', false, false, true],
      ['folder', false, true, false],
      [' spaces ', true, false, false],
      ['fifo', false, false, false],
    ],
  )
})

t.test(
  'a folder alone, of which nothing is known, is listed on a data connection, and by STAT when it was small',
  async t => {
    const { vfs, sent } = await known(t)
    t.same(await vfs.readdir('/a'), ['1', '.dot'])
    t.same(stats(sent()), [])
    t.same(await vfs.readdir('/a'), ['1', '.dot'])
    t.same(stats(sent()), ['STAT /a'])
    t.equal(onData(sent()).length, 1)
  },
)

t.test('ProFTPD, which takes ever longer for a bigger folder', async t => {
  const sizes = { '/b': 20_480 }
  const script: Script = {
    greeting: greetings.proftpd,
    mlst: true,
    on: { STAT: statLikeVsftpd(), LIST: listWithSizes(sizes) },
  }

  await t.test('is asked by STAT for folders that are known to be small only', async t => {
    const { vfs, sent } = await known(t, script)
    t.same(await readAll(vfs, '/a', '/b', '/c'), [['1', '.dot'], ['2', 'sub'], []])
    t.same(stats(sent()), [])
  })

  await t.test('as the listing of the folder above tells', async t => {
    const { vfs, sent } = await known(t, script)
    t.equal((await vfs.readdir('/', { recursive: true })).length, 9 - 1)
    t.same(stats(sent()).sort(), ['STAT /a', 'STAT /b/sub', 'STAT /c'])
    t.same(
      onData(sent()).map(line => line.slice(0, 'LIST -a'.length)),
      ['LIST -a', 'LIST -a'],
      'the root and /b',
    )
  })

  await t.test('that was removed and made anew is small until somebody knows better', async t => {
    const { vfs, sent } = await known(t, script)
    await vfs.readdir('/')
    await vfs.readdir('/c')
    t.same(stats(sent()), ['STAT /c'])
  })
})

t.test('a big folder is not listed by STAT', async t => {
  const { vfs, sent } = await known(t, { on: { LIST: listWithSizes({ '/a': 1_000_000 }) } })
  await vfs.readdir('/')
  t.same(await readAll(vfs, '/a', '/b', '/c'), [['1', '.dot'], ['2', 'sub'], []])
  t.same(stats(sent()).sort(), ['STAT /b', 'STAT /c'])

  await t.test('nor one that has turned out to be big', async t => {
    const many = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`/many/${i}`, '']))
    const { vfs, sent } = await known(t, { files: { ...files, ...many } })
    t.equal((await vfs.readdir('/many')).length, 400)
    t.equal((await vfs.readdir('/many')).length, 400)
    t.same(stats(sent()), [])
  })
})

t.test('a path that may mean something else as an argument goes to a data connection', async t => {
  const odd = [
    '/sp ace',
    '/[b]',
    '/st*r',
    '/q?',
    '/~t',
    '/{a,b}',
    '/-d',
    '/a/-d',
    '/back\\slash',
    '/tab\t',
    '/tr ',
  ]
  const { vfs, sent } = await known(t, {
    files: Object.fromEntries([...odd, '/plain', '/é', '/it\'s "so"', '/a-b'].map(path => [path, null])),
  })
  await readAll(vfs, ...odd, '/plain', '/a-b')
  t.same(stats(sent()).sort(), ['STAT /a-b', 'STAT /plain'])
})

t.test('useCwdNames, and servers that are not known: on data connections', async t => {
  for (const [script, options] of [
    [{}, { useCwdNames: true }],
    [{ greeting: '220 hello' }, {}],
  ] as const) {
    const { vfs, sent } = await known(t, script, options)
    t.same(await readAll(vfs, '/a', '/b'), [
      ['1', '.dot'],
      ['2', 'sub'],
    ])
    t.same(stats(sent()), [])
  }
})

t.test('what is no folder', async t => {
  const { vfs } = await known(t)
  const [none, below, file, folder] = await Promise.all([
    failureOf(vfs.readdir('/none')),
    failureOf(vfs.readdir('/file/below')),
    failureOf(vfs.readdir('/file')),
    vfs.readdir('/c'),
  ])
  t.match(none, { code: 'ENOENT', syscall: 'scandir' }, 'an empty reply is no empty folder')
  t.match(below, { code: 'ENOTDIR' })
  t.match(file, { code: 'ENOTDIR' }, 'its own line is no entry')
  t.same(folder, [])
})

t.test('a name that looks like the end of a reply', async t => {
  const forgeries = {
    'at the end of a folder': ['x', '213 End of status'],
    'and like the beginning of another': [
      'x',
      '213 End of status',
      '213-Status follows:',
      'drwxr-xr-x    2 0        0            4096 Nov 22 14:27 .',
    ],
    'and like a refusal': ['x', '213 End of status', '550 No such file'],
    'and swallows what follows': ['x', '213 End of status', '211-'],
    'and like the answer to the question': ['x', '213 End of status', '350 Restarting at 0'],
  }
  for (const [what, [name, ...lines]] of Object.entries(forgeries)) {
    await t.test(`${what}: is found out, and nothing is taken for the answer to something else`, async t => {
      const { vfs, sent, server } = await known(
        t,
        {
          on: {
            STAT: ctx =>
              ctx.argument === '/a'
                ? ctx.reply(
                    statReply([
                      ...folderLines(ctx, '/c'),
                      `-rw-r--r--    1 0        0               1 Nov 22 14:27 ${name}`,
                      ...lines,
                    ]),
                  )
                : statLikeVsftpd()(ctx),
          },
        },
        { shortTimeout: 500 },
      )
      t.same(await readAll(vfs, '/c', '/a', '/b', '/b/sub'), [[], ['1', '.dot'], ['2', 'sub'], []])
      t.ok(server.connections > 1, 'the session was not used again')
      t.ok(onData(sent()).length >= 1)
      t.equal((await vfs.stat('/file')).size, 1)
      t.equal(vfs.stats().busy, 0)
    })
  }

  await t.test('in a tree that is removed: nothing is removed that is not in it', async t => {
    const { vfs, server } = await known(t, {
      files: { '/tree/1/a': '', '/tree/2/b': '', '/tree/3/c': '', '/kept/a': '', '/kept/b': '' },
      on: {
        STAT: ctx =>
          ctx.argument === '/tree/1'
            ? ctx.reply(
                statReply([
                  ...folderLines(ctx, '/tree/1'),
                  '-rw-r--r--    1 0        0               1 Nov 22 14:27 x',
                  '213 End of status',
                  '213-Status follows:',
                  'drwxr-xr-x    2 0        0            4096 Nov 22 14:27 .',
                  '-rw-r--r--    1 0        0               1 Nov 22 14:27 a',
                ]),
              )
            : statLikeVsftpd()(ctx),
      },
    })
    await vfs.rm('/tree', { recursive: true })
    t.same([...server.files.keys()], ['/', '/kept', '/kept/a', '/kept/b'])
  })
})

t.test('a line that is none of a listing: the data connection tells what is wrong', async t => {
  const odd = '213-Sorry, we were unable to read [/a]'
  const { vfs, sent } = await known(t, {
    on: {
      STAT: ctx => (ctx.argument === '/a' ? ctx.reply(statReply([odd])) : statLikeVsftpd()(ctx)),
    },
  })
  t.same(await readAll(vfs, '/a', '/b'), [
    ['1', '.dot'],
    ['2', 'sub'],
  ])
  t.equal(onData(sent()).length, 1)
})

t.test('a server that does not answer the question as it should is listed on data connections', async t => {
  const { vfs } = await known(t, { on: { REST: ctx => ctx.reply('350 Restarting') } })
  t.same(await readAll(vfs, '/a', '/b'), [
    ['1', '.dot'],
    ['2', 'sub'],
  ])
})

t.test('a connection that is lost in a flight', async t => {
  await t.test('the folders behind the one at which it happened are asked for once more', async t => {
    const { vfs, sent } = await known(t, { cut: { command: 'STAT', nth: 2 } })
    t.same(await readAll(vfs, '/a', '/b', '/c'), [['1', '.dot'], ['2', 'sub'], []])
    t.same(stats(sent()), ['STAT /a', 'STAT /b', 'STAT /c', 'STAT /a', 'STAT /c'])
    t.same(onData(sent()).length, 1)
  })

  await t.test('again and again is no error', async t => {
    const { vfs } = await known(t, { cut: [1, 2, 3].map(nth => ({ command: 'STAT', nth })) })
    t.same(await readAll(vfs, '/a', '/b', '/c'), [['1', '.dot'], ['2', 'sub'], []])
  })
})

t.test('a limit of Pure-FTPd, of which STAT says nothing', async t => {
  const max = 12
  const few = Array.from({ length: 5 }, (_, i): [string, string] => [`/few${i}/f`, ''])
  const pureFtpd: Script = {
    greeting: greetings.pureFtpd,
    mlst: true,
    files: Object.fromEntries<string>([
      ...few,
      ...Array.from({ length: 30 }, (_, i): [string, string] => [`/many/${i}`, '']),
    ]),
    on: {
      STAT: ctx => ctx.reply(statReply(folderLines(ctx, ctx.argument.replace('-a ', '')).slice(0, max))),
      MLSD: async ctx => {
        const lines = folderLines(ctx, ctx.connection.cwd).slice(0, max)
        ctx.reply('150 Here it comes')
        const names = lines.map(line => line.slice(line.lastIndexOf(' ') + 1))
        const facts = names.map(name =>
          name === '.' ? 'type=cdir; .' : name === '..' ? 'type=pdir; ..' : `type=file; ${name}`,
        )
        ;(await ctx.data).end(facts.map(line => `${line}\r\n`).join(''))
        ctx.reply(
          lines.length < max ? `226 ${lines.length} matches total` : `226 Output truncated to ${max} matches`,
        )
      },
    },
  }
  const folders = few.map((_, i) => `/few${i}`)

  await t.test(
    'is told all the same, and does not touch what is shorter than a listing that was whole',
    async t => {
      const { vfs, sent } = await known(t, pureFtpd)
      const [many, ...others] = await Promise.all([
        failureOf(vfs.readdir('/many')),
        ...folders.map(path => vfs.readdir(path)),
      ])
      t.match(many, { code: 'ERR_FTP_LISTING_TRUNCATED' })
      t.same(
        others,
        folders.map(() => ['f']),
      )
      const before = sent().length
      t.same(
        await readAll(vfs, ...folders),
        folders.map(() => ['f']),
      )
      t.equal(onData(sent().slice(before)).length, 0)
    },
  )

  await t.test('is proved by one listing for all that are not longer', async t => {
    const { vfs, sent } = await known(t, pureFtpd)
    t.same(
      await readAll(vfs, ...folders),
      folders.map(() => ['f']),
    )
    t.equal(onData(sent()).length, 1)
  })
})

t.test('destroy while folders wait, and while they are asked for', async t => {
  const { vfs } = await known(t, { on: { STAT: () => new Promise<void>(() => {}) } })
  await vfs.connect()
  const reading = ['/a', '/b', '/c'].map(path => failureOf(vfs.readdir(path)))
  await new Promise(resolve => setTimeout(resolve, 20))
  vfs.destroy()
  for (const error of await Promise.all(reading)) t.match(error, { code: 'ERR_FTP_CLOSED' })
})

/** Makes the names on a server's disk: a text is a file, null a folder, an array a link. Names are byte strings. */
async function lay(root: string, tree: Record<string, string | null | string[]>): Promise<void> {
  const { uid, gid } = await stat(root)
  for (const [name, content] of Object.entries(tree)) {
    const path = Buffer.from(join(root, name), 'latin1')
    if (content === null) await mkdir(path)
    else if (typeof content === 'string') await writeFile(path, content)
    else await symlink(content[0]!, path)
    await lchown(path, uid, gid)
  }
}

const awkward: Record<string, string | null | string[]> = {
  t: null,
  't/file': 'x',
  't/.dot': 'x',
  't/.folder': null,
  't/folder': null,
  't/ space': 'x',
  't/space ': 'x',
  't/ folder ': null,
  't/a  b': 'x',
  't/a -> b': 'x',
  't/x -> y -> z': null,
  't/link': ['folder'],
  't/link to file': ['file'],
  't/link to nothing': ['none'],
  't/link -> arrow': ['a -> b'],
  't/up': ['../t'],
  't/latin1 \xe9': 'x',
  't/utf8 \xc3\xa9': 'x',
  't/\xff\xfe': 'x',
  't/-rw-r--r-- 1 u g 3 Jan 1 00:00 fake': 'x',
  't/total 12': 'x',
  't/type=dir; x': 'x',
  't/[b]': null,
  't/*': 'x',
  't/q"q': 'x',
  't/213 End': 'x',
  't/213-x': null,
}

await forServers(
  t,
  'an awkward folder has the same entries, and of the same types, whichever way it is listed',
  async (t, { name, host, port, user, password, root }) => {
    await lay(root, awkward)
    if (name !== 'pure-ftpd') await lay(root, { 't/tab\t': 'x', 't/\x01': 'x' })
    const expected = Object.entries(awkward)
      .filter(([path]) => path.startsWith('t/'))
      .map(([path, content]) => [
        path.slice(2),
        content === null ? 'directory' : Array.isArray(content) ? 'link' : 'file',
      ])
    if (name !== 'pure-ftpd') expected.push(['tab\t', 'file'], ['\x01', 'file'])
    const sorted = (some: unknown[][]): unknown[][] => some.sort(([one], [other]) => (one! < other! ? -1 : 1))

    const options = resolveOptions({ host, port, user, password, connections: 1 })
    const pool = new Pool({ ...options, loginRelative: false }, silent)
    const paths = new RemotePaths({ folder: '', absolute: true })
    const remote = new Remote(pool, paths, options, new Memory(options.memoryLimit))
    const types = (listed: ListedEntry[]): unknown[][] => sorted(listed.map(({ name, type }) => [name, type]))
    for (const from of ['usual', 'ls'] as const) {
      const listed: ListedEntry[] = []
      await pool.runCall(undefined, aborted, async call => {
        for await (const some of entries(remote, call, '/t', { from })) listed.push(...some)
      })
      t.strictSame(types(listed), sorted(expected), from)
    }
    const byStat = await pool.runCall(undefined, aborted, call => remote.listedByStat.list(call, '/t', false))
    t.strictSame(types(byStat!), sorted(expected), 'STAT')
    t.equal(pool.stats.opened, 1)
    await pool.close()
  },
  { only: ['vsftpd', 'proftpd', 'pure-ftpd'] },
)

await forServers(
  t,
  'folders read at once: what is missing, a file, empty, a link or closed',
  async (t, { name, url, root }) => {
    await lay(root, {
      empty: null,
      full: null,
      'full/file': '',
      'full/.dot': '',
      file: 'x',
      link: ['full'],
      dangling: ['none'],
      closed: null,
      'closed/file': '',
    })
    await chmod(join(root, 'closed'), 0o300)
    await using vfs = new FtpVfs(url, { connections: 2 })
    for (const round of [1, 2]) {
      const listed = await Promise.all(
        ['/empty', '/full', '/link', '/none', '/file', '/file/below', '/dangling', '/closed'].map(path =>
          vfs.readdir(path).then(
            names => names.sort(),
            (error: NodeJS.ErrnoException) => error.code,
          ),
        ),
      )
      // vsftpd 3.0.3 shows a folder that it cannot read as an empty one.
      const closed = name === 'vsftpd' ? [] : 'EACCES'
      const full = ['.dot', 'file']
      t.same(listed, [[], full, full, 'ENOENT', 'ENOTDIR', 'ENOTDIR', 'ENOENT', closed], `round ${round}`)
      // So that their sizes are known.
      await vfs.readdir('/')
    }
    await chmod(join(root, 'closed'), 0o700)
  },
)

await forServers(
  t,
  'a name with a newline that looks like the end of a reply, beside 20 other folders',
  async (t, { url, root }) => {
    const folders = Array.from({ length: 20 }, (_, i) => `d${i}`)
    await lay(
      root,
      Object.fromEntries(
        folders.flatMap(folder => [
          [folder, null],
          [`${folder}/${folder}`, ''],
        ]),
      ),
    )
    await lay(root, { 'd7/z\n213 End of status\r\n213-Status follows:': '' })
    await using vfs = new FtpVfs(url, { connections: 2 })
    for (const round of [1, 2]) {
      const listed = await Promise.all(
        folders.map(folder => vfs.readdir(`/${folder}`).catch((error: NodeJS.ErrnoException) => error.code)),
      )
      for (const [index, names] of listed.entries()) {
        if (index !== 7) t.same(names, [folders[index]], `${folders[index]}, round ${round}`)
      }
      await vfs.readdir('/')
    }
  },
  { only: ['vsftpd', 'proftpd', 'pure-ftpd'] },
)

const authority = await makeAuthority()
const issued = await authority.issue()
await forServers(
  t,
  'hundreds of folders over TLS, and the sessions last',
  async (t, { url, root }) => {
    const folders = Array.from({ length: 300 }, (_, i) => `folder-with-a-name-of-some-length-${i}`)
    await lay(
      root,
      Object.fromEntries(
        folders.flatMap(folder => [
          [folder, null],
          [`${folder}/file`, ''],
        ]),
      ),
    )
    await using vfs = new FtpVfs(url, { encryptionMode: 'Explicit', ca: authority.ca, connections: 2 })
    t.equal((await vfs.readdir('/', { recursive: true })).length, 600)
    const { flights, opened } = vfs.stats()
    t.ok(flights < 60, `${flights} flights`)
    t.ok(opened <= 2)
  },
  { only: ['vsftpd', 'proftpd', 'pure-ftpd'], tls: issued },
)
