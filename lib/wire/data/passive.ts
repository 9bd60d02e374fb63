import net from 'node:net'
import { addAbortSignal } from 'node:stream'
import type { DataSetup, DataOpener } from './data-setup.js'
import { command, type Command } from '../session/command.js'
import { DirectRead } from './direct-read.js'
import {
  ConnectionLostError,
  dataConnectionLost,
  dataConnectionRefused,
  noDataConnection,
} from '../ftp-errors.js'
import { isPositive, replyText, type Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'

/** Sets up a passive data connection, which we open: EPSV (RFC 2428) or PASV (RFC 959). */
export function passive(session: Session, transfer: Command): DataSetup {
  const { server, address, options } = session
  const { dataConnectionType: type } = options
  const ipv4 = net.isIPv4(address)
  const extended = takesEpsv(session)
  // DrFTPD must know the file before it can name the machine that will send it.
  const pret = server.features.has('PRET') ? [command(`PRET ${transfer.verb}`, transfer.path)] : []
  const plain = [...pret, command('PASV')]
  /** PASV may follow if EPSV leads to no connection: each gets half the time. */
  const both = extended && ipv4 && type === 'AutoPassive'
  let follows = false
  const follow = (): readonly Command[] | undefined => {
    if (!both || follows) return undefined
    follows = true
    return plain
  }
  return {
    ask: extended ? [command('EPSV')] : plain,
    askAgain(reply) {
      if (passivePort(reply)) return undefined
      return follow()
    },
    askOtherwise: follow,
    async open(reply) {
      const opener = openPassive(session, reply, options.shortTimeout / (both ? 2 : 1))
      if (!opener) throw dataConnectionRefused('The server opens no passive data connection', reply)
      opener.opened.then(
        () => {
          server.reachable = true
          if (follows) server.can.epsv.fail()
          else if (extended) server.can.epsv.succeed()
        },
        () => (server.reachable = false),
      )
      // STOR truncates the file: it must not be sent until a connection is known to be possible.
      if (!server.quirks.dataBeforeReply || !server.reachable) await opener.opened
      return opener
    },
    giveUp() {},
  }
}

/** Whether passive data connections use EPSV. */
export function takesEpsv({ server, address, options: { dataConnectionType: type } }: Session): boolean {
  if (type === 'EPSV') return true
  if (type === 'AutoPassive') return server.can.epsv.usable || !net.isIPv4(address)
  return /^PASV/.test(type) && !net.isIPv4(address)
}

/** Connects to the port in the reply, within `timeout` milliseconds; undefined if it names none. */
export function openPassive(
  session: Session,
  reply: Reply,
  timeout = session.options.shortTimeout,
): DataOpener | undefined {
  const { server, address, options } = session
  const named = passivePort(reply)
  if (!named) return undefined
  const { host = address, port } = named
  const followed = options.dataConnectionType === 'PASVUSE' && host !== '0.0.0.0'
  if (host !== address && !followed && !server.namesOtherHost) {
    server.namesOtherHost = true
    session.log.note(
      session.id,
      `PASV named ${host}: data connections go to the host of the control connection all the same`,
    )
  }
  return connect(session, followed ? host : address, port, timeout)
}

/**
 * The port in a 229 or 227 reply, and the address in a 227. Do not trust the address: behind NAT it
 * is often wrong, and a hostile server could direct it at another host.
 */
function passivePort(reply: Reply): { host?: string; port: number } | undefined {
  const text = isPositive(reply) ? replyText(reply) : ''
  const extended = /\(([!-~])\1\1(\d{1,5})\1\)/.exec(text)
  const plain = /\b(\d{1,3},\d{1,3},\d{1,3},\d{1,3}),(\d{1,3}),(\d{1,3})\b/.exec(
    text.replace(/,\s+|\s+,/g, ','),
  )
  const port = extended ? Number(extended[2]) : plain ? Number(plain[2]) * 256 + Number(plain[3]) : 0
  const host = extended ? undefined : plain?.[1]!.replaceAll(',', '.')
  if (port <= 0 || port >= 65_536) return undefined
  return host === undefined ? { port } : { host, port }
}

function connect(session: Session, host: string, port: number, timeout: number): DataOpener {
  const { signal } = session
  // Half open: at the end of an upload the server may close first, while our last bytes are still
  // being written.
  const direct = session.protectsData ? undefined : new DirectRead()
  const onread = direct && { onread: direct.onread }
  const socket = net.connect({ host, port, noDelay: true, allowHalfOpen: true, ...onread })
  direct?.reads(socket)
  addAbortSignal(signal, socket)
  const opened = new Promise<net.Socket>((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy()
      const late = `The data connection to port ${port} was not open within ${timeout} ms; does a firewall block it?`
      reject(session.server.reachable ? dataConnectionLost(late) : noDataConnection(late))
    }, timeout)
    // This listener stays: ProFTPD 1.3.8 resets the connection when it refuses the command, and the
    // reset may arrive before the reply.
    socket.on('error', cause => {
      clearTimeout(timer)
      const message = `The data connection to port ${port} failed: ${cause.message}`
      const lost = new ConnectionLostError(message, { cause })
      reject(signal.aborted ? (signal.reason as Error) : lost)
    })
    socket.once('close', () => {
      clearTimeout(timer)
      reject(new ConnectionLostError(`The data connection to port ${port} was closed`))
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    // For a connection that is opened ahead, the timer must not keep the process alive either.
    timer.unref()
  })
  opened.catch(() => {})
  return {
    opened,
    giveUp: () => void socket.destroy(),
    hold: alive => void (alive ? socket.ref() : socket.unref()),
  }
}
