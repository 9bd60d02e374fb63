import { isNoCommand, isUnknownCommand, type Reply } from '../../wire/reply/replies.js'
import type { ByteString } from '../../wire/names/names.js'
import { isAboutPath } from '../about-path.js'
import type { Remote } from '../remote.js'
import { replyWords } from '../reply-words.js'
import type { ListingStep, ListRefused } from './broken-listing.js'
import type { Fault } from './listing-way.js'

/** A refusal of a step of a listing. */
export interface Refusal {
  readonly step: ListingStep
  readonly reply: Pick<Reply, 'code'>
  /** The text of the reply, without the folder's path. */
  readonly words: string
  /** CWD has worked on this server. */
  readonly hasEntered: boolean
}

/** The fault that a refused listing shows in its way, given what has worked on this server. */
export function faultIn(remote: Remote, { step, reply }: ListRefused, path: ByteString): Fault | undefined {
  const words = replyWords(remote, reply, path)
  return faultOf({ step, reply, words, hasEntered: hasEntered(remote) })
}

/** Whether CWD has worked on this server. */
export function hasEntered({ pool }: Remote): boolean {
  return pool.server.can.command('CWD').proven
}

/** The fault that a refusal shows in the way; undefined if the refusal is about the folder. */
export function faultOf({ step, reply, words, hasEntered }: Refusal): Fault | undefined {
  if (step === 'TYPE') return undefined
  if (step === 'PWD') return 'CWD stays'
  if (step === 'CWD') {
    const lacking = isNoCommand(reply) && !hasEntered && !isAboutPath(words)
    return lacking ? 'no CWD' : undefined
  }
  if (asksForAscii(words)) return 'wants ASCII'
  return isUnknownCommand(reply) && !isAboutPath(words) ? 'no command' : undefined
}

function asksForAscii(words: string): boolean {
  return /\btype a\b|(?<!non[- ]?)\bascii\b/i.test(words)
}
