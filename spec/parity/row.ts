import { equal } from 'node:assert/strict'
import type { NodeFs } from '../../lib/node-fs/node-fs.js'

/** The servers on which the tests run, with the versions that are measured. */
export const servers = {
  vsftpd: 'vsftpd 3.0.3',
  proftpd: 'ProFTPD 1.3.8',
  'pure-ftpd': 'Pure-FTPd 1.0.50',
  pyftpdlib: 'pyftpdlib 1.5.7',
  'ftp-srv': 'ftp-srv 4.6.3',
} as const

export type ServerName = keyof typeof servers

export const everyServer = Object.keys(servers) as ServerName[]

/** What a probe is given: an `fs`, and paths in a folder of its own. */
export interface Stage {
  readonly fs: NodeFs
  /** A file with `bytes` in it. */
  readonly file: string
  /** A folder, in which is the file `inner`. */
  readonly folder: string
  /** A link to `file`. */
  readonly link: string
  /** Nothing is here. */
  readonly none: string
}

/** Where something does not work, and why. */
export interface Lack {
  readonly on: readonly ServerName[]
  readonly why: string
  /** The code of the error. Default ENOTSUP. */
  readonly code?: string
}

/** The code of a Lack where there is no error, but something else is done: that of a probe's assertion. */
export const otherwise = 'ERR_ASSERTION'

export type Probe<Given extends unknown[] = []> = (stage: Stage, ...given: Given) => unknown

/** Something that works on all servers but those where it lacks; the probe throws where it does not. */
export interface Case<Given extends unknown[] = []> {
  readonly probe: Probe<Given>
  readonly lacks?: readonly Lack[]
}

/** A name of Node's. */
export interface Row<Given extends unknown[] = []> extends Case<Given> {
  /** What differs from Node, in words. */
  readonly differs?: string
  /** The version from which Node has it, where that is not in every Node 20. */
  readonly since?: string
  /** It is not there at all. */
  readonly missing?: boolean
  /** What of it is told and tried apart, by words such as "of a folder". */
  readonly apart?: Readonly<Record<string, Case<Given>>>
}

export type Rows<Given extends unknown[] = []> = Readonly<Record<string, Row<Given>>>

export const everywhere = (why: string): readonly Lack[] => [{ on: everyServer, why }]

/** Whether the running Node has what it has since a version. */
export function isInNode(since: string | undefined): boolean {
  const [major = 0, minor = 0] = (since ?? '0').split('.').map(Number)
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

/** As `ok` of node:assert, which reads the source for its message: in Node 20 that may take minutes for what a compiler wrote. */
export function holds(value: boolean): void {
  equal(value, true)
}
