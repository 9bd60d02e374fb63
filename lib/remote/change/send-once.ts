import type { Call } from '../../pool/call.js'
import type { Command } from '../../wire/session/command.js'
import { ConnectionLostError } from '../../wire/ftp-errors.js'
import type { Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import type { Remote } from '../remote.js'

/** The outcome of one attempt at a change. */
export interface Attempted {
  /** The final replies in the order of the commands. Incomplete only if the attempt was lost. */
  readonly replies: readonly Reply[]
  /** The attempt was lost, and may have been carried out. */
  readonly lost?: ConnectionLostError
}

/**
 * Sends commands, the last of which makes the change, so that they take effect at most once.
 * Commands that were certainly not carried out are sent again. If they may have been, the result
 * says so. A loss counts as a failed attempt of the call.
 */
export async function sendOnce(
  remote: Remote,
  call: Call,
  commands: (server: ServerProfile) => Command[],
): Promise<Attempted> {
  const { replies, loss } = await ask<{ replies: readonly Reply[]; loss?: Loss }>(remote, call, {
    commands,
    answer: replies => ({ replies }),
    lost: (replies, error, counts) => ({ replies, loss: { error, counts } }),
  })
  if (!loss) return { replies }
  const lost = inDoubt(loss.error)
  if (loss.counts) await remote.pool.retry(call, lost)
  return { replies, lost }
}

interface Loss {
  readonly error: ConnectionLostError
  readonly counts: boolean
}

/** The error of a change that may have been carried out. */
export function inDoubt(cause: Error): ConnectionLostError {
  if (cause instanceof InDoubtError) return cause
  const code = cause instanceof ConnectionLostError ? cause.code : undefined
  const error = new InDoubtError(`${cause.message}; it may have been done`, { cause }, code)
  // The message already contains the number of attempts.
  return 'attempts' in cause ? Object.assign(error, { attempts: cause.attempts }) : error
}

class InDoubtError extends ConnectionLostError {}
