import t, { type Test } from 'tap'
import { X509Certificate } from 'node:crypto'
import type { FtpVfsOptions } from '../../lib/index.js'
import { hashesOf, makeAuthority, selfSigned, type Certificate } from '../support/certificates.js'
import { forServers } from '../support/for-servers.js'
import type { RealServer } from '../support/real-servers.js'
import { failure, nextTurn, open, warnings } from './vfs-on.js'

const day = 86_400_000
const ago = (days: number) => new Date(Date.now() - days * day)

const authority = await makeAuthority()
const other = await makeAuthority('another authority')
const issued = await authority.issue()

const explicit = (t: Test, server: RealServer, options: FtpVfsOptions = {}) =>
  open(t, server.url, { encryptionMode: 'Explicit', connections: 1, ...options })

/** The certificate is refused, with its hashes ready to paste; nothing but `acceptAnySslCertificate` helps. */
async function refused(
  t: Test,
  server: RealServer,
  { cert }: Certificate,
  flaw: RegExp,
  options: FtpVfsOptions = {},
): Promise<void> {
  const { fingerprint, fingerprint256 } = new X509Certificate(cert)
  const error = await failure(explicit(t, server, options).readdir('/'))
  t.match(error, { code: 'ERR_FTP_CERTIFICATE', fingerprint, fingerprint256, message: flaw })
  t.match(error.message, `SHA-256 ${fingerprint256} and SHA-1 ${fingerprint}`)
}

async function works(t: Test, server: RealServer, options: FtpVfsOptions): Promise<void> {
  const vfs = explicit(t, server, options)
  await vfs.writeFile('/file', 'content')
  t.equal(await vfs.readFile('/file', 'utf8'), 'content')
}

const own = await selfSigned()
await forServers(
  t,
  'a self-signed certificate is refused, until its hash is pasted',
  async (t, server) => {
    await refused(t, server, own, /self-signed/)
    await refused(t, server, own, /self-signed|authority/, { ca: authority.ca })
    const { fingerprint256 } = new X509Certificate(own.cert)
    const { sha1, sha256 } = hashesOf(own.cert)
    await works(t, server, { acceptSpecifiedSslHash: fingerprint256 })
    await works(t, server, { acceptSpecifiedSslHash: sha1.toLowerCase() })
    await works(t, server, { acceptSpecifiedSslHash: [hashesOf(issued.cert).sha256, ` ${sha256} `] })
    await works(t, server, { ca: own.ca })
    await refused(t, server, own, /acceptSpecifiedSslHash/, {
      ca: own.ca,
      acceptSpecifiedSslHash: hashesOf(issued.cert).sha256,
    })
  },
  { tls: own },
)

await forServers(
  t,
  'the certificate of an authority',
  async (t, server) => {
    await refused(t, server, issued, /authority/)
    await refused(t, server, issued, /authority/, { ca: other.ca })
    await works(t, server, { ca: authority.ca })
    await works(t, server, { ca: [other.ca, authority.ca] })
    // The server sends its chain.
    await works(t, server, { acceptSpecifiedSslHash: hashesOf(authority.ca).sha256 })
  },
  { tls: issued },
)

await forServers(
  t,
  "an authority's hash is worth nothing where the server does not send its chain",
  async (t, server) => {
    const acceptSpecifiedSslHash = hashesOf(authority.ca).sha256
    await refused(t, server, issued, /no hash of acceptSpecifiedSslHash/, { acceptSpecifiedSslHash })
  },
  { tls: { cert: issued.cert, key: issued.key } },
)

const expired = await authority.issue({ notBefore: ago(30), notAfter: ago(1) })
const early = await authority.issue({ notBefore: ago(-1) })
for (const [what, certificate, flaw, pinnedFlaw] of [
  ['has expired', expired, /expired/, /expired on .*a hash does not excuse/],
  ['is not valid yet', early, /not valid yet/, /not valid before/],
] as const) {
  await forServers(
    t,
    `a certificate that ${what} is refused, with its hash too`,
    async (t, server) => {
      await refused(t, server, certificate, flaw, { ca: authority.ca })
      const acceptSpecifiedSslHash = hashesOf(certificate.cert).sha256
      await refused(t, server, certificate, pinnedFlaw, { acceptSpecifiedSslHash })
    },
    { tls: certificate },
  )
}

const misnamed = await authority.issue({ names: ['ftp.example.com', '10.9.8.7'] })
await forServers(
  t,
  'a certificate for another name is refused, until its hash is pasted',
  async (t, server) => {
    await refused(t, server, misnamed, /127\.0\.0\.1/, { ca: authority.ca })
    await works(t, server, { acceptSpecifiedSslHash: hashesOf(misnamed.cert).sha1 })
  },
  { tls: misnamed },
)

await forServers(
  t,
  'acceptAnySslCertificate takes what has expired, and warns once',
  async (t, server) => {
    const codes = warnings(t)
    const vfs = explicit(t, server, { acceptAnySslCertificate: true, connections: 2 })
    await Promise.all([vfs.connect(), vfs.connect()])
    await vfs.writeFile('/file', 'content')
    t.equal(await vfs.readFile('/file', 'utf8'), 'content')
    await nextTurn()
    t.equal(vfs.stats().opened, 2)
    t.same(codes, ['FTP_VFS_ANY_CERTIFICATE'])
  },
  { tls: expired },
)

const mine = await other.issue({ names: ['client'] })
await forServers(
  t,
  'a client certificate, where the server demands one',
  async (t, server) => {
    const { cert, key } = mine
    await works(t, server, { ca: authority.ca, cert, key })
    const error = await failure(explicit(t, server, { ca: authority.ca }).readdir('/'))
    t.match(error, { code: 'ERR_FTP_TLS', message: /alert certificate required/ })
    const stranger = await failure(
      explicit(t, server, { ca: authority.ca, cert: issued.cert, key: issued.key }).readdir('/'),
    )
    t.match(stranger, { code: 'ERR_FTP_TLS', message: /alert unknown ca/ })
  },
  // Debian builds Pure-FTPd 1.0.50 without client certificates, and pyftpdlib 1.5.7 knows none.
  { tls: { ...issued, clientCa: other.ca }, only: ['vsftpd', 'proftpd'] },
)
