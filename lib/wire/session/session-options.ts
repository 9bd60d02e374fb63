import type { SecureContextOptions, SecureVersion } from 'node:tls'
import type { NameEncoding } from '../names/names.js'

/** Which server to trust, and how to speak TLS with it. */
export interface SecurityOptions {
  host: string
  sslProtocols: { readonly minVersion?: SecureVersion; readonly maxVersion?: SecureVersion }
  /** SHA-1 or SHA-256 hashes: 40 or 64 hex digits in lower case. */
  acceptSpecifiedSslHash: readonly string[]
  acceptAnySslCertificate: boolean
  ca?: SecureContextOptions['ca']
  cert?: SecureContextOptions['cert']
  key?: SecureContextOptions['key']
}

/** The user's options that a session needs. */
export interface SessionOptions extends SecurityOptions {
  port: number
  user: string
  password: string
  account?: string | undefined
  encryptionMode: 'None' | 'Implicit' | 'Explicit' | 'Auto'
  dataConnectionType: DataConnectionType
  /** The ports to listen on in active mode; default: any free port. */
  activePorts?: { readonly min: number; readonly max: number } | undefined
  /** The address to send in PORT and EPRT; default: that of the control connection. */
  activeAddress?: string | undefined
  /** Milliseconds for a connection to open and for the reply to a command. */
  shortTimeout: number
  /** Milliseconds without progress on a data connection. */
  readWriteTimeout: number
  encoding: NameEncoding
  /** `ascii`: the server converts line ends (TYPE A). Default `binary` (TYPE I). */
  transferType?: 'binary' | 'ascii' | undefined
  /** Whether commands use bare names, which need CWD. */
  useCwdNames: boolean
  /** Whether paths are relative to the login directory. */
  loginRelative: boolean
}

/** The mode of data connections, passive or active, and the command that sets them up. */
export type DataConnectionType =
  'AutoPassive' | 'AutoActive' | 'PASV' | 'EPSV' | 'PORT' | 'EPRT' | 'PASVEX' | 'PASVUSE'
