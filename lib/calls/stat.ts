import type { Target } from '../fs/call-path.js'
import type { EntryInfo } from '../remote/entry.js'
import { toStats, type BigIntStats, type StatOptions, type Stats } from '../fs/stats.js'
import type { PathLike } from '../fs/call-path.js'
import { recalledLstat, recalledStat } from '../remote/stat/cached-stat.js'
import type { Calls } from './calls.js'

interface Asked {
  target: Target
  told: (info: EntryInfo) => Stats | BigIntStats
}

export function stat(calls: Calls, path: PathLike, options: StatOptions = {}): Promise<Stats | BigIntStats> {
  const { target, told } = asked(calls, path, 'stat', options)
  return calls.info('stat', target, recalledStat).then(told)
}

export function lstat(calls: Calls, path: PathLike, options: StatOptions = {}): Promise<Stats | BigIntStats> {
  const { target, told } = asked(calls, path, 'lstat', options)
  return calls.info('lstat', target, target.folder ? recalledStat : recalledLstat).then(told)
}

function asked(calls: Calls, path: PathLike, syscall: string, options: StatOptions): Asked {
  const bigint = options.bigint
  const target = calls.target(path, syscall)
  return {
    target,
    told: info => (bigint ? toStats(info, target.path, { bigint }) : toStats(info, target.path)),
  }
}
