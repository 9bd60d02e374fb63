import * as fs from 'node:fs'
import type { EntryInfo } from '../remote/entry.js'
import { kType, typeQuestions, type EntryType } from '../node/type-questions.js'

const { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } = fs.constants

abstract class StatsBase<T extends number | bigint> extends typeQuestions(fs.Stats) {
  abstract readonly mode: T

  get [kType](): EntryType {
    const type = Number(this.mode) & S_IFMT
    return type === S_IFREG ? 'file' : type === S_IFDIR ? 'directory' : type === S_IFLNK ? 'link' : 'other'
  }
}

/** The facts of a file in the form of Node's `fs.Stats`, and an `instanceof fs.Stats`. */
export class Stats extends StatsBase<number> implements fs.Stats {
  readonly dev = 0
  readonly mode: number
  readonly nlink: number
  readonly uid: number
  readonly gid: number
  readonly rdev = 0
  readonly blksize = 4096
  readonly ino: number
  readonly size: number
  readonly blocks: number
  readonly atimeMs: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly birthtimeMs: number
  readonly atime: Date
  readonly mtime: Date
  readonly ctime: Date
  readonly birthtime: Date

  constructor(info: EntryInfo, path: string) {
    super()
    const { mtime = 0, size = 0 } = info
    this.mode = modeOf(info)
    this.nlink = info.nlink ?? 1
    this.uid = info.uid ?? 0
    this.gid = info.gid ?? 0
    this.ino = inodeNumber(info, path)
    this.size = size
    this.blocks = Math.ceil(size / 512)
    this.atimeMs = this.mtimeMs = this.ctimeMs = this.birthtimeMs = mtime
    this.atime = new Date(mtime)
    this.mtime = new Date(mtime)
    this.ctime = new Date(mtime)
    this.birthtime = new Date(mtime)
  }
}

/** The facts of a file in the form of Node's `fs.BigIntStats`. */
export class BigIntStats extends StatsBase<bigint> implements fs.BigIntStats {
  readonly dev = 0n
  readonly mode: bigint
  readonly nlink: bigint
  readonly uid: bigint
  readonly gid: bigint
  readonly rdev = 0n
  readonly blksize = 4096n
  readonly ino: bigint
  readonly size: bigint
  readonly blocks: bigint
  readonly atimeMs: bigint
  readonly mtimeMs: bigint
  readonly ctimeMs: bigint
  readonly birthtimeMs: bigint
  readonly atimeNs: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  readonly birthtimeNs: bigint
  readonly atime: Date
  readonly mtime: Date
  readonly ctime: Date
  readonly birthtime: Date

  constructor(info: EntryInfo, path: string) {
    super()
    const { mtime = 0, size = 0 } = info
    const ms = Math.floor(mtime)
    this.mode = BigInt(modeOf(info))
    this.nlink = BigInt(info.nlink ?? 1)
    this.uid = BigInt(info.uid ?? 0)
    this.gid = BigInt(info.gid ?? 0)
    this.ino = BigInt(inodeNumber(info, path))
    this.size = BigInt(size)
    this.blocks = BigInt(Math.ceil(size / 512))
    this.atimeMs = this.mtimeMs = this.ctimeMs = this.birthtimeMs = BigInt(ms)
    // Whole and fractional milliseconds separately: nanoseconds exceed the precision of a number.
    const ns = BigInt(ms) * 1_000_000n + BigInt(Math.round((mtime - ms) * 1e6))
    this.atimeNs = this.mtimeNs = this.ctimeNs = this.birthtimeNs = ns
    this.atime = new Date(mtime)
    this.mtime = new Date(mtime)
    this.ctime = new Date(mtime)
    this.birthtime = new Date(mtime)
  }
}

const TYPE_BITS = { file: S_IFREG, directory: S_IFDIR, link: S_IFLNK, other: 0 }
const DEFAULT_MODE = { file: 0o644, directory: 0o755, link: 0o777, other: 0o644 }

function modeOf({ type, mode = DEFAULT_MODE[type] }: EntryInfo): number {
  return TYPE_BITS[type] | (mode & 0o7777)
}

/**
 * FTP has no inode numbers. A hash of 48 bits gives each file a stable number that a JavaScript
 * number holds exactly. Every Stats needs one, so the hash is fast, and it need not resist
 * deliberate collisions.
 */
function inodeNumber({ unique }: EntryInfo, path: string): number {
  const name = unique ?? path
  let high = 0x811c9dc5
  let low = 0x9e3779b9
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x85ebca6b)
  }
  return (mixed(high ^ name.length) & 0xffff) * 2 ** 32 + mixed(low ^ (high >>> 15)) || 1
}

/** Mixes the bits of a number, so that each affects all others (the finalizer of MurmurHash3). */
function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** Options of `toStats`. */
export interface StatOptions {
  /** `BigIntStats` instead of `Stats`. Default: false. */
  bigint?: boolean | undefined
}

/**
 * The facts in the form of Node's `stat`.
 *
 * Fields that FTP does not report get these values: `dev` and `rdev` 0, `blksize` 4096, `atime`,
 * `ctime` and `birthtime` equal to `mtime`, `ino` from `unique` or else from the path.
 */
export function toStats(info: EntryInfo, path: string, options?: { bigint?: false | undefined }): Stats
export function toStats(info: EntryInfo, path: string, options: { bigint: true }): BigIntStats
export function toStats(info: EntryInfo, path: string, options?: StatOptions): Stats | BigIntStats
export function toStats(info: EntryInfo, path: string, options: StatOptions = {}): Stats | BigIntStats {
  return options.bigint ? new BigIntStats(info, path) : new Stats(info, path)
}
