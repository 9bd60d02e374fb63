import { replyText, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { parseTimeVal } from '../../wire/time/time-val.js'

/** The time in a reply to MDTM, in milliseconds UTC. Undefined if it contains none. */
export function mdtmTime(reply: Reply, { clock }: ServerProfile): number | undefined {
  const time = reply.code === 213 ? parseTimeVal(replyText(reply)) : undefined
  return time === undefined ? undefined : clock.mdtm.utc(time)
}

/**
 * Formats a time for MFMT and MDTM: whole seconds, `YYYYMMDDHHMMSS` (RFC 3659, section 2.3).
 */
export function formatTimeVal(milliseconds: number, { clock }: ServerProfile): string {
  const whole = Math.floor(milliseconds / 1000) * 1000
  return new Date(clock.mdtm.local(whole)).toISOString().slice(0, 19).replace(/[-:T]/g, '')
}
