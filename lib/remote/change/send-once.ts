import type { Call } from '../../pool/call.js'
import type { Command } from '../../wire/session/command.js'
import { ConnectionLostError } from '../../wire/ftp-errors.js'
import type { Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import type { Remote } from '../remote.js'

/** How an attempt at a change has ended. */
export interface Attempted {
  /** The final replies that came, in the order of the commands: all of them, unless it was lost. */
  readonly replies: readonly Reply[]
  /** It was lost, and may have been carried out. */
  readonly lost?: ConnectionLostError
}

/**
 * Sends commands of which the last one makes the change, once: what was certainly not carried out
 * is sent again, and what may have been is a value. What is lost counts as a failed attempt of the
 * call.
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
  // Its message says already how often it was tried.
  return 'attempts' in cause ? Object.assign(error, { attempts: cause.attempts }) : error
}

class InDoubtError extends ConnectionLostError {}
