import type net from 'node:net'
import type { Command } from '../session/command.js'
import type { Reply } from '../reply/replies.js'

/** How a data connection is arranged with the server, and made. */
export interface DataSetup {
  /** What is said to the server; the reply to the last command counts. */
  ask: readonly Command[]
  /** What is said when that is refused, or its reply is none, if anything. */
  askAgain(refusal: Reply): readonly Command[] | undefined
  /** What is said when no connection comes of the reply, if anything: once. */
  askOtherwise?(): readonly Command[] | undefined
  /** Throws an FtpError (ERR_FTP_DATA_CONNECTION) or a ConnectionLostError. */
  open(reply: Reply): Promise<DataOpener>
  /** It is not needed. */
  giveUp(): void
}

/** Data connections that are made before the transfer is known that will use them (see WarmConnection). */
export interface PreparedConnection {
  /** What is written behind other commands, in the same write, so that there is one: nothing where none is wanted. */
  readonly ask: readonly Command[]
  /** The reply to that has come. */
  take(reply: Reply | undefined): void
  /** Hands one out, if there is one that can be used. */
  use(): Promise<DataOpener | undefined>
  /** Closes what there is. */
  drop(): void
}

/** Where the connection of a transfer comes from: it is made by us (passive mode) or by the server (active mode). */
export interface DataOpener {
  /** Resolves with the connection. */
  opened: Promise<net.Socket>
  /** It was made before the transfer was known (see WarmConnection). */
  ahead?: boolean
  /** It is not needed: waits no longer for one, and closes what there is. */
  giveUp(): void
  /** Whether it keeps the process alive. */
  hold(alive: boolean): void
}
