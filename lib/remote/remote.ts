import type { Pool } from '../pool/pool.js'
import type { ListCommand } from './list/list-command.js'
import type { Memory } from './memory.js'
import type { RemotePaths } from './paths.js'
import type { StatCache } from './stat/stat-cache.js'

/** The context of every operation on the remote tree. */
export interface Remote {
  readonly pool: Pool
  readonly paths: RemotePaths
  readonly options: RemoteOptions
  readonly memory: Memory
  /** The entries from stat and listings, if the options allow a cache. */
  readonly statCache?: StatCache | undefined
}

export interface RemoteOptions {
  /** Commands name files by bare names, inside the right working directory. */
  readonly useCwdNames: boolean
  readonly verifyUploads: boolean
  readonly uploadDelay: number
  readonly atomicUploads: boolean
  readonly listTimeout: number
  readonly replayBuffer: number
  readonly spoolDirectory: string
  readonly ignorePureftpdLimitIssue: boolean
  readonly listErrors: 'throw' | 'skip'
  /** Undefined: detected. */
  readonly listCommand?: ListCommand | undefined
  readonly removeUnsureFolders: boolean
}
