import { basicFtp } from './basic-ftp.js'
import type { Entrant } from './contestant.js'
import { curl } from './curl.js'
import { ftpVfs } from './ftp-vfs.js'
import { lftp, lftpAsync } from './lftp.js'
import { rclone } from './rclone.js'

/** Who takes part. */
export const contestants = {
  'basic-ftp': basicFtp,
  lftp: lftp,
  'lftp-async': lftpAsync,
  rclone: rclone,
  curl: curl,
  'ftp-vfs': ftpVfs,
} satisfies Record<string, Entrant>

export type ContestantName = keyof typeof contestants

export const contestantNames = Object.keys(contestants) as ContestantName[]

export const entrant = (name: ContestantName): Entrant => contestants[name]
