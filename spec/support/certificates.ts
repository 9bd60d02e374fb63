import { webcrypto, X509Certificate as NodeCertificate } from 'node:crypto'
import { isIP } from 'node:net'

// tsyringe inside @peculiar/x509 2.2.0 refuses to load without the functions of reflect-metadata. All that it asks them
// here is which constructor parameters to inject, and there are none.
const reflect = Reflect as { getMetadata?: () => unknown; getOwnMetadata?: () => unknown }
reflect.getMetadata ??= () => undefined
reflect.getOwnMetadata ??= () => undefined
const x509 = await import('@peculiar/x509')

/** What a certificate says. */
export interface CertificateOptions {
  /** DNS names and IP addresses (subjectAltName). Default: `localhost`, `127.0.0.1` and `::1`. */
  names?: string[]
  /** Default: a day ago. */
  notBefore?: Date
  /** Default: in a year. */
  notAfter?: Date
}

/** A certificate and its key, as Node's `tls` and the servers take them: PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  /** Whom to trust: the certificate of the authority; of a self-signed certificate, itself. */
  readonly ca: string
}

/** Issues certificates that its own one vouches for. */
export interface Authority {
  readonly ca: string
  issue(options?: CertificateOptions): Promise<Certificate>
}

const day = 86_400_000
const algorithm = {
  // RSA with 2048 bits, which every server and every security level of OpenSSL takes.
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
}

/** A new authority, which nobody trusts yet. */
export async function makeAuthority(name = 'ftp-vfs test authority'): Promise<Authority> {
  const authorityKeys = await makeKeys()
  const { notBefore, notAfter } = validity({})
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  })
  const ca = authority.toString('pem')
  return {
    ca,
    async issue(options = {}) {
      const keys = await makeKeys()
      const certificate = await x509.X509CertificateGenerator.create({
        subject: subject(options),
        issuer: authority.subject,
        publicKey: keys.publicKey,
        signingKey: authorityKeys.privateKey,
        signingAlgorithm: algorithm,
        ...validity(options),
        extensions: [
          ...endEntity(options),
          await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
        ],
      })
      return { cert: certificate.toString('pem'), key: await pem(keys.privateKey), ca }
    },
  }
}

/** A certificate that only itself vouches for. */
export async function selfSigned(options: CertificateOptions = {}): Promise<Certificate> {
  const keys = await makeKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject(options),
    keys,
    signingAlgorithm: algorithm,
    ...validity(options),
    extensions: endEntity(options),
  })
  const cert = certificate.toString('pem')
  return { cert, key: await pem(keys.privateKey), ca: cert }
}

/** The hashes of a certificate in upper-case hex without colons, as `acceptSpecifiedSslHash` takes them. */
export function hashesOf(cert: string): { sha1: string; sha256: string } {
  const { fingerprint, fingerprint256 } = new NodeCertificate(cert)
  return { sha1: fingerprint.replaceAll(':', ''), sha256: fingerprint256.replaceAll(':', '') }
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

const namesOf = ({ names = ['localhost', '127.0.0.1', '::1'] }: CertificateOptions) => names

const subject = (options: CertificateOptions) => [{ CN: [namesOf(options)[0] ?? 'nameless'] }]

function validity({ notBefore, notAfter }: CertificateOptions): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  return { notBefore: notBefore ?? new Date(now - day), notAfter: notAfter ?? new Date(now + 365 * day) }
}

function endEntity(options: CertificateOptions) {
  const names = namesOf(options).map(value => ({
    type: isIP(value) ? ('ip' as const) : ('dns' as const),
    value,
  }))
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags
  return [
    new x509.BasicConstraintsExtension(false),
    new x509.KeyUsagesExtension(digitalSignature | keyEncipherment),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    ...(names.length ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ]
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}
