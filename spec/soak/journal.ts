import { subscribe, unsubscribe } from 'node:diagnostics_channel'

const names = ['command', 'reply', 'session', 'transfer', 'retry'] as const
const max = 20_000

interface Line {
  readonly time: number
  /** Of a connection. */
  readonly session: number | undefined
  readonly text: string
}

const lastLines = 60

/** What the clients of this process have said and heard lately. */
export class Journal implements Disposable {
  #lines: Line[] = []
  /** Commands of each connection that have no final reply yet. */
  readonly #unanswered = new Map<number, string[]>()
  readonly #listeners = names.map(name => {
    const listener = (message: unknown): void => {
      const { session, ...rest } = message as { session: number } & Record<string, unknown>
      this.#add(session, this.#inWords(name, session, rest))
    }
    subscribe(`ftp-vfs:${name}`, listener)
    return [`ftp-vfs:${name}`, listener] as const
  })

  note(text: string): void {
    this.#add(undefined, text)
  }

  /**
   * The last lines since a moment that speak of a path; `wholeSessions`: all of the connections on which it was
   * spoken of.
   */
  since(time: number, path: string, wholeSessions: boolean): string[] {
    const lines = this.#lines.filter(each => each.time >= time)
    const about = new Set(lines.filter(({ text }) => text.includes(path)))
    const sessions = new Set([...about].flatMap(({ session }) => session ?? []))
    const shown = lines.filter(line => {
      if (about.has(line)) return true
      return (
        line.session !== undefined &&
        sessions.has(line.session) &&
        (wholeSessions || line.text.startsWith('- session'))
      )
    })
    return shown.slice(-lastLines).map(({ time: at, session, text }) => {
      return `${(at - time).toFixed(0).padStart(6)} ms ${session === undefined ? '' : `#${session} `}${text}`
    })
  }

  /**
   * Whether a connect to one of the ports was refused since a moment. Of a data connection vsftpd 3.0.3
   * says 425 first, on a session on which a path was spoken of.
   */
  refused(time: number, ports: ReadonlySet<number>, path: string): boolean {
    const lines = this.#lines.filter(each => each.time >= time)
    const sessions = new Set(lines.flatMap(({ session, text }) => (text.includes(path) ? [session] : [])))
    return lines.some(({ session, text }) => {
      const [, port] = /connect ECONN(?:REFUSED|RESET) \S+:(\d+)/.exec(text) ?? []
      return ports.has(Number(port)) || (sessions.has(session) && / end .* 425 /.test(text))
    })
  }

  #add(session: number | undefined, text: string): void {
    this.#lines.push({ time: performance.now(), session, text })
    if (this.#lines.length > 2 * max) this.#lines = this.#lines.slice(-max)
  }

  #inWords(name: (typeof names)[number], session: number, message: Record<string, unknown>): string {
    const unanswered = this.#unanswered.get(session) ?? []
    this.#unanswered.set(session, unanswered)
    switch (name) {
      case 'command':
        unanswered.push(String(message['command']))
        return `> ${String(message['command'])}`
      case 'reply': {
        const isLast = Number(message['code']) >= 200
        const command =
          Number(message['code']) === 220 ? undefined : isLast ? unanswered.shift() : unanswered[0]
        const said = (message['lines'] as string[]).join(' | ').slice(0, 200)
        return command === undefined ? `< ${said}` : `< ${said}   (${command})`
      }
      case 'session':
        if (message['event'] === 'close') this.#unanswered.delete(session)
        return `- session ${Object.values(message).map(String).join(' ')}`
      case 'transfer':
        return `- transfer ${Object.values(message).map(String).join(' ')}`
      case 'retry':
        return `- retry ${Object.values(message).map(String).join(' ')}`
    }
  }

  [Symbol.dispose](): void {
    for (const each of this.#listeners) unsubscribe(...each)
  }
}
