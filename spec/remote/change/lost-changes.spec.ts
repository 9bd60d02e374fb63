import t, { type Test } from 'tap'
import type { FtpVfs } from '../../../lib/index.js'
import type { Handler, Script } from '../../support/script.js'
import type { ScriptedServer } from '../../support/scripted-server.js'
import { failureOf, fewRetries, greetings, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

// A change whose reply is lost: done, not done, or not known to be.

/** How a server tells what stands at a path. */
const servers: Record<string, Script> = {
  MLST: {},
  'SIZE, MDTM and CWD': { mlst: false },
  'RNFR, as vsftpd': { greeting: greetings.vsftpd, mlst: false },
}

interface Change {
  verb: string
  work: (vfs: FtpVfs) => Promise<unknown>
  /** What the server has to have for it; what it has for it to be refused. */
  files: NonNullable<Script['files']>
  refused: NonNullable<Script['files']>
  code: string
  isDone: (server: ScriptedServer) => boolean
}

const changes: Change[] = [
  {
    verb: 'MKD',
    work: vfs => vfs.mkdir('/x'),
    files: {},
    refused: { '/x': null },
    code: 'EEXIST',
    isDone: ({ files }) => files.has('/x'),
  },
  {
    verb: 'DELE',
    work: vfs => vfs.unlink('/x'),
    files: { '/x': 'content' },
    refused: {},
    code: 'ENOENT',
    isDone: ({ files }) => !files.has('/x'),
  },
  {
    verb: 'RMD',
    work: vfs => vfs.rmdir('/x'),
    files: { '/x': null },
    refused: {},
    code: 'ENOENT',
    isDone: ({ files }) => !files.has('/x'),
  },
  {
    verb: 'RNTO',
    work: vfs => vfs.rename('/x', '/y'),
    files: { '/x': 'content' },
    refused: { '/y': 'taken' },
    code: 'ENOENT',
    isDone: ({ files }) => !files.has('/x') && files.has('/y'),
  },
]

const unknown = { code: 'ERR_FTP_CONNECTION_LOST', message: /it may have been done/ }

/** Loses all replies to the first flight that holds the command; `done`: it was carried out. */
function losing(verb: string, done: boolean): Script {
  const lose: Handler = async ctx => {
    if (done) await ctx.next()
    ctx.connection.drop('both')
  }
  return { joinReplies: true, on: { [verb]: ctx => (ctx.n === 1 ? lose(ctx) : ctx.next()) } }
}

/** Loses the reply to the first of these commands alone. */
const losingReply = (verb: string): Script => ({ cut: { command: verb, what: 'control' } })

const on = (t: Test, ...scripts: Script[]): Promise<ScriptedVfs> =>
  scriptedVfs(t, Object.assign({}, ...scripts) as Script, fewRetries)

for (const [server, script] of Object.entries(servers)) {
  for (const { verb, work, files, refused, code, isDone } of changes) {
    t.test(`${verb}, on a server that tells by ${server}`, async t => {
      await t.test('goes with its questions in one flight', async t => {
        const stage = await on(t, script, { files })
        await stage.vfs.connect()
        const before = stage.server.flights.length
        await work(stage.vfs)
        const sent = stage.server.flights.slice(before)
        // What DELE and RMD of a server that is not known would take is asked before; and once, where
        // MKD may say 257 of a folder that exists, whether its CWD tells.
        const doubted = script.mlst === false ? ['DELE', 'RMD', 'MKD'] : ['DELE', 'RMD']
        const looks = !script.greeting && doubted.includes(verb)
        if (!looks) t.equal(sent.length, 1)
        t.match(sent.at(-1)!.at(-1), new RegExp(`^${verb} `))
        t.ok(sent.at(-1)!.length > 1)
      })

      await t.test('is done where its reply alone was lost', async t => {
        const stage = await on(t, script, { files }, losingReply(verb))
        await work(stage.vfs)
        t.ok(isDone(stage.server))
      })

      await t.test('is refused where the reply that refused it was lost', async t => {
        const stage = await on(t, script, { files: refused }, losingReply(verb))
        t.match(await failureOf(work(stage.vfs)), { code })
      })

      await t.test('is done where it was lost before the server had it', async t => {
        const stage = await on(t, script, { files }, losing(verb, false))
        await work(stage.vfs)
        t.ok(isDone(stage.server))
      })

      await t.test('is no success where it would have been refused', async t => {
        const stage = await on(t, script, { files: refused }, losing(verb, false))
        t.match(await failureOf(work(stage.vfs)), unknown)
      })

      await t.test('may have been done where all replies were lost', async t => {
        const stage = await on(t, script, { files }, losing(verb, true))
        t.match(await failureOf(work(stage.vfs)), unknown)
        t.ok(isDone(stage.server))
      })

      for (const reply of ['450 In use', '451 Local error', '425 Oh', '426 Oh']) {
        await t.test(`is tried again behind ${reply}`, async t => {
          const busy: Handler = ctx => (ctx.n <= 2 ? ctx.reply(reply) : ctx.next())
          const stage = await on(t, script, { files, on: { [verb]: busy } })
          await work(stage.vfs)
          t.ok(isDone(stage.server))
        })

        await t.test(`is refused at once behind ${reply} where that has a reason`, async t => {
          const busy: Handler = ctx => ctx.reply(reply)
          const refusing = { [verb === 'RNTO' ? 'RNFR' : verb]: busy }
          const stage = await on(t, script, { files: refused, on: refusing })
          t.match(await failureOf(work(stage.vfs)), { code })
          const count = stage.sent().filter(line => line.startsWith(`${verb} `)).length
          t.equal(count, 1)
        })
      }

      await t.test('says how often it was refused', async t => {
        const stage = await on(t, script, { files, on: { [verb]: ctx => ctx.reply('450 In use') } })
        const error = await failureOf(work(stage.vfs))
        t.match(error, { code: 'EBUSY', attempts: 3, message: /tried 3 times/, cause: { code: 450 } })
      })
    })
  }
}

t.test('what is known to be so needs no proof', async t => {
  await t.test('a tree is removed, whatever replies are lost', async t => {
    for (const verb of ['DELE', 'RMD']) {
      const stage = await on(t, { files: { '/d/a': 'a', '/d/b': 'b' } }, losing(verb, true))
      await stage.vfs.rm('/d', { recursive: true })
      t.same([...stage.server.files.keys()], ['/'])
    }
  })

  await t.test('a file that was seen is removed by rm', async t => {
    const stage = await on(t, { files: { '/f': 'a' } }, losing('DELE', true))
    await stage.vfs.rm('/f')
    t.notOk(stage.server.files.has('/f'))
  })

  await t.test('mkdtemp has made its folder: no other has that name', async t => {
    const stage = await on(t, losing('MKD', true))
    const path = await stage.vfs.mkdtemp('/t-')
    t.same([...stage.server.files.keys()], ['/', path])
  })

  await t.test('an atomic upload gets its name', async t => {
    const script = { files: { '/f': 'old' }, ...losing('RNTO', true) }
    const stage = await scriptedVfs(t, script, { ...fewRetries, atomicUploads: true })
    await stage.vfs.writeFile('/f', 'new')
    t.equal(stage.content('/f'), 'new')
    t.same([...stage.server.files.keys()], ['/', '/f'])
  })

  await t.test('mkdir recursive', async t => {
    const stage = await on(t, losing('MKD', true))
    await stage.vfs.mkdir('/a/b', { recursive: true })
    t.ok(stage.server.files.has('/a/b'))
  })
})

t.test('what another process has made since stays', async t => {
  const entry = (content: string) => ({ content: Buffer.from(content), modified: new Date(), mode: 0o644 })

  await t.test('where nothing was there before', async t => {
    const DELE: Handler = ctx => {
      ctx.server.files.set('/lock', entry('of another'))
      ctx.connection.drop('control')
    }
    const stage = await on(t, { on: { DELE: ctx => (ctx.n === 1 ? DELE(ctx) : ctx.next()) } })
    t.match(await failureOf(stage.vfs.unlink('/lock')), { code: 'ENOENT', syscall: 'unlink', path: '/lock' })
    t.equal(stage.content('/lock'), 'of another')
  })

  await t.test('where the file of before was removed', async t => {
    let unique = 1
    const MLST: Handler = ctx => {
      const found = ctx.server.files.has(ctx.path)
      ctx.reply(found ? `250-\r\n type=file;unique=${unique}; ${ctx.path}\r\n250 End` : '550 No such file')
    }
    const DELE: Handler = ctx => {
      unique = 2
      ctx.server.files.set('/lock', entry('of another'))
      ctx.connection.drop('control')
    }
    const stage = await on(t, { files: { '/lock': 'ours' }, on: { MLST, DELE } })
    await stage.vfs.unlink('/lock')
    t.equal(stage.content('/lock'), 'of another')
  })
})

t.test('of very many changes at once none is worth a question', async t => {
  const names = Array.from({ length: 100 }, (_, i) => `/${i}`)
  const files = Object.fromEntries(names.map(name => [name, 'x']))
  const stage = await on(t, { greeting: greetings.pureFtpd, files })
  await stage.vfs.connect()
  const before = stage.server.commands.length
  await Promise.all(names.map(name => stage.vfs.unlink(name)))
  const questions = stage.server.commands.length - before - names.length
  t.ok(questions <= 16, `${questions} questions`)
})
