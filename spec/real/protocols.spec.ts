import t, { type Test } from 'tap'
import type { FtpVfsOptions } from '../../lib/index.js'
import { makeAuthority } from '../support/certificates.js'
import { forServers } from '../support/for-servers.js'
import type { RealServer } from '../support/real-servers.js'
import { failure, open } from './vfs-on.js'

const authority = await makeAuthority()
const issued = await authority.issue()

const vfsWith = (t: Test, server: RealServer, sslProtocols: FtpVfsOptions['sslProtocols']) =>
  open(t, server.url, { encryptionMode: 'Explicit', ca: authority.ca, connections: 1, sslProtocols })

for (const [protocol, name, wrong] of [
  ['TLSv1.2', 'Tls12', 'Tls13'],
  ['TLSv1.3', 'Tls13', 'Tls12'],
] as const) {
  await forServers(
    t,
    `a server that speaks nothing but ${protocol}`,
    async (t, server) => {
      for (const sslProtocols of [name, 'Tls12,Tls13', 'None', ['Tls12', 'Tls13']] as const) {
        const vfs = vfsWith(t, server, sslProtocols)
        await vfs.writeFile('/file', 'content')
        t.equal(await vfs.readFile('/file', 'utf8'), 'content', String(sslProtocols))
        t.same(await vfs.readdir('/'), ['file'])
        await vfs.close()
      }
      const error = await failure(vfsWith(t, server, wrong).readdir('/'))
      t.match(error, {
        code: 'ERR_FTP_TLS',
        message: /handshake with 127\.0\.0\.1 failed: .*alert protocol version/,
      })
    },
    { tls: { ...issued, protocol } },
  )
}
