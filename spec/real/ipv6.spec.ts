import t from 'tap'
import { makeAuthority } from '../support/certificates.js'
import { forServers } from '../support/for-servers.js'
import { open } from './vfs-on.js'

const authority = await makeAuthority()
const issued = await authority.issue()

/** Over IPv6 there are neither PASV nor PORT (RFC 2428). */
const commandOf = { AutoPassive: 'EPSV', PASV: 'EPSV', PASVUSE: 'EPSV', AutoActive: 'EPRT', PORT: 'EPRT' }
const types = Object.keys(commandOf) as (keyof typeof commandOf)[]

await forServers(
  t,
  'over IPv6, passive and active',
  async (t, server) => {
    t.match(server.url, /@\[::1\]:\d+\//)
    for (const dataConnectionType of types) {
      const vfs = open(t, server.url, { connections: 1, dataConnectionType })
      await vfs.writeFile('/file', dataConnectionType)
      t.equal(await vfs.readFile('/file', 'utf8'), dataConnectionType)
      t.same(await vfs.readdir('/'), ['file'])
      await vfs.close()
    }
  },
  { host: '::1' },
)

await forServers(
  t,
  'over IPv6 and TLS, passive and active',
  async (t, server) => {
    for (const dataConnectionType of ['AutoPassive', 'PASV', 'AutoActive'] as const) {
      const vfs = open(t, server.url, {
        encryptionMode: 'Explicit',
        ca: authority.ca,
        connections: 1,
        dataConnectionType,
      })
      await vfs.writeFile('/file', dataConnectionType)
      t.equal(await vfs.readFile('/file', 'utf8'), dataConnectionType)
      await vfs.close()
    }
  },
  { host: '::1', tls: issued },
)
