import type net from 'node:net'

/** Ends a data connection at once: the other side sees a reset, and not the end of a file. */
export function reset(socket: net.Socket): void {
  // libuv refuses to reset what is being shut down (EINVAL): Node 20 to 24 then leave it open, and `close` never comes.
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
