import type { CallPath } from '../fs/call-path.js'
import type { EntryInfo } from '../remote/entry.js'
import { toStats, type BigIntStats, type StatOptions, type Stats } from '../fs/stats.js'
import type { PathLike } from '../fs/call-path.js'
import { cachedLstat, cachedStat } from '../remote/stat/cached-stat.js'
import type { CallRunner } from './call-runner.js'

interface Asked {
  target: CallPath
  told: (info: EntryInfo) => Stats | BigIntStats
}

export function stat(
  runner: CallRunner,
  path: PathLike,
  options: StatOptions = {},
): Promise<Stats | BigIntStats> {
  const { target, told } = asked(runner, path, 'stat', options)
  return runner.info('stat', target, cachedStat).then(told)
}

export function lstat(
  runner: CallRunner,
  path: PathLike,
  options: StatOptions = {},
): Promise<Stats | BigIntStats> {
  const { target, told } = asked(runner, path, 'lstat', options)
  return runner.info('lstat', target, target.folder ? cachedStat : cachedLstat).then(told)
}

function asked(runner: CallRunner, path: PathLike, syscall: string, options: StatOptions): Asked {
  const bigint = options.bigint
  const target = runner.target(path, syscall)
  return {
    target,
    told: info => (bigint ? toStats(info, target.path, { bigint }) : toStats(info, target.path)),
  }
}
