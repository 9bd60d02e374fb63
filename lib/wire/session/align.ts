import type { Command } from './command.js'
import { isTransfer } from '../reply/fitting-replies.js'
import { isPositive, type Reply } from '../reply/replies.js'

/** Whether a reply can be the reply to the command. */
export type Fits = (command: Command, reply: Reply) => boolean

/**
 * Picks the replies to the commands, in order, from replies with stray ones among them.
 *
 * @returns undefined if there are too few, or if the choice is ambiguous and makes a difference
 */
export function align(
  commands: readonly Command[],
  replies: readonly Reply[],
  fits: Fits,
): Reply[] | undefined {
  const first = leftmost(commands, replies, fits)
  const last = leftmost([...commands].reverse(), [...replies].reverse(), fits)
    ?.map(index => replies.length - 1 - index)
    .reverse()
  if (!first || !last) return undefined
  const single = commands.every(({ path }) => path === commands[0]?.path)
  const aligned: Reply[] = []
  for (const [index, command] of commands.entries()) {
    const [chosen, ...others] = replies
      .slice(first[index], last[index]! + 1)
      .filter(reply => fits(command, reply))
    if (!others.every(other => isSame(chosen!, other, command, single))) return undefined
    aligned.push(chosen!)
  }
  // A late reply that fits one of the commands, but differs from the reply that was chosen.
  const doubtful = replies.some(
    (reply, at) =>
      isPositive(reply) &&
      !first.includes(at) &&
      commands.some(
        (command, index) => fits(command, reply) && !isSame(aligned[index]!, reply, command, single),
      ),
  )
  return doubtful ? undefined : aligned
}

/** Whether the replies can be matched to the commands one to one, in any order. */
export function isMatch(commands: readonly Command[], replies: readonly Reply[], fits: Fits): boolean {
  /** The current match: each reply with its command. */
  const taken = new Map<Reply, Command>()
  const place = (command: Command, tried: Set<Reply>): boolean =>
    replies.some(reply => {
      if (tried.has(reply) || !fits(command, reply)) return false
      tried.add(reply)
      const other = taken.get(reply)
      if (other && !place(other, tried)) return false
      taken.set(reply, command)
      return true
    })
  return commands.every(command => place(command, new Set()))
}

/** For each command, the first fitting reply after those of the earlier commands. */
function leftmost(commands: readonly Command[], replies: readonly Reply[], fits: Fits): number[] | undefined {
  const found: number[] = []
  for (const command of commands) {
    const behind = (found.at(-1) ?? -1) + 1
    const index = replies.findIndex((reply, at) => at >= behind && fits(command, reply))
    if (index < 0) return undefined
    found.push(index)
  }
  return found
}

/**
 * Whether two replies mean the same.
 *
 * @param single the flight has one path, so that refusals with the same code mean the same
 */
function isSame(a: Reply, b: Reply, command: Command, single: boolean): boolean {
  if (isTransfer(command) && isPositive(a) && isPositive(b)) return true
  if (a.code !== b.code) return false
  return (single && a.code >= 400) || a.lines.join('\n') === b.lines.join('\n')
}
