import type * as fs from 'node:fs'
import type { FreeSpace } from '../remote/stat/free-space.js'

// The same as in `Stats`.
const blockSize = 4096

/** The free space on the server in the form of Node's `fs.StatFs`. */
export class StatFs<T extends number | bigint = number> implements fs.StatsFsBase<T> {
  /** The kind of file system, which FTP does not report: 0. */
  readonly type: T
  /** The size of a block in bytes: 4096. */
  readonly bsize: T
  /** The number of blocks; if the server does not report it, that of the free ones. */
  readonly blocks: T
  /** The number of free blocks. */
  readonly bfree: T
  /** The number of blocks that this user may still fill: the same. */
  readonly bavail: T
  /** The maximum number of files; 0 if the server does not report it. */
  readonly files: T
  /** How many more files may be created; 0 if the server does not report it. */
  readonly ffree: T

  constructor({ free, limit = free, maxFiles = 0, freeFiles = 0 }: FreeSpace, as: (value: number) => T) {
    const blocks = (bytes: number): T => as(Math.floor(bytes / blockSize))
    this.type = as(0)
    this.bsize = as(blockSize)
    this.blocks = blocks(limit)
    this.bfree = blocks(free)
    this.bavail = this.bfree
    this.files = as(maxFiles)
    this.ffree = as(freeFiles)
  }
}
