import t, { type Test } from 'tap'
import { FtpVfs, type FtpVfsOptions } from '../../lib/index.js'
import { makeAuthority, selfSigned } from '../support/certificates.js'
import { forServers } from '../support/for-servers.js'
import type { RealServer } from '../support/real-servers.js'
import { recordControl, type ControlRecording } from '../support/recording-proxy.js'
import { failure, nextTurn, open, warnings } from './vfs-on.js'

const authority = await makeAuthority()
const issued = await authority.issue()
const own = await selfSigned()

/** Through a proxy that sees what goes over the control connection. */
async function recorded(
  t: Test,
  server: RealServer,
  options: FtpVfsOptions,
): Promise<[FtpVfs, ControlRecording]> {
  const recording = await recordControl(server)
  t.teardown(() => recording.stop())
  const { user, password } = server
  return [open(t, recording.url, { user, password, connections: 1, ...options }), recording]
}

const nothingOfTheLogin = (t: Test, { commands }: ControlRecording, { user, password }: RealServer) => {
  const said = commands.join('\n')
  for (const secret of ['USER', 'PASS', user, password]) t.notOk(said.includes(secret), `no ${secret}`)
}

await forServers(t, 'Explicit, on a server without TLS: nothing of the login is sent', async (t, server) => {
  const [vfs, recording] = await recorded(t, server, { encryptionMode: 'Explicit' })
  t.match(await failure(vfs.readdir('/')), { code: 'ERR_FTP_TLS', message: /refused TLS: 5\d\d / })
  t.equal(recording.commands[0], 'AUTH TLS')
  nothingOfTheLogin(t, recording, server)
})

await forServers(t, 'Auto, on a server without TLS: in the clear, and warns once', async (t, server) => {
  const codes = warnings(t)
  const [vfs, recording] = await recorded(t, server, { encryptionMode: 'Auto', connections: 2 })
  await Promise.all([vfs.connect(), vfs.connect()])
  await vfs.writeFile('/file', 'content')
  t.equal(await vfs.readFile('/file', 'utf8'), 'content')
  await nextTurn()
  t.equal(vfs.stats().opened, 2)
  t.same(codes, ['FTP_VFS_PLAINTEXT'])
  t.equal(recording.commands.filter(line => line === 'AUTH TLS').length, 2, 'asked each time')
  t.ok(recording.commands.includes(`USER ${server.user}`))
})

await forServers(
  t,
  'Auto, on a server with TLS: encrypted, without a warning',
  async (t, server) => {
    const codes = warnings(t)
    const [vfs, recording] = await recorded(t, server, { encryptionMode: 'Auto', ca: authority.ca })
    await vfs.writeFile('/file', 'content')
    t.equal(await vfs.readFile('/file', 'utf8'), 'content')
    await nextTurn()
    t.same(codes, [])
    nothingOfTheLogin(t, recording, server)
  },
  { tls: issued },
)

await forServers(
  t,
  'Explicit and Auto, with a certificate that nobody trusts: nothing of the login is sent',
  async (t, server) => {
    for (const encryptionMode of ['Explicit', 'Auto'] as const) {
      const [vfs, recording] = await recorded(t, server, { encryptionMode })
      t.match(await failure(vfs.readdir('/')), { code: 'ERR_FTP_CERTIFICATE' })
      t.equal(recording.commands[0], 'AUTH TLS')
      nothingOfTheLogin(t, recording, server)
    }
  },
  { tls: own },
)

await forServers(
  t,
  'Implicit',
  async (t, server) => {
    const vfs = open(t, server.url, { encryptionMode: 'Implicit', ca: authority.ca })
    await vfs.writeFile('/file', 'content')
    t.equal(await vfs.readFile('/file', 'utf8'), 'content')
    const [untrusting, recording] = await recorded(t, server, { encryptionMode: 'Implicit' })
    t.match(await failure(untrusting.readdir('/')), { code: 'ERR_FTP_CERTIFICATE' })
    nothingOfTheLogin(t, recording, server)
  },
  // Pure-FTPd 1.0.50 has none.
  { tls: { ...issued, implicit: true }, only: ['vsftpd', 'proftpd', 'pyftpdlib'] },
)

await forServers(t, 'Implicit, on a server without TLS, fails at once', async (t, server) => {
  const [vfs, recording] = await recorded(t, server, { encryptionMode: 'Implicit' })
  t.match(await failure(vfs.readdir('/')), { code: 'ERR_FTP_TLS' })
  nothingOfTheLogin(t, recording, server)
})
