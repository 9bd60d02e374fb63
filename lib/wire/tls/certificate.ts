import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { checkServerIdentity, type TLSSocket } from 'node:tls'
import { CertificateError } from '../ftp-errors.js'
import type { SecurityOptions } from '../session/session-options.js'

/** The error for the server's certificate; undefined if it is trusted. */
export function judgeCertificate(socket: TLSSocket, options: SecurityOptions): CertificateError | undefined {
  // A server that resumes a TLS session has its secret, and has shown the certificate before.
  if (options.acceptAnySslCertificate || socket.isSessionReused()) return undefined
  // Call this only once: in Node 20 to 24 it removes the certificate from the socket.
  const leaf = socket.getPeerX509Certificate()
  if (!leaf) return new CertificateError(options.host, 'the server showed none')
  const flaw = flawOf(socket, leaf, options)
  return flaw === undefined ? undefined : new CertificateError(options.host, flaw, leaf)
}

function flawOf(
  socket: TLSSocket,
  leaf: X509Certificate,
  { host, acceptSpecifiedSslHash: hashes }: SecurityOptions,
): string | undefined {
  if (hashes.length > 0) return hashFlaw(leaf, hashes)
  // Despite its type, it is a code such as DEPTH_ZERO_SELF_SIGNED_CERT.
  const chain = socket.authorizationError as unknown as string | null
  if (chain) return reasons[chain] ?? chain.toLowerCase().replaceAll('_', ' ')
  const name = host.split('%')[0]!
  // checkServerIdentity of Node 22.23 does not support IPv6 addresses.
  if (isIP(name))
    return leaf.checkIP(name)
      ? undefined
      : `it is not for the address ${name}, only for ${leaf.subjectAltName ?? 'other names'}`
  return checkServerIdentity(name, leaf.toLegacyObject())?.message.replace(/\.$/, '')
}

/** A matching hash replaces the checks of name and chain, but not of the dates. */
function hashFlaw(leaf: X509Certificate, hashes: readonly string[]): string | undefined {
  const path = chainOf(leaf)
  const at = path.findIndex(
    certificate =>
      hashes.includes(hex(certificate.fingerprint)) || hashes.includes(hex(certificate.fingerprint256)),
  )
  if (at < 0) return 'no hash of acceptSpecifiedSslHash is its hash, or that of an authority above it'
  return path
    .slice(0, at + 1)
    .map(dateFlaw)
    .find(flaw => flaw !== undefined)
}

/**
 * The certificate and the authorities above it, as far as each has signed the certificate before
 * it: a server may send unrelated certificates.
 */
function chainOf(leaf: X509Certificate): X509Certificate[] {
  const path = [leaf]
  for (
    let last = leaf, next = leaf.issuerCertificate;
    next?.ca;
    [last, next] = [next, next.issuerCertificate]
  ) {
    const signed = last.checkIssued(next) && last.verify(next.publicKey)
    if (!signed || path.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break
    path.push(next)
  }
  return path
}

function dateFlaw({ validFrom, validTo, subject }: X509Certificate): string | undefined {
  const whose = `of ${subject.replaceAll('\n', ', ')}`
  if (Date.now() < Date.parse(validFrom)) return `that ${whose} is not valid before ${validFrom}`
  if (Date.now() > Date.parse(validTo))
    return `that ${whose} expired on ${validTo}; a hash does not excuse that`
  return undefined
}

const hex = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase()

/** Messages for OpenSSL's codes (verify(1)) whose names are not clear by themselves. */
const reasons: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority at the top of its chain is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority that signed it is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority that signed it is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority that signed it is not known',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
}
