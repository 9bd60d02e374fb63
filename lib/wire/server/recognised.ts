import type { Features } from './features.js'
import type { ServerKind } from './quirks.js'
import { isPositive, replyText, type Reply } from '../reply/replies.js'

interface Signature {
  /** The features that each of its FEAT replies names. */
  readonly always: readonly string[]
  /** The only features that it names; undefined: modules may add any. */
  readonly only?: readonly string[]
}

// vsftpd 3.0.3, ProFTPD 1.3.8, Pure-FTPd 1.0.50.
const signatures: Readonly<Partial<Record<ServerKind, Signature>>> = {
  vsftpd: {
    always: ['MDTM', 'REST', 'SIZE', 'TVFS'],
    only: ['AUTH', 'EPRT', 'EPSV', 'MDTM', 'PASV', 'PBSZ', 'PROT', 'REST', 'SIZE', 'TVFS', 'UTF8'],
  },
  proftpd: { always: ['CLNT', 'EPRT', 'MDTM', 'REST', 'SIZE', 'TVFS'] },
  'pure-ftpd': { always: ['ESTA', 'IDLE', 'MDTM', 'MLSD', 'MLST', 'REST', 'SIZE'] },
}

/**
 * Whether a server is of the kind that it claims to be. Any server can claim that: the measured
 * quirks of a kind apply only if FEAT and SYST match as well.
 */
export function isOfKind(kind: ServerKind, features: Features, system: Reply): boolean {
  const signature = signatures[kind]
  if (!signature || !isPositive(system) || !/^UNIX\b/i.test(replyText(system))) return false
  const { always, only } = signature
  return (
    always.every(name => features.has(name)) && (!only || features.names.every(name => only.includes(name)))
  )
}
