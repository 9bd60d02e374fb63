import type { Call } from '../pool/call.js'
import type { ByteString } from '../wire/names.js'
import { Reader } from './reader.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'
import { stat } from './stat.js'
import { transfer } from './transfer.js'
import { Writer } from './writer.js'

const zeros = Buffer.alloc(256 * 1024)

/** Makes a file as long as asked. FTP has no command for it: what is kept of a longer file is stored anew. */
export async function truncate(remote: Remote, call: Call, path: ByteString, size: number): Promise<void> {
  const info = await stat(remote, call, path)
  if (info.type === 'directory') throw new RefusedError('EISDIR')
  const now = info.size ?? 0
  if (size === now) return
  const longer = size > now
  const writer = new Writer(
    remote,
    call,
    path,
    longer ? { mode: 'append' } : { mode: 'replace', collect: true },
  )
  try {
    if (longer) {
      await appendZeros(writer, size - now)
    } else if (size > 0) {
      await transfer(new Reader(remote, call, path, { end: size - 1 }), chunk => writer.write(chunk))
    }
    await writer.end()
  } catch (error) {
    throw await writer.abandon(error)
  }
}

async function appendZeros(writer: Writer, count: number): Promise<void> {
  for (let left = count; left > 0; left -= zeros.length) await writer.write(zeros.subarray(0, left))
}
