import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect, createServer, type ConnectionOptions } from 'node:tls'
import t from 'tap'
import { hashesOf, makeAuthority, selfSigned, type Certificate } from './certificates.js'

const authority = await makeAuthority()

/** What a client of Node's tls gets from a server that shows the certificate. */
async function meet({ cert, key }: Certificate, options: ConnectionOptions): Promise<string> {
  const server = createServer({ cert, key }, socket => socket.end('met'))
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', ...options })
  try {
    return await text(socket)
  } finally {
    socket.destroy()
    server.close()
  }
}

void t.test('an issued certificate is good for whoever trusts the authority', async t => {
  const certificate = await authority.issue()
  t.equal(certificate.ca, authority.ca)
  t.equal(await meet(certificate, { ca: certificate.ca }), 'met', 'by its address')
  t.equal(await meet(certificate, { ca: certificate.ca, servername: 'localhost' }), 'met', 'by its name')
  t.ok(new X509Certificate(certificate.cert).checkIP('::1'))
  await t.rejects(meet(certificate, {}), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  const stranger = await makeAuthority()
  await t.rejects(meet(certificate, { ca: stranger.ca }), Error)
})

void t.test('a self-signed certificate is good for whoever trusts itself', async t => {
  const certificate = await selfSigned()
  t.equal(await meet(certificate, { ca: certificate.ca }), 'met')
  await t.rejects(meet(certificate, {}), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

void t.test('names and dates are as asked for', async t => {
  const past = new Date('2020-01-01T00:00:00Z')
  const future = new Date('2040-01-01T00:00:00Z')
  for (const make of [selfSigned, authority.issue]) {
    const trusting = async (certificate: Certificate) => meet(certificate, { ca: certificate.ca })
    await t.rejects(trusting(await make({ notAfter: past, notBefore: new Date(0) })), {
      code: 'CERT_HAS_EXPIRED',
    })
    await t.rejects(trusting(await make({ notBefore: future, notAfter: new Date('2041-01-01') })), {
      code: 'CERT_NOT_YET_VALID',
    })
    await t.rejects(trusting(await make({ names: ['ftp.example.com'] })), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  }
})

void t.test('hashes are those of the DER form', async t => {
  const { cert } = await selfSigned()
  const { raw } = new X509Certificate(cert)
  const hash = (name: string) => createHash(name).update(raw).digest('hex').toUpperCase()
  t.same(hashesOf(cert), { sha1: hash('sha1'), sha256: hash('sha256') })
})
