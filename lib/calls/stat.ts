import type { CallPath } from '../fs/call-path.js'
import type { EntryInfo } from '../remote/entry.js'
import { toStats, type BigIntStats, type StatOptions, type Stats } from '../fs/stats.js'
import type { PathLike } from '../fs/call-path.js'
import { cachedLstat, cachedStat } from '../remote/stat/cached-stat.js'
import type { CallRunner } from './call-runner.js'

interface StatRequest {
  target: CallPath
  convert: (info: EntryInfo) => Stats | BigIntStats
}

export function stat(
  runner: CallRunner,
  path: PathLike,
  options: StatOptions = {},
): Promise<Stats | BigIntStats> {
  const { target, convert } = request(runner, path, 'stat', options)
  return runner.info('stat', target, cachedStat).then(convert)
}

export function lstat(
  runner: CallRunner,
  path: PathLike,
  options: StatOptions = {},
): Promise<Stats | BigIntStats> {
  const { target, convert } = request(runner, path, 'lstat', options)
  return runner.info('lstat', target, target.folder ? cachedStat : cachedLstat).then(convert)
}

function request(runner: CallRunner, path: PathLike, syscall: string, options: StatOptions): StatRequest {
  const bigint = options.bigint
  const target = runner.target(path, syscall)
  return {
    target,
    convert: info => (bigint ? toStats(info, target.path, { bigint }) : toStats(info, target.path)),
  }
}
