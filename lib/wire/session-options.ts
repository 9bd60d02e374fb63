import type { NameEncoding } from './names.js'
import type { PathOptions } from './working-directory.js'

/** What a session has to know of the user's options. */
export interface SessionOptions extends PathOptions {
  host: string
  port: number
  user: string
  password: string
  account?: string | undefined
  encryptionMode: string
  dataConnectionType: string
  /** Milliseconds for connecting and for the reply to a command. */
  shortTimeout: number
  /** Milliseconds without progress on a data connection. */
  readWriteTimeout: number
  encoding: NameEncoding
  /** Whether paths need the working directory at login. */
  loginRelative: boolean
}
