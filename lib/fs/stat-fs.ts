import type * as fs from 'node:fs'
import type { FreeSpace } from '../remote/stat/free-space.js'

// That of `Stats`.
const blockSize = 4096

/** The room on the server in the form of Node's `fs.StatFs`. */
export class StatFs<T extends number | bigint = number> implements fs.StatsFsBase<T> {
  /** The kind of file system, of which FTP knows nothing: 0. */
  readonly type: T
  /** Bytes of a block: 4096. */
  readonly bsize: T
  /** Blocks in all; where the server does not tell it, those that are free. */
  readonly blocks: T
  /** Blocks that are free. */
  readonly bfree: T
  /** Blocks that this user may still fill: the same. */
  readonly bavail: T
  /** How many files there may be; 0 where the server does not tell it. */
  readonly files: T
  /** How many more files there may be; 0 where the server does not tell it. */
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
