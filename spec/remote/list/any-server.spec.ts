import fc from 'fast-check'
import t from 'tap'
import { FtpVfs } from '../../../lib/index.js'
import { startScriptedServer, type CommandContext, type Handler } from '../../support/scripted-server.js'
import { failureOf, fewRetries } from '../scripted-vfs.js'

const files = { '/d/a': 'x', '/d/b': 'yy', '/d/d': null, '/d/sub/c': 'z', '/empty': null, '/file': 'z' }

const refusals = ['500 What?', '501 Syntax error', '502 Not implemented', '504 Not so']
const lacks = fc.option(fc.constantFrom(...refusals), { nil: undefined })

/** What a server lacks, and in what it says so. */
const anyServer = fc.record({
  feat: fc.boolean(),
  MLSD: fc.oneof(lacks, fc.constant('lines of LIST' as const)),
  all: fc.oneof(lacks, fc.constant('empty' as const)),
  LIST: lacks,
  NLST: lacks,
  SIZE: lacks,
  CWD: fc.option(fc.constantFrom('500 What?', '502 Not implemented'), { nil: undefined }),
  ascii: fc.boolean(),
  missing: fc.constantFrom('refused', 'empty'),
})

type AnyServer = typeof anyServer extends fc.Arbitrary<infer Found> ? Found : never

function handlers(server: AnyServer): Record<string, Handler> {
  const types = new WeakMap<object, string>()
  const listed =
    (refusal: string | undefined, act: Handler): Handler =>
    async ctx => {
      if (refusal !== undefined) return ctx.reply(refusal)
      if (server.ascii && types.get(ctx.connection) !== 'A') return ctx.reply('550 Use TYPE A for listings')
      const path = ctx.argument.replace(/^-a ?/, '')
      if (server.missing === 'empty' && path.startsWith('/') && !ctx.server.files.has(path))
        return ctx.send([])
      return act(ctx)
    }
  const next: Handler = ctx => ctx.next()
  const own = (refusal: string | undefined): Handler =>
    refusal === undefined ? next : ctx => ctx.reply(refusal)
  const withAll: Handler = server.all === 'empty' ? ctx => ctx.send([]) : listed(server.all, next)
  const asLines = (ctx: CommandContext): Promise<void> =>
    ctx.send(['-rw-r--r-- 1 0 0 1 Jan 01 2020 wrong\r\n'])
  return {
    TYPE: ctx => {
      types.set(ctx.connection, ctx.argument)
      return ctx.next()
    },
    MLSD: server.MLSD === 'lines of LIST' ? listed(undefined, asLines) : listed(server.MLSD, next),
    LIST: ctx => (ctx.argument.startsWith('-a') ? withAll(ctx) : listed(server.LIST, next)(ctx)),
    NLST: listed(server.NLST, next),
    SIZE: own(server.SIZE),
    CWD: own(server.CWD),
    RETR: ctx => (types.get(ctx.connection) === 'I' ? ctx.next() : ctx.send(['text'])),
  }
}

t.test('a listing is right, or an error, whatever the server lacks', async t => {
  let right = 0
  await fc.assert(
    fc.asyncProperty(anyServer, async script => {
      const { feat, MLSD, all, LIST, NLST } = script
      await using server = await startScriptedServer({ files, mlst: feat, on: handlers(script) })
      await using vfs = new FtpVfs(server.url, { ...fewRetries, connections: 1 })
      const works =
        (feat && MLSD === undefined) || all === undefined || LIST === undefined || NLST === undefined
      for (let round = 0; round < 3; round++) {
        for (const [path, names] of [
          ['/d', ['a', 'b', 'd', 'sub']],
          ['/d/sub', ['c']],
          ['/d/d', []],
          ['/empty', []],
        ] as const) {
          if (works) {
            const found = (await vfs.readdir(path)).sort()
            if (found.join() !== names.join()) throw new Error(`${path} holds ${found.join()}`)
            right += 1
          } else {
            const { code } = await failureOf(vfs.readdir(path))
            if (code !== 'ENOTSUP' && code !== 'ERR_FTP_LISTING')
              throw new Error(`no command is ${String(code)}`)
          }
        }
        const { code } = await failureOf(vfs.readdir('/none'))
        if (works && code !== 'ENOENT') throw new Error(`missing is ${String(code)}`)
        await failureOf(vfs.readdir('/file'))
        if ((await vfs.readFile('/file', 'utf8')) !== 'z') throw new Error('a file was read as text')
      }
    }),
    { numRuns: 60 },
  )
  t.ok(right > 0)
})
