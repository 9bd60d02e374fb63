import type { ByteString } from './names.js'

/** A reply of the server (RFC 959, section 4.2). */
export interface Reply {
  /** The three digits. */
  readonly code: number
  /** Every line as it came, without its line end; the first begins with the code. */
  readonly lines: readonly ByteString[]
}

/** A preliminary reply (1xx): another reply to the same command will follow. */
export const isPreliminary = (reply: Reply): boolean => reply.code < 200
/** A 2xx or 3xx reply: the command was done, or its next part is awaited. */
export const isPositive = (reply: Reply): boolean => reply.code >= 200 && reply.code < 400
/** The server does not know the command, or not with this parameter (RFC 959: 500, 501, 502, 504). */
export const isUnknownCommand = (reply: Reply): boolean =>
  reply.code === 500 || reply.code === 501 || reply.code === 502 || reply.code === 504

/** What the reply says, without code, in one line. */
export function replyText(reply: Reply): string {
  return reply.lines
    .map((line, index) => (index === 0 || line.startsWith(String(reply.code)) ? line.slice(4) : line).trim())
    .filter(text => text !== '')
    .join(' ')
}

/**
 * The path in a 257 reply: `257 "/a ""quoted"" name" is the current directory` (RFC 959, appendix II).
 * `doubled`: whether the server doubles a quotation mark within the path.
 */
export function quotedPath(reply: Reply, doubled: boolean): ByteString | undefined {
  if (reply.code !== 257) return undefined
  const text = reply.lines.join('\n').slice(4)
  const quoted = doubled ? /^[^"]*"((?:[^"]|"")*)"/.exec(text) : /^[^"]*"(.*)"/s.exec(text)
  return doubled ? quoted?.[1]?.replaceAll('""', '"') : quoted?.[1]
}

// A pipelined STAT of a large folder is one reply; a server that sends more than this is not talking FTP.
const maxReplyLength = 64 * 2 ** 20

/**
 * Cuts the bytes of a control connection into replies, however they were split or joined on the way.
 *
 * basic-ftp 6.2.3 takes an unfinished line for a whole one, which changes sizes and dates silently as soon
 * as pipelined replies fill more than one segment.
 */
export class ReplyParser {
  #rest = ''
  #scanned = 0
  #length = 0
  #lines: ByteString[] = []
  #code = ''

  /** Takes what has arrived and returns the replies that it completes. Throws when it is not a reply. */
  push(chunk: ByteString): Reply[] {
    const replies: Reply[] = []
    const text = this.#rest === '' ? chunk : this.#rest + chunk
    let start = 0
    let search = this.#scanned
    for (;;) {
      const end = text.indexOf('\n', search)
      if (end < 0) break
      const line = text.slice(start, text.charCodeAt(end - 1) === 13 && end > start ? end - 1 : end)
      start = search = end + 1
      const reply = this.#line(line)
      if (reply) replies.push(reply)
    }
    this.#rest = text.slice(start)
    this.#scanned = this.#rest.length
    if (this.#length + this.#rest.length > maxReplyLength) {
      throw new Error(`a reply longer than ${maxReplyLength} bytes`)
    }
    return replies
  }

  #line(line: ByteString): Reply | undefined {
    if (this.#code === '') {
      if (line === '') return undefined
      if (!/^[1-6]\d\d(?:[ -]|$)/.test(line)) throw new Error(`not a reply: '${line.slice(0, 80)}'`)
      if (line[3] !== '-') return { code: Number(line.slice(0, 3)), lines: [line] }
      this.#code = line.slice(0, 3)
    } else if (line.startsWith(this.#code) && (line.length === 3 || line[3] === ' ')) {
      const reply = { code: Number(this.#code), lines: [...this.#lines, line] }
      this.#code = ''
      this.#lines = []
      this.#length = 0
      return reply
    }
    this.#lines.push(line)
    this.#length += line.length
    return undefined
  }
}
