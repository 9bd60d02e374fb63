import { decodeName, type ByteString } from '../names/names.js'
import type { Quirks } from '../server/quirks.js'

/** A reply of the server (RFC 959, section 4.2). */
export interface Reply {
  /** The three digits. */
  readonly code: number
  /** Every line as received, without its line end; the first begins with the code. */
  readonly lines: readonly ByteString[]
  /** Its text as errors show it: decoded, without user name, password and account. */
  readonly shown?: string
  /** The reply never ended properly: silence followed a line with another code. */
  readonly cutShort?: boolean
}

/** Formats text of the server for errors. */
export type Formatter = (said: ByteString) => string

/** Whether it is a preliminary reply (1yz): another reply to the same command follows. */
export const isPreliminary = (reply: Reply): boolean => reply.code < 200
/** Whether it is a completion (2yz) or intermediate (3yz) reply. */
export const isPositive = (reply: Reply): boolean => reply.code >= 200 && reply.code < 400
/**
 * Whether the server does not know the command, or not with this parameter (RFC 959: 500, 501, 502,
 * 504), or not in TYPE A: ProFTPD 1.3.8 and pyftpdlib 1.5.7 reply `550 SIZE not allowed in ASCII
 * mode`.
 */
export const isUnknownCommand = ({ code, lines }: Pick<Reply, 'code'> & Partial<Reply>): boolean =>
  code === 500 ||
  code === 501 ||
  code === 502 ||
  code === 504 ||
  (code === 550 && /^550[ -]SIZE not allowed in ASCII/i.test(lines?.[0] ?? ''))

/** Whether the server does not have the command at all (RFC 959: 500, 502). */
export const isNoCommand = ({ code }: Pick<Reply, 'code'>): boolean => code === 500 || code === 502

/** The text of a reply, without its code, on one line. */
export function replyText(reply: Reply): string {
  return reply.lines
    .map((line, index) => (index === 0 || line.startsWith(String(reply.code)) ? line.slice(4) : line).trim())
    .filter(text => text !== '')
    .join(' ')
}

/** The size in a 213 reply to SIZE (RFC 3659, section 4). */
export function parseSize(reply: Reply): number | undefined {
  const text = replyText(reply)
  return reply.code === 213 && /^\d+$/.test(text) ? Number(text) : undefined
}

/**
 * The path in the reply to PWD: `257 "/a ""quoted"" name" is the current directory` (RFC 959,
 * appendix II). MicroPython's server omits the quotes; others reply 250, or send `""` for the root.
 *
 * @returns undefined if the reply holds no certain path
 */
export function quotedPath(
  reply: Reply,
  { doublesQuotes, sendsIac }: Pick<Quirks, 'doublesQuotes' | 'sendsIac'>,
): ByteString | undefined {
  if (reply.code !== 257 && reply.code !== 250) return undefined
  const text = reply.lines.join('\n').slice(4)
  if (!text.includes('"')) return barePath(text)
  const quoted = doublesQuotes ? /^[^"]*"((?:[^"]|"")*)"[^"]*$/.exec(text) : /^[^"]*"(.*)"/s.exec(text)
  const path = doublesQuotes ? quoted?.[1]?.replaceAll('""', '"') : quoted?.[1]
  if (path === '') return '/'
  return path && withSlashes(sendsIac ? path.replaceAll('\xff\xff', '\xff') : path)
}

/** A path without quotes: alone, or before words such as "is the current directory". */
function barePath(text: ByteString): ByteString | undefined {
  const [, path] =
    /^\s*((?:\/|[a-z]:[\\/]).*?)\s*(?:\bis (?:the |your )?(?:current|working)\b.*)?$/i.exec(text) ?? []
  return path && withSlashes(path)
}

/** Converts a path with a Windows drive (`C:\ftp`) to slashes, which Windows accepts too. */
function withSlashes(path: ByteString): ByteString {
  return /^[a-z]:(?:[\\/]|$)/i.test(path) ? path.replaceAll('\\', '/') : path
}

// STAT of a large folder gives one long reply; a server that sends more than this is not FTP.
const maxReplyLength = 32 * 2 ** 20
const maxLineLength = 64 * 2 ** 10

/**
 * Splits the bytes of a control connection into replies, wherever the network splits them.
 *
 * basic-ftp 6.2.3 takes an incomplete line for a complete one, which silently changes sizes and
 * dates as soon as pipelined replies fill more than one segment.
 */
export class ReplyParser {
  readonly #shown: Formatter
  /** A line whose end has not come yet. */
  #rest = ''
  /** The lines so far of a multi-line reply. */
  #lines: ByteString[] = []
  #length = 0

  constructor(shown: Formatter = decodeName) {
    this.#shown = shown
  }

  /** Whether a part of a reply has come. */
  get begun(): boolean {
    return this.#rest !== '' || this.#lines.length > 0
  }

  /**
   * The incomplete reply, with the code of its last line, if that differs from the code of its
   * first: `553-`, then `150 Here it comes`. Only silence afterwards shows that it is complete.
   */
  get cutShort(): Reply | undefined {
    const last = this.#lines.at(-1) ?? ''
    if (this.#rest !== '' || this.#lines.length < 2 || !/^[1-5]\d\d /.test(last)) return undefined
    return new CutShortReply(Number(last.slice(0, 3)), this.#lines, this.#shown)
  }

  /** Ends the incomplete reply. */
  end(): void {
    this.#lines = []
    this.#length = 0
  }

  /** Takes received bytes and yields the replies that they complete. Throws for other bytes. */
  *push(chunk: ByteString): Generator<Reply> {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) {
      const reply = this.#take(line.endsWith('\r') ? line.slice(0, -1) : line)
      if (reply) yield reply
    }
    if (this.#rest.length > maxLineLength) throw new Error(`a line longer than ${maxLineLength} bytes`)
  }

  #take(line: ByteString): Reply | undefined {
    const [first] = this.#lines
    if (first === undefined) {
      if (line === '') return undefined
      if (!/^[1-6]\d\d(?:[ -]|$)/.test(line))
        throw new Error(`a line that is no reply: '${this.#shown(line).slice(0, 80)}'`)
      if (line[3] !== '-') return new ParsedReply(Number(line.slice(0, 3)), [line], this.#shown)
    }
    this.#lines.push(line)
    // An empty line takes memory too.
    this.#length += line.length + 16
    if (this.#length > maxReplyLength) throw new Error(`a reply longer than ${maxReplyLength} bytes`)
    const code = line.slice(0, 3)
    if (first === undefined || !first.startsWith(code) || !(line.length === 3 || line[3] === ' '))
      return undefined
    const reply = new ParsedReply(Number(code), this.#lines, this.#shown)
    this.#lines = []
    this.#length = 0
    return reply
  }
}

class ParsedReply implements Reply {
  readonly #shown: Formatter

  constructor(
    readonly code: number,
    readonly lines: readonly ByteString[],
    shown: Formatter,
  ) {
    this.#shown = shown
  }

  // Decoded only on demand: most replies are never shown.
  get shown(): string {
    return this.#shown(replyText(this))
  }
}

class CutShortReply extends ParsedReply {
  get cutShort(): boolean {
    return true
  }
}
