import type { FtpVfs } from '../../lib/index.js'
import type { Way } from '../support/faults.js'
import type { State } from './tree.js'
import type { World } from './world.js'

export type Failure = NodeJS.ErrnoException & { incomplete?: string }

export interface Outcome {
  readonly result?: unknown
  readonly error?: Failure | undefined
}

/** A call with its arguments, and what has to come of it. */
export interface Attempt {
  /** For people. */
  readonly words: string
  /** About how many bytes a data connection carries. */
  readonly bytes: number
  readonly run: (vfs: FtpVfs) => Promise<unknown>
  /** The code of the error that it has to end in. */
  readonly code?: string
  /** What is at each path once it has ended well. */
  readonly changes?: ReadonlyMap<string, State>
  /** When it fails, all of the changes have been made, or none. */
  readonly whole?: true
  /** When it fails, nothing may be where a file was. */
  readonly removes?: boolean
  /** What is wrong, in words, once it has ended well. */
  readonly wrong?: (result: unknown) => Promise<string | undefined> | string | undefined
  /** What is wrong, in words, whatever its end. */
  readonly left?: () => Promise<string | undefined>
}

export interface Operation {
  readonly name: string
  /** Which way its data connections go; none: it has none. */
  readonly data: readonly Way[]
  /** Its source can be read but once: a fault may fail it. */
  readonly once?: true
  /** On a session that is ready all that it sends goes in so many flights. Default: several. */
  readonly flights?: 1
  /** On which servers it sends one command then. Default: on none. */
  readonly oneCommandOn?: readonly string[]
  /** Not on every server. */
  readonly on?: readonly string[]
  /** How often it is done, beside others. Default: 4. */
  readonly weight?: number
  /** Makes what it needs. `full`: something is to go over a data connection. */
  readonly prepare: (world: World, full: boolean) => Promise<Attempt>
}
