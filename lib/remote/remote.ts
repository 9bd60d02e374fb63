import { Discovery } from '../pool/discovery.js'
import type { Pool } from '../pool/pool.js'
import { FolderSizes } from './list/folder-sizes.js'
import type { ListCommand } from './list/list-command.js'
import { ListedByStat } from './list/listed-by-stat.js'
import { StatGroups } from './list/stat-group.js'
import type { Memory } from './memory.js'
import type { StatCache } from './stat/stat-cache.js'

/** The remote tree of one FtpVfs: what every operation on it works with. */
export class Remote {
  readonly folderSizes = new FolderSizes()
  readonly listedByStat: ListedByStat
  readonly statGroups = new StatGroups()
  /** How far the times of listings are ahead of UTC. */
  readonly listingOffset = new Discovery()
  /** The zone of the times of MDTM. */
  readonly mdtmZone = new Discovery()

  /** `statCache`: keeps what stat and listings have shown. */
  constructor(
    readonly pool: Pool,
    readonly options: RemoteOptions,
    readonly memory: Memory,
    readonly statCache?: StatCache,
  ) {
    this.listedByStat = new ListedByStat(pool, this.folderSizes)
  }
}

export interface RemoteOptions {
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
