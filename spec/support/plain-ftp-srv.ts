import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Test } from 'tap'

// Replies go out at once, so that the suite is not slowed by 40 ms for each flight.
const script = `
const { parentPort, workerData } = require('node:worker_threads')
const { FtpSrv } = require(workerData.module)
const quiet = () => {}
const log = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => log }
const srv = new FtpSrv({ url: 'ftp://127.0.0.1:0', pasv_url: '127.0.0.1', log })
srv.on('login', (_, resolve) => resolve({ root: workerData.root }))
srv.server.on('connection', socket => socket.setNoDelay(true))
srv.listen().then(() => parentPort.postMessage(srv.server.address().port))
`

/**
 * ftp-srv 4.6.3 as npm has it, over a folder of this machine; both gone at the end of the test. In a
 * thread of its own: it leaves ports open, and the embedded server corrects its commands for all.
 */
export async function startPlainFtpSrv(t: Test): Promise<{ url: string; root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'ftp-vfs-srv-'))
  const module = createRequire(import.meta.url).resolve('ftp-srv')
  // Its library prints rejections that nothing handles.
  const worker = new Worker(script, { eval: true, workerData: { root, module }, stderr: true })
  t.teardown(async () => {
    await worker.terminate()
    await rm(root, { recursive: true })
  })
  const [port] = (await once(worker, 'message')) as [number]
  return { url: `ftp://user:password@127.0.0.1:${port}`, root }
}
