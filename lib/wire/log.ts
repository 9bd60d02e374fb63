import { channel } from 'node:diagnostics_channel'
import { debuglog } from 'node:util'
import { mask, Mask, type MaskedWords } from './mask.js'
import { decodeName, type ByteString } from './names/names.js'
import type { ServerKind } from './server/quirks.js'

export interface LogOptions extends MaskedWords {
  logToConsole: boolean
  logPrivateInfoToConsole: boolean
  logDiagnostics?: boolean
}

/** A step in the life of a session, published on the diagnostics channel `ftp-vfs:session`. */
export type SessionEvent =
  | { event: 'connect' }
  | { event: 'secure'; protocol: string; cipher: string }
  | { event: 'login'; server: ServerKind }
  | { event: 'close'; reason: string }

/**
 * The start or the end of a transfer, published on the diagnostics channel `ftp-vfs:transfer`.
 * `command` is the line that was sent; `reason` is why the transfer ended early.
 */
export type TransferEvent =
  | { event: 'begin'; command: ByteString }
  | { event: 'end'; command: ByteString; bytes: number; reason?: string }

/**
 * A failed attempt that is retried after `delay` milliseconds, published on the diagnostics channel
 * `ftp-vfs:retry`.
 */
export interface RetryEvent {
  /** The number of the next attempt: 2 is the first retry. */
  attempt: number
  delay: number
  reason: string
}

/**
 * A line that a listing left out (option `listErrors`), published on the diagnostics channel
 * `ftp-vfs:listing`.
 */
export interface SkippedLineEvent {
  /** The path of the folder. */
  path: ByteString
  line: string
}

const channels = {
  command: channel('ftp-vfs:command'),
  reply: channel('ftp-vfs:reply'),
  session: channel('ftp-vfs:session'),
  transfer: channel('ftp-vfs:transfer'),
  retry: channel('ftp-vfs:retry'),
  listing: channel('ftp-vfs:listing'),
  text: channel('ftp-vfs'),
}
const debug = debuglog('ftp-vfs')

/**
 * Logs commands, replies, sessions and transfers, with all secrets masked.
 *
 * Lines of text go to stderr with `logToConsole`, to the diagnostics channel `ftp-vfs` with
 * `logDiagnostics`, and to Node's debug log with NODE_DEBUG=ftp-vfs. Objects go to the subscribers
 * of the channels `ftp-vfs:command`, `:reply`, `:session`, `:transfer`, `:retry` and `:listing`
 * (Node: diagnostics_channel).
 */
export class Log {
  readonly #options: LogOptions
  readonly #mask: Mask
  readonly #warned = new Set<string>()

  constructor(options: LogOptions) {
    this.#options = options
    this.#mask = new Mask(options)
  }

  command(session: number, line: ByteString): void {
    if (!this.#printed && !channels.command.hasSubscribers) return
    const command = this.#line(line)
    channels.command.publish({ session, command })
    this.#print(session, '>', command)
  }

  reply(session: number, lines: readonly ByteString[]): void {
    if (!this.#printed && !channels.reply.hasSubscribers) return
    const code = lines[0]!.slice(0, 3)
    const shown = lines.map(line => {
      const start = line.startsWith(code) ? code : ''
      return start + this.#shown(this.#decoded(line.slice(start.length)))
    })
    channels.reply.publish({ session, code: Number(code), lines: shown })
    for (const line of shown) this.#print(session, '<', line)
  }

  session(session: number, event: SessionEvent): void {
    if (!this.#printed && !channels.session.hasSubscribers) return
    const shown = event.event === 'close' ? { ...event, reason: this.#shown(event.reason) } : event
    channels.session.publish({ session, ...shown })
    this.#print(session, '-', sessionText(shown))
  }

  transfer(session: number, event: TransferEvent): void {
    if (!this.#printed && !channels.transfer.hasSubscribers) return
    const shown = { ...event, command: this.#line(event.command) }
    if (shown.event === 'end' && shown.reason !== undefined) shown.reason = this.#shown(shown.reason)
    channels.transfer.publish({ session, ...shown })
    this.#print(session, '-', transferText(shown))
  }

  retry(event: RetryEvent): void {
    if (!this.#printed && !channels.retry.hasSubscribers) return
    const shown = { ...event, reason: this.#shown(event.reason) }
    channels.retry.publish(shown)
    this.#print(0, '-', `attempt ${shown.attempt} in ${shown.delay} ms: ${shown.reason}`)
  }

  skippedLine(event: SkippedLineEvent): void {
    if (!this.#printed && !channels.listing.hasSubscribers) return
    const path = this.#shown(this.#decoded(event.path))
    const line = this.#shown(event.line)
    channels.listing.publish({ path, line })
    this.#print(0, '-', `left out of the listing of ${path}: ${line}`)
  }

  note(session: number, text: string): void {
    if (this.#printed) this.#print(session, '-', this.#shown(text))
  }

  /** Logs a warning and emits it once per code as a process warning (Node: process.emitWarning). */
  warn(session: number, code: string, text: string): void {
    this.note(session, `${code}: ${text}`)
    if (this.#warned.has(code)) return
    this.#warned.add(code)
    process.emitWarning(this.#shown(text), { type: 'FtpVfsWarning', code })
  }

  /**
   * Text of the server for error messages: without user name, password and account, even if the log
   * shows them.
   */
  masked(said: ByteString): string {
    return withoutControls(this.#mask.credentials(this.#decoded(said)))
  }

  /** Whether the lines of text have a reader. */
  get #printed(): boolean {
    const { logToConsole, logDiagnostics } = this.#options
    return logToConsole || debug.enabled || (logDiagnostics === true && channels.text.hasSubscribers)
  }

  /** A command as the log shows it. Its verb is never masked, even if the user is called `TYPE`. */
  #line(line: ByteString): string {
    const [, verb = '', rest = ''] = /^(\S*)(.*)$/s.exec(line)!
    const secret = /^(?:USER|PASS|ACCT)$/.test(verb) && !this.#options.logPrivateInfoToConsole
    return secret ? `${verb} ${mask}` : verb + this.#shown(this.#decoded(rest))
  }

  #decoded(bytes: ByteString): string {
    return decodeName(bytes, this.#options.encoding)
  }

  #shown(text: string): string {
    return withoutControls(this.#options.logPrivateInfoToConsole ? text : this.#mask.all(text))
  }

  #print(session: number, mark: '>' | '<' | '-', text: string): void {
    if (!this.#printed) return
    const entry = `ftp-vfs #${session} ${mark} ${text}`
    if (this.#options.logToConsole) console.error(entry)
    if (this.#options.logDiagnostics) channels.text.publish(entry)
    debug('%s', entry)
  }
}

/** Removes control characters: a server must not control the terminal. */
const withoutControls = (text: string): string => text.replace(/[\0-\x1f\x7f-\x9f]/g, '\ufffd')

function sessionText(event: SessionEvent): string {
  switch (event.event) {
    case 'connect':
      return 'connects'
    case 'secure':
      return `secure: ${event.protocol}, ${event.cipher}`
    case 'login':
      return `logged in: the server is ${event.server}`
    case 'close':
      return `closed: ${event.reason}`
  }
}

function transferText(event: TransferEvent): string {
  if (event.event === 'begin') return `${event.command}: begins`
  const reason = event.reason === undefined ? '' : `, ended early: ${event.reason}`
  return `${event.command}: ${event.bytes} bytes${reason}`
}
