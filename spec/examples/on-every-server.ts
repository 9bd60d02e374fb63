import * as nodeFs from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FtpVfs, type FtpVfsOptions } from '../../lib/index.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { forServers } from '../support/for-servers.js'

export interface Stage {
  vfs: FtpVfs
  url: string
  /** What is on the server, not seen through the library: a file system, and the path in it of one on the server. */
  outside: typeof nodeFs
  at(path: string): string
  /** Its name; undefined for the embedded one. */
  server?: string
}

const servers = ['vsftpd', 'proftpd', 'pure-ftpd'] as const

/** Runs an example on the embedded server and, where they are tested, on the real ones, each with one FtpVfs. */
export async function onEveryServer(
  example: string,
  body: (t: Test, stage: Stage) => Promise<void>,
  options: FtpVfsOptions = {},
): Promise<void> {
  // In a run on the real servers the embedded one has had its turn in `npm test`.
  if (!process.env['FTP_VFS_SERVERS']) {
    await t.test(`${example} (ftp-srv)`, async t => {
      const { url, fs, stop } = await startEmbeddedServer()
      t.teardown(stop)
      await body(t, {
        vfs: open(t, url, options),
        url,
        outside: fs as unknown as typeof nodeFs,
        at: path => path,
      })
    })
  }
  await forServers(
    t,
    example,
    (t, { name, root, url }) =>
      body(t, {
        vfs: open(t, url, options),
        url,
        outside: nodeFs,
        at: path => join(root, path),
        server: name,
      }),
    { only: servers },
  )
}

function open(t: Test, url: string, options: FtpVfsOptions): FtpVfs {
  const vfs = new FtpVfs(url, options)
  t.teardown(() => vfs.close())
  return vfs
}
