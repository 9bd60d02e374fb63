import t, { type Test } from 'tap'
import type { FtpVfsOptions } from '../../../lib/index.js'
import { nextTurn, warnings } from '../../real/vfs-on.js'
import type { CommandContext, Cut, Handler, Script } from '../../support/scripted-server.js'
import { failureOf, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

const files = { '/d/a': 'new', '/d/b': 'old' }
const temporary = /^\/d\/\.ftp-vfs-[0-9a-f]{12}-b$/

/** RNTO as on IIS and FileZilla Server. `refused`: the numbers of those refused in any case. */
function strict(...refused: number[]): Handler {
  return ctx => {
    if (refused.includes(ctx.n)) return ctx.reply('550 Cannot do this')
    return ctx.server.files.has(ctx.path) ? ctx.reply('553 File exists') : ctx.next()
  }
}

const strictVfs = (t: Test, script: Script = {}, options: FtpVfsOptions = {}): Promise<ScriptedVfs> =>
  scriptedVfs(t, { files, ...script, on: { RNTO: strict(), ...script.on } }, options)

/** What the folder holds; `aside` is the name of the file that was moved aside. */
function folder({ server }: ScriptedVfs): Record<string, string> {
  const found = [...server.files].filter(([path]) => path.startsWith('/d/'))
  return Object.fromEntries(
    found.map(([path, { content }]) => [temporary.test(path) ? 'aside' : path.slice(3), String(content)]),
  )
}

const replaced = { b: 'new' }
const unchanged = { a: 'new', b: 'old' }
const apart = { a: 'new', aside: 'old' }

t.test('the old file is moved aside, and removed when the new one has the name', async t => {
  const on = await strictVfs(t)
  await on.vfs.rename('/d/a', '/d/b')
  t.same(folder(on), replaced)
  const [first, second, ...steps] = on.sent().filter(line => /^(RN|DELE)/.test(line))
  t.same([first, second], ['RNFR /d/a', 'RNTO /d/b'], 'it is tried the plain way first')
  const aside = steps[1]!.slice('RNTO '.length)
  t.match(aside, temporary)
  t.same(steps, ['RNFR /d/b', `RNTO ${aside}`, 'RNFR /d/a', 'RNTO /d/b', `DELE ${aside}`])
})

t.test('other refusals are what they were, and move nothing', async t => {
  const tree = { ...files, '/d/folder/x': 'x', '/d/empty': null }
  for (const [from, to, reply, code] of [
    ['/d/a', '/d/b', '550 Permission denied', 'EACCES'],
    ['/d/a', '/d/b', '552 Disk full', 'ENOSPC'],
    ['/d/a', '/d/folder', '553 File exists', 'EISDIR'],
    ['/d/folder', '/d/b', '553 File exists', 'ENOTDIR'],
    ['/d/empty', '/d/folder', '553 File exists', 'ENOTEMPTY'],
    ['/d/none', '/d/b', '553 File exists', 'ENOENT'],
  ] as const) {
    const on = await scriptedVfs(t, { files: tree, on: { RNTO: ctx => ctx.reply(reply) } })
    t.match(await failureOf(on.vfs.rename(from, to)), { code, syscall: 'rename', path: from, dest: to })
    t.same(
      on.sent().filter(line => line.startsWith('RNTO')),
      [`RNTO ${to}`],
      reply,
    )
  }
})

t.test('a server that refuses dot files gets a name without the dot', async t => {
  const on = await strictVfs(t, {
    on: { RNTO: ctx => (ctx.path.includes('/.') ? ctx.reply('553 Prohibited') : strict()(ctx)) },
  })
  await on.vfs.rename('/d/a', '/d/b')
  t.same(folder(on), replaced)
})

t.test('names in messages are text', async t => {
  const on = await strictVfs(t, {
    files: { '/d/\xc3\xa4': 'new', '/d/b': 'old' },
    on: { RNTO: strict(3, 4) },
  })
  const error = await failureOf(on.vfs.rename('/d/ä', '/d/b'))
  t.match(error.message, /\(the old file is at '\/d\/\.ftp-vfs-[0-9a-f]{12}-b', the new one at '\/d\/ä'/)
})

const firstName = 1
const moveAside = 2
const newName = 3
const oldName = 4

/** Lost before the server has it, at the nth. */
const unheard = (nth: number, command = 'RNTO'): Cut => ({ command, nth })
/** Its reply is lost: the server has done it. */
const unanswered = (nth: number, command = 'RNTO'): Cut => ({ command, nth, what: 'control' })
const thrice = (cut: Cut): Cut[] => [0, 1, 2].map(more => ({ ...cut, nth: cut.nth! + more }))

interface Broken {
  title: string
  cut?: Cut | Cut[]
  /** The RNTO that are refused, counted as they come. */
  refused?: number[]
  DELE?: Handler
  left: Record<string, string>
  /** The error; where there is none, it succeeds. */
  code?: string
  /** The error names both files. */
  named?: true
  leftover?: true
}

const refuse = (ctx: CommandContext): void => ctx.reply('550 Access is denied')
const lost = 'ERR_FTP_CONNECTION_LOST'

const table: Broken[] = [
  { title: 'first: lost before', cut: unheard(firstName), left: replaced },
  { title: 'first: lost after', cut: unanswered(firstName), left: replaced },
  { title: 'first: lost for good before', cut: thrice(unheard(firstName)), left: unchanged, code: lost },
  { title: 'first: lost for good after', cut: thrice(unanswered(firstName)), left: unchanged, code: lost },
  { title: 'RNFR of the first: lost', cut: unheard(1, 'RNFR'), left: replaced },

  { title: 'aside: refused', refused: [moveAside, moveAside + 1], left: unchanged, code: 'EEXIST' },
  { title: 'aside: lost before', cut: unheard(moveAside), left: replaced },
  { title: 'aside: lost after', cut: unanswered(moveAside), left: replaced },
  { title: 'aside: lost for good before', cut: thrice(unheard(moveAside)), left: unchanged, code: lost },
  { title: 'aside: lost each time after', cut: thrice(unanswered(moveAside)), left: replaced },
  { title: 'RNFR of the move aside: lost', cut: unheard(2, 'RNFR'), left: replaced },

  { title: 'new name: refused', refused: [newName], left: unchanged, code: 'EACCES' },
  { title: 'new name: lost before', cut: unheard(newName), left: replaced },
  { title: 'new name: lost after', cut: unanswered(newName), left: replaced },
  { title: 'new name: lost for good before', cut: thrice(unheard(newName)), left: unchanged, code: lost },
  { title: 'new name: lost each time after', cut: thrice(unanswered(newName)), left: replaced },
  { title: 'RNFR of the new name: lost', cut: unheard(3, 'RNFR'), left: replaced },

  { title: 'back: refused', refused: [newName, oldName], left: apart, code: 'EACCES', named: true },
  { title: 'back: lost before', refused: [newName], cut: unheard(oldName), left: unchanged, code: 'EACCES' },
  {
    title: 'back: lost after',
    refused: [newName],
    cut: unanswered(oldName),
    left: unchanged,
    code: 'EACCES',
  },
  {
    title: 'back: lost for good before',
    refused: [newName],
    cut: thrice(unheard(oldName)),
    left: apart,
    code: 'EACCES',
    named: true,
  },
  {
    title: 'back: lost each time after',
    refused: [newName],
    cut: thrice(unanswered(oldName)),
    left: unchanged,
    code: 'EACCES',
  },

  { title: 'DELE: refused', DELE: refuse, left: { b: 'new', aside: 'old' }, leftover: true },
  { title: 'DELE: lost before', cut: unheard(1, 'DELE'), left: replaced },
  { title: 'DELE: lost after', cut: unanswered(1, 'DELE'), left: replaced },
  {
    title: 'DELE: lost for good before',
    cut: thrice(unheard(1, 'DELE')),
    left: { b: 'new', aside: 'old' },
    leftover: true,
  },
  { title: 'DELE: lost each time after', cut: thrice(unanswered(1, 'DELE')), left: replaced },
]

t.test('whatever step breaks, no file is lost', async t => {
  for (const { title, cut, refused = [], DELE, left, code, named, leftover } of table) {
    await t.test(title, async t => {
      const codes = warnings(t)
      const on = await strictVfs(t, {
        ...(cut && { cut }),
        on: { RNTO: strict(...refused), ...(DELE && { DELE }) },
      })
      const renamed = on.vfs.rename('/d/a', '/d/b')
      if (code === undefined) {
        await renamed
      } else {
        const error = await failureOf(renamed)
        t.equal(error['code'], code)
        t.equal('incomplete' in error, named === true)
        if (named) {
          t.match(error['incomplete'], temporary)
          t.match(error.message, `'${error['incomplete'] as string}'`)
          t.match(error.message, "'/d/a'")
        }
      }
      t.same(folder(on), left)
      await nextTurn()
      t.same(codes, leftover ? ['FTP_VFS_LEFTOVER'] : [])
    })
  }
})

/** At the nth RNTO the server goes away, before it has done it or (`done`) after. */
const goneAt = (nth: number, done: boolean): Script => ({
  cut: done ? unanswered(nth) : unheard(nth),
  on: {
    RNTO: async ctx => {
      await strict()(ctx)
      if (ctx.n === nth) void ctx.server.stop()
    },
    RNFR: ctx => {
      if (ctx.n > nth) void ctx.server.stop()
      return ctx.next()
    },
  },
})

t.test('a server that is gone in between: both files are there, and the error names both', async t => {
  for (const [nth, done, left] of [
    [moveAside, false, unchanged],
    [moveAside, true, apart],
    [newName, false, apart],
    [newName, true, { b: 'new', aside: 'old' }],
  ] as const) {
    const on = await strictVfs(t, goneAt(nth, done), { shortTimeout: 1000 })
    const error = await failureOf(on.vfs.rename('/d/a', '/d/b'))
    t.same(folder(on), left)
    t.match(error['incomplete'], temporary)
    t.match(error.message, `may be at '${error['incomplete'] as string}', the new one at '/d/a'`)
    t.match(error['code'], /^(ECONNREFUSED|ERR_FTP_CONNECTION_LOST)$/)
  }
})

t.test('a call that is cancelled in between', async t => {
  await t.test('by destroy: its error names the file that was moved aside', async t => {
    const on = await strictVfs(t, {
      on: {
        RNTO: async ctx => {
          await strict()(ctx)
          if (ctx.n === moveAside) on.vfs.destroy()
        },
      },
    })
    const error = await failureOf(on.vfs.rename('/d/a', '/d/b'))
    t.match(error, { code: 'ERR_FTP_CLOSED', incomplete: temporary })
    t.same(folder(on), apart)
  })

  await t.test('by a signal: it goes through with it, or not at all', async t => {
    const abort = new AbortController()
    const on = await strictVfs(
      t,
      {
        on: {
          RNTO: async ctx => {
            await strict()(ctx)
            if (ctx.n === moveAside) abort.abort()
          },
        },
      },
      { atomicUploads: true },
    )
    const { signal } = abort
    t.match(await failureOf(on.vfs.writeFile('/d/b', 'written', { signal })), { code: 'ABORT_ERR' })
    t.same(folder(on), { a: 'new', b: 'written' })
  })
})

t.test('a server that ignores case: a file that becomes another in case alone', async t => {
  const on = await scriptedVfs(t, {
    files: { '/d/name': 'x' },
    on: Object.fromEntries(
      ['SIZE', 'MLST', 'RNFR'].map(verb => [
        verb,
        async (ctx: CommandContext) => {
          const own = [...ctx.server.files.keys()].find(path => path.toLowerCase() === ctx.path.toLowerCase())
          Object.defineProperty(ctx, 'path', { value: own ?? ctx.path })
          await ctx.next()
        },
      ]),
    ),
  })
  on.server.on['RNTO'] = ctx => {
    const taken = [...ctx.server.files.keys()].some(path => path.toLowerCase() === ctx.path.toLowerCase())
    return taken ? ctx.reply('550 File exists') : ctx.next()
  }
  await on.vfs.rename('/d/name', '/d/Name')
  t.same(folder(on), { Name: 'x' })
})

t.test('a source that is removed in between is ENOENT, and the old file keeps its name', async t => {
  const on = await strictVfs(t, {
    on: {
      RNTO: async ctx => {
        await strict()(ctx)
        if (ctx.n === moveAside) ctx.server.files.delete('/d/a')
      },
    },
  })
  t.match(await failureOf(on.vfs.rename('/d/a', '/d/b')), { code: 'ENOENT', path: '/d/a', dest: '/d/b' })
  t.same(folder(on), { b: 'old' })
})

t.test('a name that is taken in between is left alone, and the error names both files', async t => {
  const on = await strictVfs(t, {
    on: {
      RNTO: async ctx => {
        await strict()(ctx)
        const { files } = ctx.server
        if (ctx.n === moveAside) files.set('/d/b', { ...files.get('/d/a')!, content: Buffer.from('third') })
      },
    },
  })
  const error = await failureOf(on.vfs.rename('/d/a', '/d/b'))
  t.match(error, { code: 'EEXIST', incomplete: temporary })
  t.same(folder(on), { ...apart, b: 'third' })
})
