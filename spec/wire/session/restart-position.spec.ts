import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { Incoming } from '../../../lib/wire/data/incoming.js'
import { login } from '../../../lib/wire/session/login.js'
import { Outgoing } from '../../../lib/wire/data/outgoing.js'
import type { ServerKind } from '../../../lib/wire/server/quirks.js'
import { RestartPosition } from '../../../lib/wire/session/restart-position.js'
import { ServerProfile } from '../../../lib/wire/server/server-profile.js'
import type { Session } from '../../../lib/wire/session/session.js'
import { failureOf, scriptedVfs } from '../../remote/scripted-vfs.js'
import { forServers } from '../../support/for-servers.js'
import type { Handler } from '../../support/scripted-server.js'
import { scriptedSession, sessionOptions, silentLog } from '../scripted-session.js'

const text = '0123456789'

await t.test('a leftover position', async t => {
  const left = (kind: ServerKind, ...dialog: [string, number][]) => {
    const server = new ServerProfile()
    server.kind = kind
    const position = new RestartPosition(server)
    for (const [verb, code] of dialog) position.follow(command(verb), { code, lines: [`${code} text`] })
    return position.left
  }

  await t.test('is possible on a server that may keep it', async t => {
    for (const [expected, ...dialog] of [
      [false],
      [true, ['REST 4', 350]],
      [false, ['REST 4', 502]],
      [false, ['REST 0', 350]],
      [false, ['REST 4', 350], ['REST 0', 350]],
      [true, ['REST 4', 350], ['REST 0', 501]],
      [true, ['REST 4', 350], ['RETR', 550]],
      [true, ['REST 4', 350], ['STOR', 553]],
      [true, ['REST 4', 350], ['APPE', 425]],
      [false, ['REST 4', 350], ['RETR', 226]],
      [false, ['REST 4', 350], ['STOR', 226]],
      [false, ['REST 4', 350], ['APPE', 250]],
      [false, ['REST 4', 350], ['STOU', 226]],
      [false, ['REST 4', 350], ['RETR', 150], ['RETR', 426]],
      [true, ['REST 4', 350], ['LIST -a', 150], ['LIST -a', 226]],
      [true, ['REST 4', 350], ['SIZE', 213], ['NOOP', 200]],
      [false, ['REST 4', 350], ['RETR', 550], ['RETR', 226]],
      [false, ['RETR', 550]],
    ] as [boolean, ...[string, number][]][])
      t.equal(left('unknown', ...dialog), expected, dialog.join(' '))
  })

  await t.test('is impossible on a server that forgets it', async t => {
    for (const kind of ['vsftpd', 'proftpd', 'pure-ftpd'] as const)
      t.notOk(left(kind, ['REST 4', 350], ['RETR', 550]), kind)
  })
})

await t.test('a session with a leftover position is not usable', async t => {
  const { session } = await scriptedSession(t, { files: { '/f': text } })
  const retrieve = async (path: string) => {
    const commands = [command('REST 4'), command('RETR', path)]
    return ((await Incoming.open(session, { commands, onData: () => {} })) as Incoming).done
  }
  await retrieve('/f')
  t.ok(session.usable)
  await retrieve('/none')
  t.notOk(session.usable)
  await session.flight([command('REST 0')])
  t.ok(session.usable)
})

await t.test('after a refused read of a range, on a server that keeps the position', async t => {
  const RETR: Handler = ctx => (ctx.server.files.has(ctx.path) ? ctx.next() : ctx.reply('551 No such file'))
  const refused = async (t: Test) => {
    const on = await scriptedVfs(t, { files: { '/f': text }, on: { RETR } })
    const stream = on.vfs.createReadStream('/none', { start: 4 })
    t.match(await failureOf(stream.toArray()), { code: 'ENOENT' })
    return on
  }

  await t.test('a file is read from its beginning', async t => {
    const { vfs } = await refused(t)
    t.equal(await vfs.readFile('/f', 'utf8'), text)
  })

  await t.test('a file is written from its beginning', async t => {
    const { vfs, content } = await refused(t)
    await vfs.writeFile('/g', text)
    t.equal(content('/g'), text)
  })

  await t.test('while other refusals cost no session', async t => {
    const { vfs, server } = await scriptedVfs(t, { files: { '/f': text }, on: { RETR } })
    t.match(await failureOf(vfs.readFile('/none')), { code: 'ENOENT' })
    const stream = vfs.createReadStream('/f', { start: 4 })
    t.equal(Buffer.concat(await stream.toArray()).toString(), text.slice(4))
    t.equal(await vfs.readFile('/f', 'utf8'), text)
    t.equal(server.connections, 1)
  })
})

/** Reads a file after a transfer that was refused after REST, on the same session. */
async function readBehindRefused(session: Session, verb: 'RETR' | 'STOR' | 'APPE'): Promise<string> {
  const retrieve = (path: string, onData: (chunk: Buffer) => void = () => {}) =>
    Incoming.open(session, { commands: [command('RETR', path)], onData })
  await session.flight([command('REST 4')])
  const opened =
    verb === 'RETR'
      ? await retrieve('/none')
      : await Outgoing.open(session, { command: command(verb, '/none/f') })
  if (opened instanceof Incoming) await opened.done
  if (opened instanceof Outgoing) await opened.end()
  let read = ''
  await ((await retrieve('/f', chunk => (read += String(chunk)))) as Incoming).done
  return read
}

await forServers(t, 'which server forgets the position behind a refused transfer', async (t, server) => {
  await writeFile(join(server.root, 'f'), text)
  const { port, user, password } = server
  const options = sessionOptions(port, { user, password })
  for (const verb of ['RETR', 'STOR', 'APPE'] as const) {
    const session = await login(options, new ServerProfile(), silentLog(options))
    t.teardown(() => session.close())
    const keeps = server.name === 'pyftpdlib' && verb === 'APPE'
    t.equal(await readBehindRefused(session, verb), keeps ? text.slice(4) : text, verb)
  }
})
