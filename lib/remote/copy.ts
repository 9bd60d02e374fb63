import type { Call } from '../pool/call.js'
import type { ByteString } from '../wire/names.js'
import { Reader } from './reader.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'
import { stat } from './stat.js'
import { Writer } from './writer.js'

/**
 * Copies a file through this machine: FTP has no command for it. Reading and writing may take turns with one
 * session.
 */
export async function copyFile(
  remote: Remote,
  call: Call,
  path: ByteString,
  dest: ByteString,
  exclusive: boolean,
): Promise<void> {
  if (path === dest && !exclusive) {
    // As on a local disk, nothing is done; and the file would be emptied before it was read.
    if ((await stat(remote, call, path)).type === 'directory') throw new RefusedError('EISDIR')
    return
  }
  const reader = new Reader(remote, call, path)
  const writer = new Writer(remote, call, dest, { mode: 'replace', exclusive })
  try {
    for (let chunk; (chunk = await reader.read());) await writer.write(chunk)
    await writer.end()
  } catch (error) {
    await writer.abort()
    throw error
  } finally {
    await reader.close()
  }
}
