import { channel } from 'node:diagnostics_channel'
import { debuglog } from 'node:util'
import { decodeName, type ByteString, type NameEncoding } from './names.js'

export interface LogOptions {
  logToConsole: boolean
  logPrivateInfoToConsole: boolean
  logDiagnostics?: boolean
  user: string
  password: string
  account?: string | undefined
  host: string
  encoding?: NameEncoding
}

const mask = '***'
const diagnostics = channel('ftp-vfs')
const debug = debuglog('ftp-vfs')

/**
 * The dialog with the server, and the masking of what nobody should read there. It goes to stderr with
 * `logToConsole`, to the subscribers of the diagnostics channel `ftp-vfs` with `logDiagnostics` (Node:
 * diagnostics_channel), and to Node's debug log with NODE_DEBUG=ftp-vfs.
 */
export class Log {
  readonly #options: LogOptions
  readonly #enabled: boolean
  readonly #credentials: RegExp | undefined
  readonly #host: RegExp | undefined

  constructor(options: LogOptions) {
    const { user, password, account, host } = options
    this.#options = options
    this.#enabled = options.logToConsole || options.logDiagnostics || debug.enabled
    this.#credentials = oneOf([password, account, user], 'gu')
    this.#host = oneOf([host], 'giu')
  }

  command(session: number, line: ByteString): void {
    if (!this.#enabled) return
    const [secret] = /^(?:USER|PASS|ACCT) /.exec(line) ?? []
    const shown = secret !== undefined && !this.#options.logPrivateInfoToConsole ? secret + mask : line
    this.#print(session, '>', this.#decoded(shown))
  }

  reply(session: number, lines: readonly ByteString[]): void {
    if (!this.#enabled) return
    for (const line of lines) this.#print(session, '<', this.#decoded(line))
  }

  note(session: number, text: string): void {
    if (this.#enabled) this.#print(session, '-', text)
  }

  /** What the server said, for errors: without user name, password and account, whether they are logged or not. */
  masked(said: ByteString): string {
    return without(this.#credentials, this.#decoded(said))
  }

  #decoded(bytes: ByteString): string {
    return decodeName(bytes, this.#options.encoding)
  }

  #print(session: number, mark: '>' | '<' | '-', line: string): void {
    // A server must not steer the terminal.
    let text = line.replace(/[\0-\x1f\x7f-\x9f]/g, '\ufffd')
    if (!this.#options.logPrivateInfoToConsole) {
      text = without(this.#host, without(this.#credentials, text))
      // The address in a 227 reply tells where the user's files are.
      text = text.replace(/\b\d{1,3}([.,])\d{1,3}\1\d{1,3}\1\d{1,3}\b/g, mask)
    }
    const entry = `ftp-vfs #${session} ${mark} ${text}`
    if (this.#options.logToConsole) console.error(entry)
    if (this.#options.logDiagnostics) diagnostics.publish(entry)
    debug('%s', entry)
  }
}

/** Finds each of the words, but not inside a longer one: a user called `a` must not blacken every text. */
function oneOf(words: (string | undefined)[], flags: string): RegExp | undefined {
  const patterns = words.flatMap(word => (word ? [word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')] : []))
  if (patterns.length === 0) return undefined
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${patterns.join('|')})(?![\\p{L}\\p{N}])`, flags)
}

function without(words: RegExp | undefined, text: string): string {
  return words ? text.replace(words, mask) : text
}
