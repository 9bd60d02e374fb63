import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import { FtpVfs } from '../../lib/index.js'
import { startEmbeddedServer } from '../../spec/support/embedded-server.js'
import { abortAtSignal } from './interrupt.js'
import { runJob } from './job.js'
import { mask, oneLine } from './mask.js'
import { progress, size, table, type Row } from './report.js'

const usage = `Usage: npm start [-- <ftp-url>]

Uploads 300 small files and one of 64 MiB over a pool of FTP connections, lists them,
reads them back, compares their hashes and deletes them.

  <ftp-url>   the server to use, such as ftp://user:password@host/path; everything happens
              in a new folder there. Without it an FTP server in memory is started.
`

export interface Output {
  stdout: Writable & { isTTY?: boolean }
  stderr: Writable
}

/** What `npm start` does; resolves with the exit code: 0 only when every hash agreed, 130 when interrupted. */
export async function main(args: string[], output: Output): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    output.stdout.write(usage)
    return 0
  }
  if (args.length > 1 || args[0]?.startsWith('-')) {
    output.stderr.write(usage)
    return 1
  }
  const server = args[0] === undefined ? await startEmbeddedServer() : undefined
  try {
    return await demonstrate(args[0] ?? server!.url, output)
  } finally {
    await server?.stop()
  }
}

async function demonstrate(url: string, { stdout, stderr }: Output): Promise<number> {
  const interrupt = new AbortController()
  let ignoreSignals = () => {}
  try {
    await using vfs = new FtpVfs(url)
    await vfs.connect()
    stdout.write(`Connected to ${mask(url, url)}\n`)
    ignoreSignals = abortAtSignal(interrupt)
    const rows = await inFreshFolder(vfs, interrupt.signal, { stdout, stderr })
    stdout.write(`${table(rows)}\n${summary(rows, vfs)}\n`)
    return 0
  } catch (error) {
    const interrupted = interrupt.signal.aborted
    stderr.write(interrupted ? 'Interrupted.\n' : `Failed: ${oneLine(error, url)}\n`)
    return interrupted ? 130 : 1
  } finally {
    ignoreSignals()
  }
}

async function inFreshFolder(vfs: FtpVfs, signal: AbortSignal, { stdout, stderr }: Output): Promise<Row[]> {
  const folder = `/ftp-vfs-demo-${randomBytes(4).toString('hex')}`
  try {
    return await runJob(vfs, folder, { signal, progress: progress(stdout) })
  } catch (error) {
    await vfs.rm(folder, { recursive: true, force: true }).catch(() => {
      stderr.write(`${folder} could not be removed.\n`)
    })
    throw error
  }
}

function summary(rows: Row[], vfs: FtpVfs): string {
  const sent = rows.filter(row => row.step.startsWith('Upload'))
  const files = sent.reduce((sum, row) => sum + row.files, 0)
  const bytes = sent.reduce((sum, row) => sum + row.bytes, 0)
  const { opened, commands, flights } = vfs.stats()
  return (
    `${files} files, ${size(bytes)} up and down again, every sha256 agrees. ` +
    `${opened} connections opened, ${commands} commands in ${flights} flights.`
  )
}
