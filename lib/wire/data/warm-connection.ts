import type net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PreparedConnection, DataOpener } from './data-setup.js'
import { command, type Command } from '../session/command.js'
import { ConnectionLostError } from '../ftp-errors.js'
import { openPassive, takesEpsv } from './passive.js'
import type { Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'

// 30 s were fine with vsftpd 3.0.3, ProFTPD 1.3.8 and Pure-FTPd 1.0.50; firewalls may be less patient.
const maxAge = 20_000

// How long the first one may take. A firewall that looks for the reply to EPSV at the beginning of a packet lets none through.
const patience = 2_000

/**
 * A passive data connection that is made ahead of the transfer that will use it: EPSV goes in a write that goes anyway, and a
 * small file then takes one round trip instead of three.
 *
 * A connection that is dead without our knowing makes an upload of an empty file (`150`, `226`), and a download of nothing:
 * whoever uses one looks at the size, and repeats the transfer without.
 */
export class WarmConnection implements PreparedConnection {
  readonly #session: Session
  #made: Made | undefined

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
    // What names no port costs nobody an error: it may be the reply to another command, where replies come out of order.
    const opener = reply && !this.#session.closed ? openPassive(this.#session, reply) : undefined
    if (opener) this.#made = new Made(this.#session, opener)
  }

  async use(): Promise<DataOpener | undefined> {
    const made = this.#made
    this.#made = undefined
    if (!made) return undefined
    if (await made.fit()) return made.opener
    made.opener.giveUp()
    return undefined
  }

  drop(): void {
    this.#made?.opener.giveUp()
    this.#made = undefined
  }
}

class Made {
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
    if (dataAhead.certain || (await this.#comesAbout())) return true
    dataAhead.fail()
    return false
  }

  async #comesAbout(): Promise<boolean> {
    const over = new AbortController()
    const late = sleep(patience, false, over).catch(() => false)
    const made = this.opener.opened.then(
      () => true,
      () => false,
    )
    const timely = await Promise.race([made, late])
    over.abort()
    return timely
  }

  #watch(socket: net.Socket): net.Socket {
    const gone = (): void => void (this.#gone = true)
    // The server sends nothing before the transfer: what ends here has been closed.
    socket.once('end', gone).once('close', gone)
    const { server } = this.#session
    server.can.dataAhead.show()
    server.reachable = true
    return socket
  }

  #failed(error: Error): never {
    const silent = !(error instanceof ConnectionLostError)
    // What is closed or refused may be the server's answer to a transfer that it refuses; silence is a firewall's.
    if (silent && !this.#gone) this.#session.server.can.dataAhead.fail()
    this.#gone = true
    // The transfer is repeated without.
    throw silent ? new ConnectionLostError(error.message, { cause: error }) : error
  }
}
