import type { SecureContextOptions, SecureVersion } from 'node:tls'
import type { NameEncoding } from '../names/names.js'
import type { PathOptions } from './working-directory.js'

/** Which server to trust, and how to speak TLS with it. */
export interface SecurityOptions {
  host: string
  sslProtocols: { readonly minVersion?: SecureVersion; readonly maxVersion?: SecureVersion }
  /** Lower-case hex digits, 40 or 64 each. */
  acceptSpecifiedSslHash: readonly string[]
  acceptAnySslCertificate: boolean
  ca?: SecureContextOptions['ca']
  cert?: SecureContextOptions['cert']
  key?: SecureContextOptions['key']
}

/** What a session has to know of the user's options. */
export interface SessionOptions extends PathOptions, SecurityOptions {
  port: number
  user: string
  password: string
  account?: string | undefined
  encryptionMode: 'None' | 'Implicit' | 'Explicit' | 'Auto'
  dataConnectionType: DataConnectionType
  /** The ports to listen on in active mode; any that is free by default. */
  activePorts?: { readonly min: number; readonly max: number } | undefined
  /** The address that the server is told in active mode; that of the control connection by default. */
  activeAddress?: string | undefined
  /** Milliseconds for connecting and for the reply to a command. */
  shortTimeout: number
  /** Milliseconds without progress on a data connection. */
  readWriteTimeout: number
  encoding: NameEncoding
  /** `ascii`: the server converts line ends (TYPE A). Default `binary` (TYPE I). */
  transferType?: 'binary' | 'ascii' | undefined
  /** Whether paths begin in the working directory at login. */
  loginRelative: boolean
}

/** Who opens the data connections, and with which command. */
export type DataConnectionType =
  'AutoPassive' | 'AutoActive' | 'PASV' | 'EPSV' | 'PORT' | 'EPRT' | 'PASVEX' | 'PASVUSE'
