import type { FtpVfsOptions } from '../../lib/index.js'
import type { RealServerName } from '../support/real-servers.js'

/** A way to be connected with a server. */
export interface Mode {
  name: string
  options: FtpVfsOptions
  /** Whether the server speaks TLS from the first byte. */
  implicit?: true
  on: readonly RealServerName[]
}

const three = ['vsftpd', 'proftpd', 'pure-ftpd'] as const

/**
 * The modes beside plain passive FTP, in which the core of the suite is run; with FTP_VFS_MODES=all in the environment
 * the whole of it.
 */
export const modes: readonly Mode[] = [
  {
    name: 'explicit TLS',
    options: { encryptionMode: 'Explicit' },
    on: [...three, 'pyftpdlib'],
  },
  // Pure-FTPd 1.0.50 has none.
  {
    name: 'implicit TLS',
    options: { encryptionMode: 'Implicit' },
    implicit: true,
    on: ['vsftpd', 'proftpd'],
  },
  {
    name: 'active',
    options: { dataConnectionType: 'AutoActive' },
    on: three,
  },
  {
    name: 'explicit TLS, active',
    options: { encryptionMode: 'Explicit', dataConnectionType: 'AutoActive' },
    on: three,
  },
]
