import type { Command } from './command.js'
import type { Reply } from '../reply/replies.js'

/**
 * What stands for the reply to a CWD that is not sent: paths are relative to the login directory,
 * which the server does not tell, and would mean others from elsewhere.
 */
export const notSent: Reply = { code: 502, lines: ['502 CWD is not sent: paths are relative'] }

const isSent = ({ verb }: Command): boolean => verb !== 'CWD'

/** The commands that are sent. */
export function withoutCwd(commands: readonly Command[]): Command[] {
  return commands.filter(isSent)
}

/** How many of all commands there are up to the last of those that were attempted. */
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

/** The replies to all commands, as far as those to what was sent go. */
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
