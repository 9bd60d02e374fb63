import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { ByteString } from '../../lib/wire/names/names.js'

/** What went over the control connections made through `port`. */
export interface ControlRecording extends AsyncDisposable {
  /** Connect here, on 127.0.0.1, instead of to the server. */
  readonly port: number
  readonly url: string
  /** Each command line, without its CRLF. */
  readonly commands: ByteString[]
  /** Each whole reply; the lines of one are joined by a newline. */
  readonly replies: ByteString[]
  /** The commands by the TCP read in which they came. */
  readonly flights: ByteString[][]
  /** Closes the port and every connection through it. */
  stop(): Promise<void>
}

/**
 * Forwards control connections to a server on loopback, byte by byte, and records them. An EPSV reply
 * holds only a port, so data connections go straight to the server. Not for TLS, which it cannot read.
 */
export async function recordControl(server: { host: string; port: number }): Promise<ControlRecording> {
  const commands: ByteString[] = []
  const replies: ByteString[] = []
  const flights: ByteString[][] = []
  const sockets = new Set<Socket>()

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, client => {
    const upstream = connect({ ...server, allowHalfOpen: true, noDelay: true })
    const commandLines = lineSplitter()
    const replyLines = lineSplitter()
    let reply: ByteString[] = []
    // Recorded before it is forwarded: whoever has seen a reply finds it in the record.
    client.on('data', chunk => {
      const flight = commandLines(chunk)
      if (flight.length) flights.push(flight)
      commands.push(...flight)
    })
    upstream.on('data', chunk => {
      for (const line of replyLines(chunk)) {
        reply.push(line)
        if (!line.startsWith(`${reply[0]!.slice(0, 3)} `)) continue
        replies.push(reply.join('\n'))
        reply = []
      }
    })
    forward(client, upstream)
    forward(upstream, client)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
  })
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo

  const stop = async () => {
    const closed = new Promise<unknown>(resolve => listener.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    port,
    url: `ftp://127.0.0.1:${port}`,
    commands,
    replies,
    flights,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function forward(from: Socket, to: Socket): void {
  from.pipe(to)
  from.on('error', () => to.resetAndDestroy())
}

/** The lines that each chunk completes. */
function lineSplitter(): (chunk: Buffer) => ByteString[] {
  let rest = ''
  return chunk => {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop()!
    return lines.map(line => line.replace(/\r$/, ''))
  }
}
