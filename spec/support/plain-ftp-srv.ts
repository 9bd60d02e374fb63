import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo, Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FtpSrv } from 'ftp-srv'
import type { Test } from 'tap'

const quiet = () => {}
const silent = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => silent }

/**
 * ftp-srv 4.6.3 as npm has it, over a folder of this machine; both gone at the end of the test. Not
 * in one process with the embedded server, which corrects its commands for all.
 */
export async function startPlainFtpSrv(t: Test): Promise<{ url: string; root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'ftp-vfs-srv-'))
  const signals = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const
  const before = signals.map(signal => process.listeners(signal))
  const srv = new FtpSrv({ url: 'ftp://127.0.0.1:0', pasv_url: '127.0.0.1', log: silent as never })
  // It ends the process at a signal.
  signals.forEach((signal, index) => {
    for (const listener of process.listeners(signal))
      if (!before[index]!.includes(listener)) process.off(signal, listener)
  })
  srv.on('login', (_, resolve) => resolve({ root }))
  const { server } = srv as unknown as { server: Server }
  const sockets = new Set<Socket>()
  server.on('connection', socket => sockets.add(socket))
  await srv.listen()
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
    await rm(root, { recursive: true })
  })
  return { url: `ftp://user:password@127.0.0.1:${(server.address() as AddressInfo).port}`, root }
}
