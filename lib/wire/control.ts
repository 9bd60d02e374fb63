import { FTPContext, type FTPResponse } from 'basic-ftp'
import { ConnectionLostError } from './errors.js'
import type { ByteString } from './names.js'
import { ReplyParser, type Reply } from './replies.js'

export type ReplyHandler = (reply: Reply) => void

/**
 * A control connection: basic-ftp's socket and task handling with our own reply parser in it.
 *
 * It speaks latin1, which maps bytes to characters one to one, so that names keep their bytes.
 */
export class ControlConnection extends FTPContext {
  #parser = new ReplyParser()
  #onClosed: (reason: Error) => void

  /** `onClosed` is called once, whoever ended the connection and why. */
  constructor(onClosed: (reason: Error) => void) {
    super(0, 'latin1')
    this.#onClosed = onClosed
  }

  /** Hands every reply to `handler` until the returned promise settles: by the handler, or by the loss of the connection. */
  replies<T>(handler: (reply: Reply, done: (value: T) => void) => void): Promise<T> {
    return this.handle(undefined, (response, task) => {
      if (response instanceof Error) task.reject(response)
      else handler(response as unknown as Reply, value => task.resolve(value))
    }) as Promise<T>
  }

  /** Writes the lines as one segment where they fit: corked, and without Nagle's delay. */
  write(lines: readonly ByteString[]): void {
    this.socket.cork()
    try {
      for (const line of lines) this.send(line)
    } finally {
      this.socket.uncork()
    }
  }

  override closeWithError(reason: Error): void {
    if (this._closingError) return
    super.closeWithError(reason)
    this.#onClosed(reason)
  }

  protected override _onControlSocketData(chunk: string): void {
    let replies: Reply[]
    try {
      replies = this.#parser.push(chunk)
    } catch (error) {
      this.closeWithError(new ConnectionLostError(`The server sent ${(error as Error).message}`))
      return
    }
    for (const reply of replies) {
      // A reply that nobody waits for (a 421 on an idle connection, most often) leaves the count of replies in doubt.
      if (!this._task) {
        this.closeWithError(
          new ConnectionLostError(`The server closed the idle session: ${reply.lines.join(' ')}`),
        )
        return
      }
      this._passToHandler(reply as unknown as FTPResponse)
    }
  }
}
