import { toStats, type BigIntStats, type StatOptions, type Stats } from '../fs/stats.js'
import type { PathLike } from '../fs/target.js'
import { recalledLstat, recalledStat } from '../remote/recall.js'
import type { Calls } from './calls.js'

export function stat(calls: Calls, path: PathLike, options: StatOptions = {}): Promise<Stats | BigIntStats> {
  const target = calls.target(path, 'stat')
  return calls.info('stat', target, recalledStat).then(info => toStats(info, target.path, options as object))
}

export function lstat(calls: Calls, path: PathLike, options: StatOptions = {}): Promise<Stats | BigIntStats> {
  const target = calls.target(path, 'lstat')
  const ask = target.folder ? recalledStat : recalledLstat
  return calls.info('lstat', target, ask).then(info => toStats(info, target.path, options as object))
}
