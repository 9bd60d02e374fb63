import { isUnknownCommand, type Reply } from '../../wire/replies.js'
import { isAboutPath } from '../about-path.js'
import type { ListingStep } from './broken-listing.js'
import type { Fault } from './way.js'

/** A refusal of a step of a listing. */
export interface Refusal {
  readonly step: ListingStep
  readonly reply: Pick<Reply, 'code'>
  /** What the reply says, without the folder's path. */
  readonly words: string
  /** CWD has worked on this server. */
  readonly hasEntered: boolean
}

/** What a refusal says of the way; undefined where it is about the folder. */
export function faultOf({ step, reply, words, hasEntered }: Refusal): Fault | undefined {
  if (step === 'TYPE') return undefined
  if (step === 'CWD') {
    const lacking = (reply.code === 500 || reply.code === 502) && !hasEntered && !isAboutPath(words)
    return lacking ? 'no CWD' : undefined
  }
  if (asksForAscii(words)) return 'wants ASCII'
  return isUnknownCommand(reply) && !isAboutPath(words) ? 'no command' : undefined
}

function asksForAscii(words: string): boolean {
  return /\btype a\b|(?<!non[- ]?)\bascii\b/i.test(words)
}
