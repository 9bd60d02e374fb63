import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { FtpVfsOptions } from '../../lib/index.js'
import { failureOf, greetings, scriptedVfs } from '../remote/scripted-vfs.js'
import type { CommandContext, Script } from '../support/scripted-server.js'

// The transcript: `TYPE A`, `SIZE /f`, `550 SIZE not allowed in ASCII mode`, `REST 4`, `501 …`. The server
// keeps lines with LF and sends CR LF: more bytes come than the file has.
const lines = 'one\r\ntwo\r\n'
const kept = 'one\ntwo\n'

function converting(more: Script = {}): Script {
  return {
    files: { '/f': kept },
    ...more,
    on: {
      SIZE: ctx => ctx.reply('550 SIZE not allowed in ASCII mode'),
      REST: ctx => ctx.reply('501 REST: Resuming transfers not allowed in ASCII mode'),
      RETR: ctx => ctx.send([contentOf(ctx).replaceAll('\n', '\r\n')]),
      STOR: async ctx => {
        await ctx.next()
        const entry = ctx.server.files.get(ctx.path)!
        entry.content = Buffer.from(contentOf(ctx).replaceAll('\r\n', '\n'))
      },
      ...more.on,
    },
  }
}

const contentOf = (ctx: CommandContext): string => String(ctx.server.files.get(ctx.path)?.content ?? '')

const ascii = (t: Test, script?: Script, options?: FtpVfsOptions) =>
  scriptedVfs(t, converting(script), { transferType: 'ascii', ...options })

for (const [title, script] of [
  ['a server that is not known', {}],
  ['one without MLST', { mlst: false }],
  ['ProFTPD', { greeting: greetings.proftpd }],
] as const)
  await t.test(`whole files are read and written in TYPE A: ${title}`, async t => {
    const { vfs, server, content, spoolDirectory } = await ascii(t, script)
    t.equal(await vfs.readFile('/f', 'utf8'), lines)
    t.equal(await text(vfs.createReadStream('/f', { parallel: 4 })), lines)
    await vfs.writeFile('/g', lines)
    t.equal(content('/g'), kept)
    await vfs.writeFile('/g', 'new\r\n')
    t.equal(content('/g'), 'new\n')
    await vfs.copyFile('/f', '/copy')
    t.equal(content('/copy'), kept)
    const local = join(spoolDirectory, 'local')
    await vfs.download('/f', local)
    t.equal(await readFile(local, 'utf8'), lines)
    await vfs.upload(local, '/up')
    t.equal(content('/up'), kept)
    await rm(local)
    const sent = server.commands.map(({ line }) => line)
    t.ok(sent.includes('TYPE A') && !sent.includes('TYPE I'))
    t.notOk(sent.some(line => /^(?:REST|APPE|EPSV.+EPSV)/.test(line)))
    t.ok((await vfs.stat('/f')).isFile())
    t.notOk(await vfs.exists('/missing'))
    t.same((await vfs.readdir('/')).sort(), ['copy', 'f', 'g', 'up'])
  })

await t.test('a write stream is collected, and sent in one STOR', async t => {
  const { vfs, sent, content } = await ascii(t, {}, { replayBuffer: 4096 })
  const stream = vfs.createWriteStream('/g')
  const line = `${'x'.repeat(998)}\r\n`
  for (let count = 0; count < 100; count++) stream.write(line)
  t.notOk(sent().some(command => command.startsWith('STOR')))
  await new Promise<void>((resolve, reject) => stream.on('error', reject).end(resolve))
  t.equal(content('/g')!.length, 100 * 999)
  t.same(
    sent().filter(command => /^(?:STOR|APPE)/.test(command)),
    ['STOR /g'],
  )
})

await t.test('what needs a position is ENOTSUP, and nothing is sent', async t => {
  const { vfs, server, spoolDirectory } = await ascii(t)
  const stream = (flags: string, start?: number) =>
    new Promise((resolve, reject) =>
      vfs
        .createWriteStream('/f', { flags, ...(start !== undefined && { start }) })
        .on('error', reject)
        .end('x', (error?: Error) => (error ? reject(error) : resolve(undefined))),
    )
  const refused: Record<string, () => Promise<unknown>> = {
    open: () => vfs.open('/f'),
    'open, new': () => vfs.open('/new', 'wx'),
    truncate: () => vfs.truncate('/f', 2),
    appendFile: () => vfs.appendFile('/f', 'x'),
    'writeFile r+': () => vfs.writeFile('/f', 'x', { flag: 'r+' }),
    'writeFile a, of chunks': () => vfs.writeFile('/f', ['x'], { flag: 'a' }),
    'write stream a': () => stream('a'),
    'write stream r+': () => stream('r+', 1),
    'write stream from a position': () => stream('w', 4),
    'read stream from a position': () => text(vfs.createReadStream('/f', { start: 1 })),
    'read stream to a position': () => text(vfs.createReadStream('/f', { end: 1 })),
  }
  for (const [what, work] of Object.entries(refused)) {
    const { code, message } = await failureOf(work())
    t.equal(code, 'ENOTSUP', what)
    t.match(message, "with transferType 'ascii' files are read and written whole only", what)
  }
  const blob = await failureOf(vfs.openAsBlob('/f'))
  t.match(blob.cause, { code: 'ENOTSUP' })
  t.equal(server.connections, 0)
  t.ok(spoolDirectory)
})

await t.test('what is lost is read and sent again from the beginning', async t => {
  const big = 'x'.repeat(70_000) + '\n'
  const { vfs, content, sent } = await ascii(t, {
    files: { '/f': big },
    cut: [
      { command: 'RETR', after: 1000 },
      { command: 'STOR', after: 1000 },
    ],
  })
  t.equal(await vfs.readFile('/f', 'utf8'), big.replaceAll('\n', '\r\n'))
  await vfs.writeFile('/g', `${big.trimEnd()}\r\n`)
  t.equal(content('/g'), big)
  t.same(
    sent().filter(line => /^(?:RETR|STOR|REST|APPE)/.test(line)),
    ['RETR /f', 'RETR /f', 'STOR /g', 'STOR /g'],
  )
})

await t.test('an upload of which the end was lost has gone, whatever size is told then', async t => {
  const { vfs, content, sent } = await ascii(t, {
    // It tells the size of what it keeps, which is another.
    on: { SIZE: ctx => ctx.next() },
    cut: { command: 'STOR', after: lines.length, what: 'control' },
  })
  await vfs.writeFile('/g', lines)
  t.equal(content('/g'), kept)
  t.equal(sent().filter(line => line === 'STOR /g').length, 2)
})

await t.test('of a new file that was lost nothing tells whose it is', async t => {
  const { vfs } = await ascii(t, {
    on: { SIZE: ctx => ctx.next() },
    cut: { command: 'STOR', after: lines.length, what: 'control' },
  })
  const { code } = await failureOf(vfs.writeFile('/g', lines, { flag: 'wx' }))
  t.equal(code, 'ERR_FTP_CONNECTION_LOST')
})

await t.test('a server that refuses TYPE A is said so', async t => {
  const { vfs } = await ascii(t, { on: { TYPE: ctx => ctx.reply('504 Binary only') } })
  const { code, message } = await failureOf(vfs.readFile('/f'))
  t.equal(code, 'ERR_FTP_LOGIN')
  t.match(message, 'The server refused ASCII transfers (TYPE A)')
})
