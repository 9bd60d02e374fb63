import net from 'node:net'
import { command, type Command } from './commands.js'
import { ConnectionLostError, FtpError, FtpReplyError } from './errors.js'
import { isPositive, isUnknownCommand, replyText, type Reply } from './replies.js'
import type { Session } from './session.js'

/** A data connection that is open, and the replies to the commands that went along with EPSV or PASV. */
export interface DataConnection {
  socket: net.Socket
  replies: Reply[]
}

/**
 * Opens a passive data connection (EPSV, RFC 2428; PASV where that is refused). Commands in `along` are
 * written in the same flight, in front of it.
 */
export async function openData(session: Session, along: readonly Command[] = []): Promise<DataConnection> {
  const { server } = session
  const verb = server.epsvRefused ? 'PASV' : 'EPSV'
  const replies = await session.flight([...along, command(verb)])
  const passive = replies.pop()!
  if (verb === 'EPSV' && !isPositive(passive) && net.isIPv4(session.address)) {
    server.epsvRefused = isUnknownCommand(passive) || passive.code === 522
    const [reply] = await session.flight([command('PASV')])
    return { socket: await connect(session, passivePort(reply!)), replies }
  }
  return { socket: await connect(session, passivePort(passive)), replies }
}

/**
 * The port of a 229 or 227 reply. The address in a 227 is not used: behind NAT it is often wrong, and a
 * hostile server could point it at somebody else.
 */
function passivePort(reply: Reply): number {
  const text = replyText(reply)
  if (isPositive(reply)) {
    const extended = /\(([!-~])\1\1(\d{1,5})\1\)/.exec(text)
    if (extended) return Number(extended[2])
    const plain = /\b\d{1,3},\d{1,3},\d{1,3},\d{1,3},(\d{1,3}),(\d{1,3})\b/.exec(text)
    if (plain) return Number(plain[1]) * 256 + Number(plain[2])
  }
  throw new FtpError(
    'ERR_FTP_DATA_CONNECTION',
    `The server opens no passive data connection: ${reply.code} ${text}`,
    {
      cause: new FtpReplyError(reply),
    },
  )
}

function connect(session: Session, port: number): Promise<net.Socket> {
  const { shortTimeout } = session.options
  return new Promise((resolve, reject) => {
    // Half open: at the end of an upload the server may close first, before our last bytes have been written.
    const socket = net.connect({ host: session.address, port, noDelay: true, allowHalfOpen: true })
    const fail = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      // The server goes on waiting for the connection, so that its next reply may belong to either.
      const lost = new ConnectionLostError(`The data connection to port ${port} failed: ${error.message}`, {
        cause: error,
      })
      session.close(lost)
      reject(lost)
    }
    const timer = setTimeout(() => fail(new Error(`not open within ${shortTimeout} ms`)), shortTimeout)
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      // ProFTPD 1.3.8 resets the connection when it refuses the command, which may be seen before the reply.
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}
