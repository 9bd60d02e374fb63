import { Discovery } from '../pool/discovery.js'
import type { Pool } from '../pool/pool.js'
import { FolderSizes } from './list/folder-sizes.js'
import type { ListCommand } from './list/list-command.js'
import { ListedByStat } from './list/listed-by-stat.js'
import { StatGroups } from './list/stat-group.js'
import type { Memory } from './memory.js'
import type { RemotePaths } from './paths.js'
import type { StatCache } from './stat/stat-cache.js'

/** The remote tree of one FtpVfs: the context of every operation on it. */
export class Remote {
  readonly folderSizes = new FolderSizes()
  readonly listedByStat: ListedByStat
  readonly statGroups = new StatGroups()
  /** The offset of the times in listings from UTC. */
  readonly listingOffset = new Discovery()
  /** The zone of the times of MDTM. */
  readonly mdtmZone = new Discovery()
  /** Whether MKD creates missing parents. */
  readonly makesParents = new Discovery()

  /** @param statCache the entries from stat and listings, if the options allow a cache */
  constructor(
    readonly pool: Pool,
    readonly paths: RemotePaths,
    readonly options: RemoteOptions,
    readonly memory: Memory,
    readonly statCache?: StatCache,
  ) {
    this.listedByStat = new ListedByStat(this, this.folderSizes)
  }
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
