import net from 'node:net'
import { addAbortSignal } from 'node:stream'
import { command, type Command } from './commands.js'
import { ConnectionLostError, FtpError, FtpReplyError } from './errors.js'
import { isPositive, isUnknownCommand, replyText, type Reply } from './replies.js'
import type { Session } from './session.js'

export interface DataOptions {
  /** Commands that go in the flight of EPSV or PASV, in front of it. */
  along?: readonly Command[]
  /** Judges their replies: a reply that it returns ends the attempt before anything is asked for or sent. */
  judge?: (asked: Reply[]) => Reply | undefined
  /** The transfer's commands, which are not sent yet. */
  commands: readonly Command[]
}

/** A data connection that is open. It ends with its session. */
export interface DataConnection {
  socket: net.Socket
  /** The replies to the commands that went along. */
  asked: Reply[]
}

/**
 * Opens a passive data connection (EPSV, RFC 2428; PASV where that is refused). Resolves with the refusal
 * when `judge` returns one, and when the folder of the commands' bare names cannot be entered.
 */
export async function openData(
  session: Session,
  { along = [], judge, commands }: DataOptions,
): Promise<DataConnection | Reply> {
  const { server } = session
  const outside = await session.enter([...along, ...commands])
  if (outside) return outside
  const verb = server.epsvRefused ? 'PASV' : 'EPSV'
  const asked = await session.flight([...along, command(verb)])
  let passive = asked.pop()!
  const refusal = judge?.(asked)
  if (refusal) return refusal
  if (verb === 'EPSV' && !isPositive(passive) && net.isIPv4(session.address)) {
    server.epsvRefused = isUnknownCommand(passive) || passive.code === 522
    ;[passive] = (await session.flight([command('PASV')])) as [Reply]
  }
  return { socket: await connect(session, passivePort(passive)), asked }
}

/**
 * The port of a 229 or 227 reply. The address in a 227 is not used: behind NAT it is often wrong, and a
 * hostile server could point it at somebody else.
 */
function passivePort(reply: Reply): number {
  const text = isPositive(reply) ? replyText(reply) : ''
  const extended = /\(([!-~])\1\1(\d{1,5})\1\)/.exec(text)
  const plain = /\b\d{1,3},\d{1,3},\d{1,3},\d{1,3},(\d{1,3}),(\d{1,3})\b/.exec(text)
  const port = extended ? Number(extended[2]) : plain ? Number(plain[1]) * 256 + Number(plain[2]) : 0
  if (port > 0 && port < 65_536) return port
  const cause = new FtpReplyError(reply)
  throw noData(`The server opens no passive data connection: ${cause.message}`, { cause })
}

function connect(session: Session, port: number): Promise<net.Socket> {
  const { address: host, signal } = session
  const { shortTimeout } = session.options
  return new Promise((resolve, reject) => {
    // Half open: at the end of an upload the server may close first, before our last bytes have been written.
    const socket = net.connect({ host, port, noDelay: true, allowHalfOpen: true })
    addAbortSignal(signal, socket)
    const timer = setTimeout(() => {
      socket.destroy()
      reject(
        noData(
          `The data connection to port ${port} was not open within ${shortTimeout} ms; does a firewall block it?`,
        ),
      )
    }, shortTimeout)
    // Stays: ProFTPD 1.3.8 resets the connection when it refuses the command, which may be seen before the reply.
    socket.on('error', cause => {
      clearTimeout(timer)
      const lost = new ConnectionLostError(`The data connection to port ${port} failed: ${cause.message}`, {
        cause,
      })
      reject(signal.aborted ? (signal.reason as Error) : lost)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}

const noData = (message: string, options?: ErrorOptions): FtpError =>
  new FtpError('ERR_FTP_DATA_CONNECTION', message, options)
