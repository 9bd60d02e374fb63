import { randomInt } from 'node:crypto'
import { replyText, type Reply } from '../wire/reply/replies.js'
import { command, type Command } from '../wire/session/command.js'

/** The question at the end of a flight: REST with a number that no earlier reply can contain. */
export class RestFence {
  readonly commands: readonly Command[]

  constructor(readonly position = String(randomInt(2 ** 20, 2 ** 31))) {
    this.commands = [command(`REST ${position}`), command('REST 0')]
  }

  /**
   * Whether the last replies answer this question, so that each earlier reply belongs to its own
   * command.
   */
  closes(replies: readonly Reply[]): boolean {
    const [set, unset] = replies.slice(-2)
    return set?.code === 350 && this.#isEchoedIn(set) && unset?.code === 350 && !this.#isEchoedIn(unset)
  }

  #isEchoedIn(reply: Reply): boolean {
    return replyText(reply).split(/\D+/).includes(this.position)
  }
}
