import type net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PreparedConnection, DataOpener } from './data-setup.js'
import { command, type Command } from '../session/command.js'
import { ConnectionLostError } from '../ftp-errors.js'
import { openPassive, takesEpsv } from './passive.js'
import type { Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'

// Milliseconds. vsftpd 3.0.3, ProFTPD 1.3.8 and Pure-FTPd 1.0.50 accept 30 s; a firewall may drop
// an idle connection sooner.
const maxAge = 20_000

// Milliseconds to wait for the first such connection. A firewall that inspects only the start of a
// packet misses the reply to this EPSV, and blocks the connection.
const patience = 2_000

/**
 * A passive data connection that is opened before its transfer: EPSV shares a write with other
 * commands, and a small file then takes one round trip instead of three.
 *
 * A connection that has died unnoticed turns an upload into an empty file (`150`, `226`), and a
 * download into no bytes: the caller checks the size, and repeats the transfer without it.
 */
export class WarmConnection implements PreparedConnection {
  readonly #session: Session
  #ahead: OpenedAhead | undefined

  constructor(session: Session) {
    this.#session = session
  }

  get ask(): Command[] {
    const { server } = this.#session
    const wanted = server.quirks.commandsBehindTransfer && !server.setsTransfersApart
    return wanted && server.can.dataAhead.usable && takesEpsv(this.#session) ? [command('EPSV')] : []
  }

  take(reply: Reply | undefined): void {
    this.drop()
    // A reply without a port is no error: it may belong to another command, if replies come out of
    // order.
    const opener = reply && !this.#session.closed ? openPassive(this.#session, reply) : undefined
    if (opener) this.#ahead = new OpenedAhead(this.#session, opener)
  }

  async use(): Promise<DataOpener | undefined> {
    const ahead = this.#ahead
    this.#ahead = undefined
    if (!ahead) return undefined
    if (await ahead.fit()) return ahead.opener
    ahead.opener.giveUp()
    return undefined
  }

  drop(): void {
    this.#ahead?.opener.giveUp()
    this.#ahead = undefined
  }
}

class OpenedAhead {
  readonly opener: DataOpener
  readonly #session: Session
  readonly #since = Date.now()
  #gone = false

  constructor(session: Session, opener: DataOpener) {
    const { opened } = opener
    this.#session = session
    opener.hold(false)
    this.opener = {
      ahead: true,
      opened: opened.then(
        socket => this.#watch(socket),
        error => this.#failed(error as Error),
      ),
      giveUp: () => {
        this.#gone = true
        opener.giveUp()
      },
      hold: alive => opener.hold(alive),
    }
    this.opener.opened.catch(() => {})
  }

  async fit(): Promise<boolean> {
    if (this.#gone || Date.now() - this.#since > maxAge) return false
    this.opener.hold(true)
    const { dataAhead } = this.#session.server.can
    if (!dataAhead.usable) return false
    if (dataAhead.certain || (await this.#opensInTime())) return true
    dataAhead.fail()
    return false
  }

  async #opensInTime(): Promise<boolean> {
    const over = new AbortController()
    const late = sleep(patience, false, over).catch(() => false)
    const opened = this.opener.opened.then(
      () => true,
      () => false,
    )
    const inTime = await Promise.race([opened, late])
    over.abort()
    return inTime
  }

  #watch(socket: net.Socket): net.Socket {
    const gone = (): void => void (this.#gone = true)
    // The server sends nothing before the transfer, so that an end means a closed connection.
    socket.once('end', gone).once('close', gone)
    const { server } = this.#session
    server.can.dataAhead.show()
    server.reachable = true
    return socket
  }

  #failed(error: Error): never {
    const silent = !(error instanceof ConnectionLostError)
    // A server may close or refuse it along with a transfer; silence means a firewall.
    if (silent && !this.#gone) this.#session.server.can.dataAhead.fail()
    this.#gone = true
    // As a lost connection, the caller repeats the transfer without one opened ahead.
    throw silent ? new ConnectionLostError(error.message, { cause: error }) : error
  }
}
