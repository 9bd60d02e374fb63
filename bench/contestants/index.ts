import { enterBasicFtp } from './basic-ftp.js'
import type { Enter } from './contestant.js'
import { enterFtpVfs } from './ftp-vfs.js'

/** Who takes part; ratios are to `basic-ftp`. */
export const contestants = {
  'basic-ftp': enterBasicFtp,
  'ftp-vfs': enterFtpVfs,
} satisfies Record<string, Enter>

export type ContestantName = keyof typeof contestants
