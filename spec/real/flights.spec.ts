import t, { type Test } from 'tap'
import { command } from '../../lib/wire/session/command.js'
import { login } from '../../lib/wire/session/login.js'
import { ServerProfile } from '../../lib/wire/server/server-profile.js'
import type { SessionOptions } from '../../lib/wire/session/session.js'
import { makeAuthority } from '../support/certificates.js'
import { forServers } from '../support/for-servers.js'
import type { RealServer } from '../support/real-servers.js'
import { sessionOptions, silentLog } from '../wire/scripted-session.js'

const authority = await makeAuthority()
const issued = await authority.issue()
const tls = { encryptionMode: 'Explicit', ca: authority.ca } as const

/** More than 30 KiB of commands, in flights that a reader cuts at every place of a command. */
async function largeFlights(
  t: Test,
  { port, user, password }: RealServer,
  options: Partial<SessionOptions> = {},
): Promise<void> {
  const settings = sessionOptions(port, { user, password, shortTimeout: 20_000, ...options })
  const session = await login(settings, new ServerProfile(), silentLog(settings))
  t.teardown(() => session.close())
  const [first, one, other] = [command('NOOP'), command('SIZE', '/x'), command('CWD', '/')]
  for (let more = 0; more < 10; more++) {
    // `NOOP ` with some spaces, then pairs of 9 and 7 bytes.
    const pairs = Array.from({ length: 2_000 }, () => [one, other]).flat()
    const start = { ...first, verb: `NOOP${' '.repeat(more)}` }
    const codes = (await session.flight([start, ...pairs])).map(({ code }) => code)
    t.same(
      codes.slice(1),
      pairs.map(asked => (asked === one ? 550 : 250)),
    )
  }
  t.ok(session.usable)
}

// ProFTPD 1.3.8 makes one command of two where a read ends between CR and LF.
await forServers(t, 'no command of a large flight is lost', (t, server) => largeFlights(t, server))

// ProFTPD and Pure-FTPd read 4 KiB of a TLS record and then wait, though they hold the rest: a flight goes in smaller ones.
for (const protocol of ['TLSv1.2', 'TLSv1.3'] as const) {
  await forServers(
    t,
    `no command of a large flight is lost, ${protocol}`,
    (t, server) => largeFlights(t, server, tls),
    { tls: { ...issued, protocol } },
  )
}
