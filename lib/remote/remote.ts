import type { Pool } from '../pool/pool.js'
import type { ListCommand } from './list/list-command.js'
import type { Memory } from './memory.js'
import type { RemotePaths } from './paths.js'
import type { StatCache } from './stat/stat-cache.js'

/** What every operation on the remote tree works with. */
export interface Remote {
  readonly pool: Pool
  readonly paths: RemotePaths
  readonly options: RemoteOptions
  readonly memory: Memory
  /** What stat and listings have told, where it is to be kept. */
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
  /** Undefined: found out. */
  readonly listCommand?: ListCommand | undefined
  readonly removeUnsureFolders: boolean
}
