import type { Test } from 'tap'
import { parseFlags } from '../../lib/node/flags.js'
import { resolveOptions, type FtpVfsOptions } from '../../lib/options/options.js'
import { Call } from '../../lib/pool/call.js'
import { Pool } from '../../lib/pool/pool.js'
import { OpenFile } from '../../lib/remote/open/open-file.js'
import { Memory } from '../../lib/remote/memory.js'
import { RemotePaths } from '../../lib/remote/paths.js'
import { Remote } from '../../lib/remote/remote.js'
import { Log } from '../../lib/wire/log.js'

/** What lies below an FtpVfs; closed at the end of the test. */
export function remoteOn(t: Test, url: string, options: FtpVfsOptions = {}): Remote {
  const resolved = resolveOptions(url, { connections: 1, ...options })
  const paths = new RemotePaths({ folder: resolved.path, absolute: resolved.pathIsAbsolute }, 'utf8')
  const pool = new Pool({ ...resolved, loginRelative: !resolved.pathIsAbsolute }, new Log(resolved))
  t.teardown(() => pool.close())
  return new Remote(pool, paths, resolved, new Memory(resolved.memoryLimit))
}

/** Opens a file with Node's flags. It is closed at the end of the test. */
export async function openOn(t: Test, remote: Remote, path: string, flags: string): Promise<OpenFile> {
  const file = await OpenFile.open(remote, new Call(), path, parseFlags(flags))
  t.teardown(() => file.close())
  return file
}

/** So many bytes of the file, or those that there are. */
export async function read(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const into = Buffer.alloc(length, '?')
  return into.subarray(0, await file.read(into, position))
}
