import { isRecord } from './faults.js'

/** A command, or a reply to one, and where in a chunk it begins and ends. */
export interface Message {
  /** The command, as it was sent; of a reply, the command that it answers. */
  command: string
  /** In the chunk that brought its end; 0 where it began in an earlier one. */
  start: number
  end: number
  /** Something comes behind it. */
  final: boolean
}

/** The greeting answers no command. */
const greeting = ''

/**
 * What is said on a control connection: which reply belongs to which command. What is over TLS cannot
 * be read: what comes in one go is taken for a message.
 */
export class Dialog {
  #secure = false
  #rest = ''
  #lines = ''
  #code: string | undefined
  #asked = true
  readonly #unanswered = [greeting]

  /** Commands that have been forwarded and have no final reply yet, the greeting among them. */
  get pending(): number {
    return this.#unanswered.length
  }

  /** The commands that end in a chunk of the client's. */
  commands(chunk: Buffer): Message[] {
    if (this.#isSecure(chunk)) {
      this.#asked = true
      return [{ command: '', start: 0, end: chunk.length, final: true }]
    }
    const begun = this.#rest.length
    const lines = (this.#rest + chunk.toString('latin1')).split('\n')
    this.#rest = lines.pop()!
    let position = -begun
    return lines.map(line => {
      const start = Math.max(0, position)
      position += line.length + 1
      return { command: line.replace(/\r$/, ''), start, end: position, final: true }
    })
  }

  /** It has been forwarded: a reply to it will come. */
  sent(command: string): void {
    if (!this.#secure) this.#unanswered.push(command)
  }

  /** The replies that end in a chunk of the server's. */
  replies(chunk: Buffer): Message[] {
    if (this.#isSecure(chunk)) {
      const final = this.#asked
      this.#asked = false
      return final ? [{ command: '', start: 0, end: chunk.length, final }] : []
    }
    const messages: Message[] = []
    let position = -this.#lines.length
    let start = Math.max(0, position)
    const lines = (this.#lines + chunk.toString('latin1')).split('\n')
    this.#lines = lines.pop()!
    for (const line of lines) {
      position += line.length + 1
      this.#code ??= line.slice(0, 3)
      if (!line.startsWith(`${this.#code} `)) continue
      const final = !line.startsWith('1')
      const command = (final ? this.#unanswered.shift() : this.#unanswered[0]) ?? ''
      messages.push({ command, start, end: position, final })
      start = position
      this.#code = undefined
    }
    return messages
  }

  #isSecure(chunk: Buffer): boolean {
    this.#secure ||= isRecord(chunk)
    return this.#secure
  }
}
