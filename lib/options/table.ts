import * as values from './values.js'
import type { ValueKind } from './values.js'
import { certificateHashes, certificates, privateKeys, sslProtocols } from './tls-values.js'

/** The two families of URL: `aftp:` has its own names for some options. */
export type UrlFamily = 'ftp' | 'aftp'

/** How an option is written and what it may be. What it means is said in options.ts. */
export interface OptionSpec {
  kind: ValueKind<unknown, unknown>
  /** Its value is a credential, which no error shows. */
  secret?: boolean
  /**
   * Its name in the query of a URL; with `!` before it, the query says the opposite. Without: not
   * read from a query.
   */
  ftp?: string
  aftp?: string
}

const same = (name: string) => ({ ftp: name, aftp: name })
const prefixed = (name: string) => ({ ftp: `ftp-${name}`, aftp: `aftp-${name}` })

/** Every option there is. */
export const optionTable = {
  host: { kind: values.host },
  port: { kind: values.whole(1, 65_535) },
  user: {
    kind: values.filledText('; without it the login is anonymous'),
    secret: true,
    ...same('auth-username'),
  },
  password: { kind: values.text, secret: true, ...same('auth-password') },
  account: { kind: values.filledText(), secret: true, ...same('account') },
  path: { kind: values.text },
  absolutePath: { kind: values.flag, ftp: 'ftp-absolute-path', aftp: '!aftp-relative-path' },
  useCwdNames: { kind: values.flag, ...prefixed('use-cwd-names') },
  encoding: { kind: values.encoding, ...same('encoding') },
  serverTimezone: { kind: values.zone, ...same('server-timezone') },
  mdtmOffset: { kind: values.zone, ...same('mdtm-offset') },

  transferType: { kind: values.oneOf(['binary', 'ascii']), ...same('transfer-type') },
  verifyUploads: { kind: values.flag, ...same('!disable-upload-verify') },
  uploadDelay: { kind: values.time(0), ...prefixed('upload-delay') },
  atomicUploads: { kind: values.flag, ...same('atomic-uploads') },
  statCacheTtl: { kind: values.time(0), ...same('stat-cache-ttl') },
  unsupportedMetadata: { kind: values.oneOf(['throw', 'ignore']), ...same('unsupported-metadata') },
  replayBuffer: { kind: values.whole(4096, 2 ** 30), ...same('replay-buffer') },
  memoryLimit: { kind: values.whole(2 ** 20, 2 ** 40), ...same('memory-limit') },
  spoolDirectory: { kind: values.localFolder, ...same('spool-directory') },

  connections: { kind: values.whole(1, 1000), ...same('connections') },
  idleTimeout: { kind: values.time(0), ...same('idle-timeout') },
  shortTimeout: { kind: values.time(1), ...same('short-timeout') },
  listTimeout: { kind: values.time(1), ...same('list-timeout') },
  readWriteTimeout: { kind: values.time(1), ...same('read-write-timeout') },
  queueTimeout: { kind: values.timeOrNone(1), ...same('queue-timeout') },
  retries: { kind: values.whole(0, 100), ...same('number-of-retries') },
  retryDelay: { kind: values.time(0), ...same('retry-delay') },

  dataConnectionType: {
    kind: values.oneOf(['AutoPassive', 'AutoActive', 'PASV', 'EPSV', 'PORT', 'EPRT', 'PASVEX', 'PASVUSE'], {
      PassiveExtended: 'PASVEX',
      PassiveAllowUnroutable: 'PASVUSE',
    }),
    ...prefixed('data-connection-type'),
  },
  activePorts: { kind: values.ports, ...same('active-ports') },
  activeAddress: { kind: values.address, ...same('active-address') },
  encryptionMode: {
    kind: values.oneOf(['None', 'Implicit', 'Explicit', 'Auto']),
    ...prefixed('encryption-mode'),
  },
  sslProtocols: { kind: sslProtocols, ...prefixed('ssl-protocols') },
  acceptSpecifiedSslHash: { kind: certificateHashes, ...same('accept-specified-ssl-hash') },
  acceptAnySslCertificate: { kind: values.flag, ...same('accept-any-ssl-certificate') },
  ignoreRevocationFailure: { kind: values.flag, ...same('ignore-revocation-failure') },
  ca: { kind: certificates, secret: true },
  cert: { kind: certificates, secret: true },
  key: { kind: privateKeys, secret: true },

  ignorePureftpdLimitIssue: { kind: values.flag, ...same('ignore-pureftpd-limit-issue') },
  listCommand: { kind: values.oneOf(['MLSD', 'LIST -a', 'LIST', 'NLST']), ...same('list-command') },
  listErrors: { kind: values.oneOf(['throw', 'skip']), ...same('list-errors') },
  removeUnsureFolders: { kind: values.flag, ...same('remove-unsure-folders') },
  logToConsole: { kind: values.flag, ...prefixed('log-to-console') },
  logPrivateInfoToConsole: { kind: values.flag, ...prefixed('log-privateinfo-to-console') },
  // The original reads this one by its ftp name from aftp URLs, too.
  logDiagnostics: { kind: values.flag, ...same('ftp-log-diagnostics') },
} satisfies Record<string, OptionSpec>

export type OptionName = keyof typeof optionTable

/** Values as a URL gives them: what code could have given. */
export type OptionInputs = {
  -readonly [Name in OptionName]?: ReturnType<(typeof optionTable)[Name]['kind']['read']>
}

/** Values in their canonical form. */
export type CheckedOptions = {
  -readonly [Name in OptionName]?: ReturnType<(typeof optionTable)[Name]['kind']['check']>
}

/** The options in the order of the table. */
export const optionSpecs = Object.entries(optionTable) as [OptionName, OptionSpec][]

/**
 * An old name in a query: what it turns on, how that is written today, and the code of the warning.
 */
export interface DeprecatedName {
  means: OptionInputs
  instead: string
  code: string
}

/** Old names in a query; `aftp:` has none. The original calls them deprecated. */
export const deprecatedNames: ReadonlyMap<string, DeprecatedName> = new Map<string, DeprecatedName>([
  [
    'use-ssl',
    {
      means: { encryptionMode: 'Explicit', sslProtocols: 'None' },
      instead: 'ftp-encryption-mode=Explicit',
      code: 'FTP_VFS_DEP0001',
    },
  ],
  [
    'ftp-passive',
    {
      means: { dataConnectionType: 'AutoPassive' },
      instead: 'ftp-data-connection-type=AutoPassive',
      code: 'FTP_VFS_DEP0002',
    },
  ],
  [
    'ftp-regular',
    {
      means: { dataConnectionType: 'AutoActive' },
      instead: 'ftp-data-connection-type=AutoActive',
      code: 'FTP_VFS_DEP0003',
    },
  ],
])

/** The name of an option in the query of a URL, and whether it says the opposite there. */
export function queryName(
  spec: OptionSpec,
  family: UrlFamily,
): { name: string; opposite: boolean } | undefined {
  const written = spec[family]
  if (written === undefined) return undefined
  return { name: written.replace('!', ''), opposite: written.startsWith('!') }
}
