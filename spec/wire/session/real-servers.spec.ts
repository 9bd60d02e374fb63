import { randomBytes } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { dirname } from '../../../lib/wire/names/names.js'
import { command, type ServerFile } from '../../../lib/wire/session/command.js'
import { LoginError, TooManyConnectionsError } from '../../../lib/wire/ftp-errors.js'
import { Incoming } from '../../../lib/wire/data/incoming.js'
import { login } from '../../../lib/wire/session/login.js'
import { Outgoing } from '../../../lib/wire/data/outgoing.js'
import { isPositive, quotedPath, type Reply } from '../../../lib/wire/reply/replies.js'
import { ServerProfile } from '../../../lib/wire/server/server-profile.js'
import type { Session, SessionOptions } from '../../../lib/wire/session/session.js'
import { forServers } from '../../support/for-servers.js'
import { realServerNames, type RealServer } from '../../support/real-servers.js'
import { recordControl } from '../../support/recording-proxy.js'
import { bare, sessionOptions, silentLog } from '../scripted-session.js'

const codes = (replies: readonly Reply[]) => replies.map(({ code }) => code)

/** Logs in through a proxy that records the control connections; both end with the test. */
async function sessionOn(t: Test, server: RealServer, options: Partial<SessionOptions> = {}) {
  const recording = await recordControl(server)
  const { user, password } = server
  const settings = sessionOptions(recording.port, { user, password, ...options })
  const profile = new ServerProfile()
  const sessions: Session[] = []
  const logIn = () =>
    login(settings, profile, silentLog(settings), { begun: session => sessions.push(session) })
  t.teardown(async () => {
    sessions.forEach(session => session.close())
    await recording.stop()
  })
  return { session: await logIn(), logIn, profile, recording }
}

/** Goes by its bare name, in its folder. */
const bareFile = (path: string): ServerFile => ({ path, folder: dirname(path) })

async function store(session: Session, path: string | ServerFile, bytes: string | Buffer): Promise<Reply[]> {
  const outgoing = await Outgoing.open(session, { command: command('STOR', path) })
  if (!(outgoing instanceof Outgoing)) return [outgoing]
  await outgoing.write(Buffer.from(bytes as string))
  return outgoing.end()
}

async function retrieve(
  session: Session,
  ...[verb, path]: Parameters<typeof command>
): Promise<Buffer | Reply> {
  const chunks: Buffer[] = []
  const incoming = await Incoming.open(session, {
    commands: [command(verb, path)],
    onData: chunk => chunks.push(chunk),
  })
  if (!(incoming instanceof Incoming)) return incoming
  const [reply] = await incoming.done
  return isPositive(reply!) ? Buffer.concat(chunks) : reply!
}

await forServers(t, 'a login takes few flights', async (t, server) => {
  const { session, recording, profile, logIn } = await sessionOn(t, server)
  const known = server.name !== 'pyftpdlib'
  t.equal(profile.kind, known ? server.name : 'unknown')
  const { user, password } = server
  const rest = ['TYPE I', 'FEAT', 'SYST', 'PWD']
  t.same(
    recording.flights,
    known
      ? [[`USER ${user}`, `PASS ${password}`, ...rest, 'EPSV']]
      : [[`USER ${user}`], [`PASS ${password}`], rest, recording.flights[3]],
  )
  if (!known) t.match(recording.flights[3], [/^OPTS UTF8 ON$/, /^OPTS MLST type;/])
  t.equal(session.flights, recording.flights.length)
  t.ok((await logIn()).usable)
})

await forServers(t, 'a flight of 500 commands is answered in order', async (t, server) => {
  await writeFile(join(server.root, 'there'), 'x'.repeat(123))
  const { session, profile } = await sessionOn(t, server)
  const paths = Array.from({ length: 500 }, (_, i) => (i % 3 === 0 ? '/there' : `/missing${i}`))
  const replies = await session.flight(paths.map(path => command('SIZE', path)))
  t.same(
    codes(replies),
    paths.map(path => (path === '/there' ? 213 : 550)),
  )
  t.equal(profile.can.pipelining.state, 'proven')
})

await forServers(t, 'a big download that is ended early leaves the session as it was', async (t, server) => {
  const big = randomBytes(32 * 2 ** 20)
  await writeFile(join(server.root, 'big'), big)
  const { session, recording } = await sessionOn(t, server)
  const size = async () =>
    t.same((await session.flight([command('SIZE', '/big')]))[0]!.lines, [`213 ${big.length}`])
  const received = async (bytes: number) => {
    let wake = () => {}
    let left = bytes
    const enough = new Promise<void>(resolve => (wake = resolve))
    const incoming = await Incoming.open(session, {
      commands: [command('REST 10'), command('RETR', '/big')],
      skip: () => 0,
      onData(chunk) {
        left -= chunk.length
        if (left <= 0) wake()
      },
    })
    if (bytes > 0) await enough
    await (incoming as Incoming).stop()
  }
  for (const bytes of [1, 2 ** 20, 0, 1, 0]) {
    await received(bytes)
    t.ok(session.usable, `after ${bytes} bytes`)
    await size()
  }
  t.ok(big.equals((await retrieve(session, 'RETR', '/big')) as Buffer), 'the next download is complete')
  t.equal(recording.commands.filter(line => line.startsWith('USER')).length, 1)
})

await forServers(t, 'an upload that is cut leaves the session as it was', async (t, server) => {
  const { session, recording } = await sessionOn(t, server)
  const outgoing = await Outgoing.open(session, { command: command('STOR', '/cut') })
  await (outgoing as Outgoing).write(Buffer.alloc(2 ** 20))
  // pyftpdlib 1.5.7 sends 150 before it accepts the connection; if that is reset by then, no final
  // reply comes.
  const stored = () =>
    stat(join(server.root, 'cut')).then(
      ({ size }) => size,
      () => 0,
    )
  while ((await stored()) === 0) await new Promise(resolve => setTimeout(resolve, 5))
  await (outgoing as Outgoing).stop()
  t.same(codes(await store(session, '/whole', 'abc')), [226])
  t.equal(await readFile(join(server.root, 'whole'), 'utf8'), 'abc')
  t.equal(recording.commands.filter(line => line.startsWith('USER')).length, 1)
})

await forServers(t, 'refused transfers leave the session as it was', async (t, server) => {
  const { session } = await sessionOn(t, server)
  for (let i = 0; i < 5; i++) {
    const [refused] = await store(session, '/missing/x', 'abc')
    t.ok(refused!.code >= 500, 'STOR')
    t.match(await retrieve(session, 'RETR', '/missing'), { code: 550 }, 'RETR')
  }
  t.same(codes(await store(session, '/there', 'abc')), [226])
})

await forServers(t, 'bare names work', async (t, server) => {
  const { session, recording } = await sessionOn(t, server)
  // Pure-FTPd 1.0.50 stores a space at the end as `_`.
  const names = ['plain', ' lead', '-rf', '~', '~root', 'a b', '[x]', '%41', 'caf\xc3\xa9', '.hidden']
  if (server.name !== 'pure-ftpd') names.push('trail ', ' ')
  t.same(codes(await session.flight([bare('MKD', '/d'), bare('MKD', '/e')])), [257, 257])
  for (const name of names) {
    t.same(codes(await store(session, bareFile(`/d/${name}`), Buffer.from(name, 'latin1'))), [226], name)
    t.equal(((await retrieve(session, 'RETR', bareFile(`/d/${name}`))) as Buffer).toString('latin1'), name)
  }
  const stored = await readdir(join(server.root, 'd'), { encoding: 'latin1' as 'utf8' })
  t.same(stored.sort(), [...names].sort())
  const sizes = await session.flight(names.map(name => bare('SIZE', `/d/${name}`)))
  t.same(
    sizes.map(({ lines }) => lines[0]),
    names.map(name => `213 ${name.length}`),
  )
  const moved = names.flatMap(name => [bare('RNFR', `/d/${name}`), bare('RNTO', `/e/${name}`)])
  for (const reply of await session.flight(moved)) t.ok(isPositive(reply), reply.lines.join())
  for (const reply of await session.flight(names.map(name => bare('DELE', `/e/${name}`))))
    t.equal(reply.code, 250)
  t.same(codes(await session.flight([bare('RMD', '/d'), bare('RMD', '/e')])), [250, 250])
  t.same(await readdir(server.root), [])
  t.notOk(recording.commands.some(line => /^(STOR|RETR|SIZE|DELE|MKD|RMD|RNFR) \/(?![de]\/ )/.test(line)))
})

await forServers(
  t,
  'a folder that is created again under the name of the working directory',
  async (t, server) => {
    const { session, logIn } = await sessionOn(t, server)
    const names = async (folder: string) => {
      const along = session.into(folder)
      const chunks: Buffer[] = []
      const commands = [command('NLST')]
      const incoming = await Incoming.open(session, { along, commands, onData: chunk => chunks.push(chunk) })
      await (incoming as Incoming).done
      const names = Buffer.concat(chunks).toString().split('\r\n')
      return names.filter(name => !/^\.*$/.test(name)).join()
    }
    await session.flight([command('MKD', '/a')])
    await store(session, '/a/old', '')
    t.equal(await names('/a'), 'old')
    const other = await logIn()
    t.ok(
      (await other.flight([command('DELE', '/a/old'), command('RMD', '/a'), command('MKD', '/a')])).every(
        isPositive,
      ),
    )
    await store(session, '/a/new', '')
    t.equal(await names('/a'), 'new')
    t.ok((await other.flight([command('RNFR', '/a'), command('RNTO', '/b')])).every(isPositive))
    await session.flight([command('MKD', '/a')])
    await store(session, '/a/third', '')
    t.equal(await names('/a'), 'third')
  },
)

await forServers(
  t,
  'names that are not UTF-8 survive, even with the byte FF',
  async (t, server) => {
    const { session } = await sessionOn(t, server)
    const names = [
      'caf\xe9',
      '\x80',
      'a\xffb',
      '\xff',
      '\xff\xff',
      '\xff\xf4y',
      '\xfe\xfd\xfc\xfb',
      '\xff\xfb\xffz\xff',
    ]
    for (const name of names) {
      const path = `/${name}`
      const [made, entered, where] = await session.flight([
        command('MKD', path),
        command('CWD', path),
        command('PWD'),
      ])
      t.same(codes([made!, entered!]), [257, 250])
      t.equal(quotedPath(where!, session.server.quirks), path)
      t.same(codes(await store(session, `${path}/${name}`, 'abc')), [226])
    }
    t.same((await readdir(server.root, { encoding: 'latin1' as 'utf8' })).sort(), [...names].sort())
  },
  // pyftpdlib 1.5.7 replaces invalid UTF-8 with U+FFFD.
  { only: realServerNames.filter(name => name !== 'pyftpdlib') },
)

await forServers(t, 'a wrong password is refused, without a word of it', async (t, server) => {
  const error: unknown = await sessionOn(t, server, { password: 'wrong-password' }).catch(
    (error: unknown) => error,
  )
  t.type(error, LoginError)
  t.match(error, { cause: { code: 530 } })
  t.notMatch(String(error), new RegExp(`wrong-password|${server.user}`))
})

await forServers(
  t,
  'a server that is full says so',
  async (t, server) => {
    const { session, logIn } = await sessionOn(t, server)
    const error: unknown = await logIn().catch((error: unknown) => error)
    t.type(error, TooManyConnectionsError)
    t.ok(session.usable)
  },
  { maxClients: 1 },
)
