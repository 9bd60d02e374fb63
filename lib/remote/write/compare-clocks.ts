import { parseTimeVal } from '../../wire/time/time-val.js'
import { fixedZone } from '../../wire/time/time-zone.js'
import { offsetBetween } from '../time/offset-between.js'
import type { Remote } from '../remote.js'
import { hasMoved, type FileState } from './file-state.js'

// Milliseconds by which two clocks may differ, besides their zones.
const tolerance = 20_000

/**
 * Warns if MDTM of a file stored just now is off by quarters of an hour. Corrects nothing: the
 * clock of this machine may be wrong, and times would jump from one call to the next.
 */
export function compareClocks({ pool }: Remote, before: FileState, now: FileState): void {
  const clock = Date.now()
  const ahead = aheadOf(clock, before, now)
  if (ahead === undefined) return
  const { mdtm } = pool.server.clock
  const name = fixedZone(ahead).name
  if (ahead === mdtm.local(clock) - clock) return
  const text =
    `MDTM of a file that was stored just now is ${name} from UTC by the clock of this machine, where ${mdtm.name} was ` +
    `expected: if the clock is right, the option mdtmOffset: '${name}', or the name of the server's zone, puts it right`
  pool.log.warn(0, 'FTP_VFS_MDTM_OFFSET', text)
}

/**
 * How far MDTM of a file stored just now is ahead of a UTC clock, rounded to quarters of an hour.
 * Undefined if that is unknown.
 */
export function aheadOf(clock: number, before: FileState, now: FileState): number | undefined {
  if (typeof now === 'string' || now.time === undefined) return undefined
  // The time must come from the upload.
  if (before !== 'missing' && (typeof before === 'string' || !hasMoved(before, now))) return undefined
  const modified = parseTimeVal(now.time)
  return modified === undefined ? undefined : offsetBetween(modified, clock, tolerance)
}
