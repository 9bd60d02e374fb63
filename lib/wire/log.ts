import type { ByteString } from './names.js'
import { decodeName } from './names.js'

export interface LogOptions {
  logToConsole: boolean
  logPrivateInfoToConsole: boolean
  user: string
  password: string
  account?: string | undefined
  host: string
}

const mask = '***'

/** The dialog with the server on stderr, and the masking of what nobody should read there. */
export class Log {
  readonly enabled: boolean
  readonly #open: boolean
  readonly #secrets: RegExp | undefined

  constructor(options: LogOptions) {
    this.enabled = options.logToConsole
    this.#open = options.logPrivateInfoToConsole
    const words = [options.password, options.account, options.user].filter(
      word => word !== undefined && word !== '',
    )
    // Not inside a longer word: a user called `a` must not blacken every text.
    const alternatives = words.map(word => word!.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')
    this.#secrets =
      alternatives === ''
        ? undefined
        : new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternatives})(?![\\p{L}\\p{N}])`, 'gu')
  }

  command(session: number, line: ByteString): void {
    if (this.enabled)
      this.#print(
        session,
        '>',
        /^(USER|PASS|ACCT) /.test(line) && !this.#open ? `${line.slice(0, 4)} ${mask}` : line,
      )
  }

  reply(session: number, lines: readonly ByteString[]): void {
    if (!this.enabled) return
    for (const line of lines) this.#print(session, '<', line)
  }

  note(session: number, text: string): void {
    if (this.enabled) this.#print(session, '-', text)
  }

  /** The text without user name, password and account, whether they are logged or not: for errors. */
  masked(text: string): string {
    return this.#secrets ? text.replace(this.#secrets, mask) : text
  }

  #print(session: number, mark: string, line: ByteString): void {
    let text = decodeName(line)
    if (!this.#open) {
      // The address in a 227 reply, and the host, tell where the user's files are.
      text = this.masked(text).replace(/\b\d{1,3}([.,])\d{1,3}\1\d{1,3}\1\d{1,3}\b/g, `${mask}`)
    }
    console.error(`ftp-vfs #${session} ${mark} ${text}`)
  }
}
