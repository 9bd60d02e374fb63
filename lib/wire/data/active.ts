import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ipv4Form } from '../session/address.js'
import type { DataSetup } from './data-setup.js'
import { command } from '../session/command.js'
import { dataConnectionRefused, noDataConnection } from '../ftp-errors.js'
import { isPositive } from '../reply/replies.js'
import type { Session } from '../session/session.js'

/**
 * Sets up an active data connection, which the server opens to a port of ours: EPRT (RFC 2428) or
 * PORT (RFC 959).
 */
export async function active(session: Session): Promise<DataSetup> {
  const { server, localAddress, options } = session
  const { dataConnectionType: type, activeAddress: address = localAddress, activePorts } = options
  const listener = await listen(session, activePorts)
  const opened = accepted(session, listener)
  const { port } = listener.address() as net.AddressInfo
  const ipv4 = net.isIPv4(address)
  const extended = !ipv4 || type === 'EPRT' || (type === 'AutoActive' && server.can.eprt.usable)
  const plain = [command(`PORT ${address.replaceAll('.', ',')},${port >> 8},${port & 255}`)]
  const giveUp = (): void => void listener.close()
  let again = false
  return {
    ask: extended ? [command(`EPRT |${ipv4 ? 1 : 2}|${address.split('%')[0]}|${port}|`)] : plain,
    askAgain(reply) {
      if (reply.code < 500 || !extended || !ipv4 || type !== 'AutoActive') return undefined
      again = true
      return plain
    },
    async open(reply) {
      if (!isPositive(reply))
        throw dataConnectionRefused('The server refuses to open a data connection', reply)
      if (again) server.can.eprt.fail()
      else if (extended) server.can.eprt.succeed()
      return { opened, giveUp, hold: () => {} }
    },
    giveUp,
  }
}

/**
 * Listens on a free port of the range; without a range, on any free port. Waits up to
 * `shortTimeout` for a port: other transfers release theirs as soon as the server has connected.
 */
async function listen(
  { localAddress: host, options, signal }: Session,
  range = { min: 0, max: 0 },
): Promise<net.Server> {
  const { min, max } = range
  const count = max - min + 1
  // Starts at a random port: one that was just used may still be in TIME_WAIT on the server.
  const first = Math.floor(Math.random() * count)
  const deadline = Date.now() + options.shortTimeout
  for (let tried = 0; tried < count || Date.now() < deadline; tried++) {
    if (tried > 0 && tried % count === 0) await sleep(20)
    signal.throwIfAborted()
    const listener = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true })
    try {
      listener.listen({ host, port: min + ((first + tried) % count) })
      await once(listener, 'listening')
      return listener
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue
      const cause = error as Error
      throw noDataConnection(`Cannot listen for data connections: ${cause.message}`, { cause })
    }
  }
  throw noDataConnection(`No port of activePorts (${min} to ${max}) is free`)
}

/** The first connection from the server's own address: any other peer could read or forge files. */
function accepted({ id, address, log }: Session, listener: net.Server): Promise<net.Socket> {
  const opened = new Promise<net.Socket>((resolve, reject) => {
    listener.on('connection', socket => {
      if (ipv4Form(socket.remoteAddress) === address) {
        resolve(socket)
        listener.close()
      } else {
        log.note(id, `refused a data connection from ${socket.remoteAddress}, which is not the server`)
        socket.destroy()
      }
    })
    listener.once('close', () => reject(noDataConnection('The server opened no data connection')))
  })
  opened.catch(() => {})
  return opened
}
