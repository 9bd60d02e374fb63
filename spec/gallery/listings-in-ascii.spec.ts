import t from 'tap'
import { fewRetries, scriptedVfs } from '../remote/scripted-vfs.js'
import type { CommandContext, Handler, Script } from '../support/scripted-server.js'

const files = { '/d/a': '1234', '/d/sub/b': 'x', '/empty': null, '/file': 'abc' }
const types = new WeakMap<object, string>()

const typeOf = ({ connection }: CommandContext): string => types.get(connection) ?? 'A'
const TYPE: Handler = ctx => {
  types.set(ctx.connection, ctx.argument)
  return ctx.next()
}
const inAscii: Handler = ctx =>
  typeOf(ctx) === 'A' ? ctx.next() : ctx.reply('550 Listings are sent in ASCII mode only, use TYPE A')
const inBinary: Handler = ctx => {
  if (typeOf(ctx) !== 'I') ctx.server.failures.push(new Error(`${ctx.line} in TYPE ${typeOf(ctx)}`))
  return ctx.next()
}

/**
 * The transcript: `TYPE I`, `LIST`, `550 … use TYPE A`. The trap: what comes next over that session
 * is text to the server, and the bytes of a file are not its own.
 */
const script: Script = {
  files,
  mlst: false,
  on: { TYPE, LIST: inAscii, NLST: inAscii, RETR: inBinary, STOR: inBinary, APPE: inBinary, SIZE: inBinary },
}

const types_ = (lines: string[]): string[] => lines.filter(line => /^(TYPE|LIST)/.test(line))

await t.test('a server that lists in TYPE A', async t => {
  const { vfs, server } = await scriptedVfs(t, script)
  const sent = (): string[] => server.commands.map(({ line }) => line)
  await vfs.connect()
  const before = sent().length
  t.same(await vfs.readdir('/d'), ['a', 'sub'])
  t.equal(await vfs.readFile('/file', 'utf8'), 'abc')
  t.same(types_(sent().slice(before)).slice(-3), ['TYPE A', 'LIST -a', 'TYPE I'])
  t.same(await vfs.readdir('/empty'), [])
  await t.rejects(vfs.readdir('/none'), { code: 'ENOENT' })
  await vfs.writeFile('/d/new', 'x')
  for await (const _ of await vfs.opendir('/d')) break
  t.equal(await vfs.readFile('/d/a', 'utf8'), '1234')
  await vfs.cp('/d', '/copy', { recursive: true })
  await vfs.rm('/d', { recursive: true })
  t.notOk(server.files.has('/d'))
  const after = sent().length
  await vfs.readdir('/copy')
  t.same(types_(sent().slice(after)), ['TYPE A', 'LIST -a', 'TYPE I'], 'TYPE I is not tried again')
  t.equal(server.connections, 1)
})

await t.test('a session that is refused TYPE I ends', async t => {
  const { vfs, server } = await scriptedVfs(t, {
    ...script,
    on: {
      ...script.on,
      TYPE: ctx =>
        types.get(ctx.connection) === 'A' && ctx.argument === 'I' ? ctx.reply('504 No') : TYPE(ctx),
    },
  })
  t.same(await vfs.readdir('/d'), ['a', 'sub'])
  t.equal(await vfs.readFile('/file', 'utf8'), 'abc')
  t.ok(server.connections > 1)
})

await t.test('where TYPE A is refused, the error is that of the listing', async t => {
  const { vfs } = await scriptedVfs(
    t,
    {
      ...script,
      on: { ...script.on, TYPE: ctx => (ctx.argument === 'A' ? ctx.reply('504 No') : TYPE(ctx)) },
    },
    fewRetries,
  )
  await t.rejects(vfs.readdir('/d'), { code: 'EACCES', message: /EACCES/ })
  t.equal(await vfs.readFile('/file', 'utf8'), 'abc')
})
