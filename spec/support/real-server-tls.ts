import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A server that speaks TLS: AUTH TLS is offered, nothing is demanded, unless `implicit`. Keys and certificates are PEM. */
export interface ServerTls {
  cert: string
  key: string
  /** Sent behind the certificate. Default: nothing. */
  ca?: string
  /** TLS from the first byte. Pure-FTPd 1.0.50 knows no such mode. Default: false. */
  implicit?: boolean
  /** The only protocol spoken. Default: 1.2 and 1.3. */
  protocol?: 'TLSv1.2' | 'TLSv1.3'
  /** Clients must show a certificate that this authority has issued. Not with Pure-FTPd 1.0.50. Default: none wanted. */
  clientCa?: string
}

/** The files of a server that speaks TLS. */
export interface TlsFiles {
  /** The certificate, then what is sent behind it. */
  readonly cert: string
  readonly key: string
  /** Key and certificates in one file. */
  readonly both: string
  readonly clientCa: string
  /** OpenSSL's own configuration, for servers that leave the protocol to OpenSSL (OPENSSL_CONF). */
  readonly openssl: string
}

/** Writes the files into the folder; every server reads them while it still has its first rights. */
export async function writeTlsFiles(tls: ServerTls, folder: string): Promise<TlsFiles> {
  const file = (name: string) => join(folder, name)
  const files: TlsFiles = {
    cert: file('cert.pem'),
    key: file('key.pem'),
    both: file('both.pem'),
    clientCa: file('client-ca.pem'),
    openssl: file('openssl.cnf'),
  }
  const certificates = [tls.cert, tls.ca ?? ''].join('\n')
  const secret = { mode: 0o600 }
  await writeFile(files.cert, certificates)
  await writeFile(files.key, tls.key, secret)
  await writeFile(files.both, [tls.key, certificates].join('\n'), secret)
  await writeFile(files.clientCa, tls.clientCa ?? '')
  await writeFile(files.openssl, opensslConfiguration(tls.protocol))
  return files
}

function opensslConfiguration(protocol: string | undefined): string {
  const limits = protocol ? [`MinProtocol = ${protocol}`, `MaxProtocol = ${protocol}`] : []
  const lines = ['openssl_conf = init', '[init]', 'ssl_conf = ssl', '[ssl]', 'system_default = all', '[all]']
  return [...lines, ...limits, ''].join('\n')
}
