import { webcrypto, X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import t, { type Test } from 'tap'
import { judgeCertificate } from '../../../lib/wire/tls/certificate.js'
import type { SecurityOptions } from '../../../lib/wire/session/session-options.js'
import { hashesOf, makeAuthority, selfSigned } from '../../support/certificates.js'
import { startScriptedServer, type ScriptTls } from '../../support/scripted-server.js'
import { authority, secured, securedSession, warnings } from '../tls-session.js'
// Imported after certificates.ts, which it needs for loading.
const x509 = await import('@peculiar/x509')

const day = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * day)
const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
}
const keys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const der = (pem: string) => Buffer.from(pem.replace(/-----.*?-----|\s/g, ''), 'base64')

const own = await selfSigned()
const issued = await authority.issue()

type Trust = Partial<
  Pick<SecurityOptions, 'ca' | 'acceptSpecifiedSslHash' | 'acceptAnySslCertificate' | 'host'>
>
const hash = (cert: string) => hashesOf(cert).sha256.toLowerCase()
const sha1 = (cert: string) => hashesOf(cert).sha1.toLowerCase()
const trust = ({ ca, ...options }: Trust) => ({ ...options, ...(ca !== undefined && { ca }) })

/** A session without a trusted authority of its own. */
const shown = (t: Test, tls: Partial<ScriptTls>, options: Trust) =>
  secured(t, { tls, options: { ca: [], acceptSpecifiedSslHash: [], ...trust(options) } })

async function accepted(t: Test, tls: Partial<ScriptTls>, options: Trust, what = 'accepted') {
  t.ok((await (await shown(t, tls, options)).logIn()).usable, what)
}

/** Refused, with the hashes to paste, before USER is sent. */
async function refused(t: Test, tls: Partial<ScriptTls> & { cert: string }, options: Trust, flaw: RegExp) {
  const { logIn, since } = await shown(t, tls, options)
  const { fingerprint, fingerprint256 } = new X509Certificate(tls.cert)
  const error = await logIn().then(
    () => undefined,
    (error: Error) => error,
  )
  t.match(error, { name: 'CertificateError', code: 'ERR_FTP_CERTIFICATE', fingerprint, fingerprint256 })
  t.match(error?.message, flaw)
  t.ok(error?.message.includes(`SHA-256 ${fingerprint256} and SHA-1 ${fingerprint}`))
  t.same(
    since().filter(line => line !== 'QUIT'),
    ['AUTH TLS'],
  )
}

await t.test('a self-signed certificate', async t => {
  const { cert, key } = own
  const tls = { cert, key }
  await refused(t, tls, {}, /^The certificate of 127\.0\.0\.1 is not accepted: it is self-signed\./)
  await refused(t, tls, { ca: authority.ca }, /self-signed/)
  await accepted(t, tls, { ca: cert })
  await accepted(t, tls, { acceptSpecifiedSslHash: [hash(cert)] }, 'its SHA-256')
  await accepted(t, tls, { acceptSpecifiedSslHash: [sha1(cert)] }, 'its SHA-1')
  await accepted(t, tls, { acceptSpecifiedSslHash: [hash(issued.cert), sha1(cert)] }, 'one of several')
})

await t.test('the certificate of an authority', async t => {
  const { cert, key } = issued
  const alone = { cert, key }
  await refused(t, alone, {}, /the authority that signed it is not known/)
  await refused(t, { ...alone, ca: authority.ca }, {}, /not (?:known|trusted)/)
  const another = await makeAuthority('another')
  await refused(t, alone, { ca: another.ca }, /the authority that signed it is not known/)
  await accepted(t, alone, { ca: authority.ca })
  await accepted(t, alone, { ca: [another.ca, authority.ca] })
})

await t.test('dates', async t => {
  const expired = await authority.issue({ notBefore: inDays(-30), notAfter: inDays(-1) })
  const early = await authority.issue({ notBefore: inDays(1) })
  const { ca } = authority
  for (const [{ cert, key }, flaw, pinned] of [
    [expired, /it has expired/, /that of CN=localhost expired on .+; a hash does not excuse that/],
    [early, /it is not valid yet/, /that of CN=localhost is not valid before /],
  ] as const) {
    await refused(t, { cert, key }, { ca }, flaw)
    await refused(t, { cert, key }, { acceptSpecifiedSslHash: [hash(cert)] }, pinned)
    await refused(t, { cert, key, ca }, { acceptSpecifiedSslHash: [hash(ca)] }, pinned)
    await accepted(t, { cert, key }, { acceptAnySslCertificate: true })
  }

  await t.test('the dates of an authority count with its hash', async t => {
    const { cert, key } = await authority.issue({ notAfter: inDays(730) })
    const later = inDays(500).getTime()
    t.intercept(Date, 'now', { value: () => later })
    const pinned = { acceptSpecifiedSslHash: [hash(ca)] }
    await refused(t, { cert, key, ca }, pinned, /that of CN=ftp-vfs test authority expired on /)
    await accepted(t, { cert, key, ca }, { acceptSpecifiedSslHash: [hash(cert)] }, 'otherwise they do not')
  })
})

await t.test('names', async t => {
  const { ca } = authority
  const named = async (...names: string[]) => {
    const { cert, key } = await authority.issue({ names })
    return { cert, key }
  }
  const other = await named('ftp.example.com', '10.9.8.7')
  await refused(t, other, { ca }, /127\.0\.0\.1/)
  await accepted(t, other, { acceptSpecifiedSslHash: [sha1(other.cert)] }, 'a hash replaces the check')
  await accepted(t, other, { ca, acceptAnySslCertificate: true })
  const name = await named('localhost')
  await accepted(t, name, { ca, host: 'localhost' })
  await refused(t, name, { ca }, /127\.0\.0\.1/)
  await accepted(t, await named('127.0.0.1'), { ca })

  await t.test('an IPv6 address as host', async t => {
    const given = (names: string[]) => {
      const options = { ca, host: '::1' }
      return named(...names).then(tls => secured(t, { tls, script: { host: '::1' }, options }))
    }
    t.ok((await (await given(['::1'])).logIn()).usable)
    await t.rejects((await given(['127.0.0.1', '::2'])).logIn(), { code: 'ERR_FTP_CERTIFICATE' })
  })

  await t.test('an IPv6 address with a zone', async t => {
    // Loopback has no such address: the certificate is checked without a connection.
    const server = await startScriptedServer({
      host: '::1',
      tls: { ...(await named('::1')), mode: 'implicit' },
    })
    t.teardown(() => server.stop())
    const unchecked = { servername: '', checkServerIdentity: () => undefined }
    const socket = connect({ host: '::1', port: server.port, ca, ...unchecked })
    await new Promise(resolve => socket.once('secureConnect', resolve))
    const options = { sslProtocols: {}, acceptSpecifiedSslHash: [], acceptAnySslCertificate: false }
    t.equal(judgeCertificate(socket, { ...options, host: '::1%lo' }), undefined)
    socket.destroy()
  })
})

await t.test('acceptSpecifiedSslHash', async t => {
  const { cert, key } = issued
  const { ca } = authority

  await t.test('decides, even if `ca` trusts the certificate', async t => {
    const acceptSpecifiedSslHash = [hash(own.cert)]
    await refused(
      t,
      { cert, key },
      { ca, acceptSpecifiedSslHash },
      /no hash of acceptSpecifiedSslHash is its hash/,
    )
  })

  await t.test('may be the hash of an authority in the chain that the server sends', async t => {
    await accepted(t, { cert, key, ca }, { acceptSpecifiedSslHash: [hash(ca)] }, 'SHA-256')
    await accepted(t, { cert, key, ca }, { acceptSpecifiedSslHash: [sha1(ca)] }, 'SHA-1')
    await refused(t, { cert, key }, { acceptSpecifiedSslHash: [hash(ca)] }, /no hash/)
  })

  await t.test('is not fooled by a server with certificates that have not signed its own', async t => {
    const pinned = { acceptSpecifiedSslHash: [hash(ca), sha1(ca)] }
    const show = (leaf: { cert: string; key: string }, ...others: string[]) =>
      refused(t, { cert: leaf.cert, key: leaf.key, ca: others.join('\n') }, pinned, /no hash/)
    await show(own, ca)
    const namesake = await makeAuthority()
    await show(await namesake.issue(), ca)
    await show(await namesake.issue(), namesake.ca, ca)
    // Without key identifiers, only the signature shows the signer.
    const mallory = await keys()
    await show(await leafBy(ca, mallory.privateKey), ca)
    // A certificate that the authority issued cannot sign others.
    const holder = await webcrypto.subtle.importKey('pkcs8', der(key), algorithm, false, ['sign'])
    await show(await leafBy(cert, holder), cert, ca)
  })
})

await t.test('acceptAnySslCertificate accepts every certificate, and warns once', async t => {
  const warned = warnings(t)
  const { cert, key } = await selfSigned({
    names: ['elsewhere'],
    notBefore: inDays(-9),
    notAfter: inDays(-8),
  })
  const { logIn, session } = await securedSession(t, {
    tls: { cert, key },
    options: { ca: [], acceptAnySslCertificate: true },
  })
  t.ok(session.usable)
  await logIn()
  t.same(warned(), ['FTP_VFS_ANY_CERTIFICATE'])
  const plain = await secured(t, { options: { encryptionMode: 'None', acceptAnySslCertificate: true } })
  await plain.logIn()
  t.same(warned(), ['FTP_VFS_ANY_CERTIFICATE'], 'no warning without TLS')
})

/** A certificate that names `issuer` and is signed with any key. */
async function leafBy(issuer: string, signingKey: webcrypto.CryptoKey) {
  const { publicKey, privateKey } = await keys()
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: ['localhost'] }],
    issuer: new x509.X509Certificate(issuer).subject,
    publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    notBefore: inDays(-1),
    notAfter: inDays(1),
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', privateKey)
  return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') }
}
