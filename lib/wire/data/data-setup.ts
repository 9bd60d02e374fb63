import type net from 'node:net'
import type { Command } from '../session/command.js'
import type { Reply } from '../reply/replies.js'

/** The dialog that sets up a data connection with the server: passive or active. */
export interface DataSetup {
  /** The commands to send; the reply to the last one counts. */
  ask: readonly Command[]
  /** The commands to send next if that reply is a refusal or names no port, if any. */
  askAgain(refusal: Reply): readonly Command[] | undefined
  /** The commands to send once if the reply leads to no connection, if any. */
  askOtherwise?(): readonly Command[] | undefined
  /** Throws an FtpError (ERR_FTP_DATA_CONNECTION) or a ConnectionLostError. */
  open(reply: Reply): Promise<DataOpener>
  /** Abandons the setup, which is not needed. */
  giveUp(): void
}

/** A data connection that is opened before its transfer is known (see WarmConnection). */
export interface PreparedConnection {
  /** The commands to write after others, in the same write; empty if none is wanted. */
  readonly ask: readonly Command[]
  /** Takes the reply to these commands. */
  take(reply: Reply | undefined): void
  /** Hands out the connection, if there is a usable one. */
  use(): Promise<DataOpener | undefined>
  /** Closes the connection, if there is one. */
  drop(): void
}

/** The source of a transfer's data connection: we open it (passive) or the server does (active). */
export interface DataOpener {
  /** Resolves with the connection. */
  opened: Promise<net.Socket>
  /** It was opened before the transfer was known (see WarmConnection). */
  ahead?: boolean
  /** Stops waiting for the connection, or closes it: it is not needed. */
  giveUp(): void
  /** Sets whether it keeps the process alive. */
  hold(alive: boolean): void
}
