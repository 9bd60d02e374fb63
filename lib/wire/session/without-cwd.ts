import type { Command } from './command.js'
import type { Reply } from '../reply/replies.js'

/**
 * Replaces the reply to a CWD that is not sent: paths are relative to the login directory, which
 * the server does not report, and a CWD would change their meaning.
 */
export const notSent: Reply = { code: 502, lines: ['502 CWD is not sent: paths are relative'] }

const isSent = ({ verb }: Command): boolean => verb !== 'CWD'

/** The commands without CWD. */
export function withoutCwd(commands: readonly Command[]): Command[] {
  return commands.filter(isSent)
}

/** The number of all commands up to the last one of those that were attempted. */
export function attemptedOfAll(commands: readonly Command[], attempted: number): number {
  let left = attempted
  let last = 0
  for (const [index, command] of commands.entries()) {
    if (left === 0) break
    if (!isSent(command)) continue
    left -= 1
    last = index + 1
  }
  return last
}

/** The replies to all commands, as far as there are replies to those that were sent. */
export function repliesToAll(commands: readonly Command[], replies: readonly Reply[]): Reply[] {
  const rest = [...replies]
  const all: Reply[] = []
  for (const command of commands) {
    const reply = isSent(command) ? rest.shift() : notSent
    if (!reply) break
    all.push(reply)
  }
  return all
}
