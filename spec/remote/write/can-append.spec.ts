import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { RemotePaths } from '../../../lib/remote/paths.js'
import type { Remote } from '../../../lib/remote/remote.js'
import { canAppend } from '../../../lib/remote/write/can-append.js'
import type { Session } from '../../../lib/wire/session/session.js'
import type { Handler, Script } from '../../support/script.js'
import { scriptedSession } from '../../wire/scripted-session.js'
import { bytes, greetings, MIB, pieces, scriptedVfs } from '../scripted-vfs.js'

const says =
  (reply: string): Handler =>
  ctx =>
    ctx.reply(reply)

/** Uses only the session, unless that is lost. */
const remoteOf = (session: Session): Remote => {
  const paths = new RemotePaths({ folder: '', absolute: false })
  return { paths, pool: { server: session.server }, options: { useCwdNames: false } } as unknown as Remote
}

t.test('HELP decides for a server', async t => {
  for (const [title, help, appends] of [
    ['it names APPE', '214-Commands:\r\n STOR APPE*x APPE REST\r\n214 End', true],
    ['it names APPE in small letters', '214 stor appe', true],
    [
      'it names APPE with an asterisk: it has none',
      '214-Commands (*: not here):\r\n STOR APPE* REST\r\n214 End',
      false,
    ],
    ['it names other commands', '214 USER PASS STOR RETR', false],
    ['it has no HELP', '502 HELP?', false],
  ] as const) {
    await t.test(title, async t => {
      const { session, profile, since } = await scriptedSession(t, { on: { HELP: says(help) } })
      t.equal(await canAppend(remoteOf(session), session, '/f'), appends)
      t.equal(await canAppend(remoteOf(session), session, '/f'), appends)
      t.same(since(), ['HELP'], 'it is asked once')
      t.equal(profile.can.append.state, appends ? 'proven' : 'failed')
    })
  }
})

t.test('a server with a measured answer is not asked', async t => {
  for (const greeting of [greetings.vsftpd, greetings.proftpd]) {
    const { session, since } = await scriptedSession(t, { greeting })
    t.equal(await canAppend(remoteOf(session), session, '/f'), true)
    t.same(since(), [])
  }
})

t.test('Pure-FTPd, whose APPE may replace the file, is tried with a file of our own', async t => {
  const onPureFtpd = (t: Test, script: Script = {}) =>
    scriptedSession(t, { greeting: greetings.pureFtpd, files: { '/d': null }, ...script })

  await t.test('it appends', async t => {
    const { session, server, profile } = await onPureFtpd(t)
    t.equal(await canAppend(remoteOf(session), session, '/d/f'), true)
    t.equal(profile.can.append.state, 'proven')
    const changed = server.commands.map(({ line }) => line).filter(line => /^(STOR|APPE|DELE)/.test(line))
    t.match(changed, [/^STOR \/d\/\.ftp-vfs-/, /^APPE \/d\/\.ftp-vfs-/, /^DELE \/d\/\.ftp-vfs-/])
    t.same([...server.files.keys()], ['/', '/d'])
  })

  for (const [title, on] of [
    ['APPE replaces the file', { APPE: (ctx => ctx.server.script.on!['STOR']!(ctx)) as Handler }],
    ['APPE is refused', { APPE: says('550 No') }],
    ['the trial file may not be stored', { STOR: says('553 No') }],
  ] as const) {
    await t.test(title, async t => {
      const STOR: Handler = async ctx => {
        ctx.reply('150 Go on')
        const chunks: Buffer[] = []
        for await (const chunk of (await ctx.data) as AsyncIterable<Buffer>) chunks.push(chunk)
        ctx.server.files.set(ctx.path, { content: Buffer.concat(chunks), modified: new Date(), mode: 0o644 })
        ctx.reply('226 Done')
      }
      const { session, server, profile } = await onPureFtpd(t, { on: { STOR, ...on } })
      t.equal(await canAppend(remoteOf(session), session, '/d/f'), false)
      t.equal(await canAppend(remoteOf(session), session, '/d/f'), false)
      t.ok(profile.can.append.failed, 'for a while')
      t.ok(server.commands.filter(({ line }) => line.startsWith('STOR')).length <= 1, 'it is tried once')
      t.same([...server.files.keys()], ['/', '/d'])
    })
  }
})

t.test('a lost trial on Pure-FTPd is repeated, and its file is removed', async t => {
  const { vfs, server, content, sent } = await scriptedVfs(t, {
    greeting: greetings.pureFtpd,
    files: { '/f': 'old' },
    cut: { command: 'APPE' },
  })
  await vfs.appendFile('/f', ' new')
  t.equal(content('/f'), 'old new')
  for (const begun = Date.now(); server.files.size > 2 && Date.now() - begun < 2000;) await sleep(2)
  const tried = sent().filter(line => /^(APPE|DELE)/.test(line))
  t.match(tried.sort(), [
    /^APPE \/\.ftp-vfs-/,
    /^APPE \/\.ftp-vfs-/,
    'APPE /f',
    /^DELE \/\.ftp-vfs-/,
    /^DELE \/\.ftp-vfs-/,
  ])
  t.same([...server.files.keys()], ['/', '/f'])
})

for (const verb of ['STOR', 'APPE']) {
  await t.test(`a trial that loses its data connection at ${verb} is repeated, too`, async t => {
    const lost: Handler = async ctx => {
      if (ctx.n > 1) return ctx.next()
      ctx.reply('150 Go on')
      for await (const _ of await ctx.data);
      const entry = { content: Buffer.of(0), modified: new Date(), mode: 0o644 }
      ctx.server.files.set(ctx.path, entry)
      ctx.reply('451 Error during read from data connection')
    }
    const on = { [verb]: lost }
    const stage = await scriptedVfs(t, { greeting: greetings.pureFtpd, files: { '/f': 'old' }, on })
    const { vfs, server, content, sent } = stage
    await vfs.appendFile('/f', ' new')
    t.equal(content('/f'), 'old new')
    for (const begun = Date.now(); server.files.size > 2 && Date.now() - begun < 2000;) await sleep(2)
    t.same([...server.files.keys()], ['/', '/f'])
    t.ok(sent().includes('APPE /f'), 'it is known to append')
  })
}

t.test('a stream is spooled whole if append support is unknown', async t => {
  const data = bytes(3 * MIB)
  const on = { HELP: says('502 HELP?'), APPE: says('502 APPE?') }
  const { vfs, content, sent } = await scriptedVfs(t, { files: { '/other': 'x' }, on })
  const stream = vfs.createWriteStream('/f')
  for (const piece of pieces(data)) {
    await new Promise(resolve => stream.write(piece, resolve))
    await vfs.stat('/other')
  }
  await new Promise<void>(resolve => stream.end(resolve))
  t.ok(content('/f') === data.toString('latin1'))
  t.notOk(
    sent().some(line => line.startsWith('APPE')),
    'no APPE is sent to find out',
  )
})

t.test('a stream stored under another name is not continued under its own', async t => {
  const old = bytes(2 * MIB, 2)
  const STOR: Handler = async ctx => {
    ctx.reply('150 Go on')
    for await (const _ of await ctx.data);
    ctx.reply('226 Done')
  }
  const script = { files: { '/f': old, '/other': 'x' }, on: { STOR } }
  const { vfs, content, sent } = await scriptedVfs(t, script, { shortTimeout: 300 })
  const source = async function* (): AsyncGenerator<Buffer> {
    yield* pieces(bytes(2 * MIB + 7))
    await vfs.readFile('/other')
    yield Buffer.from('more')
  }
  await t.rejects(pipeline(Readable.from(source()), vfs.createWriteStream('/f')), {
    code: 'ERR_FTP_UPLOAD_VERIFY',
  })
  t.ok(content('/f') === old.toString('latin1'))
  t.notOk(sent().some(line => line.startsWith('APPE')))
})
