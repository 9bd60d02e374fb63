import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names.js'
import { Reader } from '../read/reader.js'
import type { Remote } from '../remote.js'
import type { Source } from './source.js'

/**
 * Whether the file on the server holds the bytes of the source, from a position on: they are read
 * back and compared.
 */
export async function readBack(
  remote: Remote,
  call: Call,
  path: ByteString,
  source: Source,
  start: number,
): Promise<boolean> {
  if (source.size === 0) return true
  const reader = new Reader(remote, call, path, { start, end: start + source.size - 1 })
  try {
    let stored: Buffer = Buffer.alloc(0)
    for await (const chunk of source.read(0)) {
      for (let at = 0; at < chunk.length;) {
        if (stored.length === 0) {
          const next = await reader.read()
          if (!next) return false
          stored = next
        }
        const length = Math.min(stored.length, chunk.length - at)
        if (stored.compare(chunk, at, at + length, 0, length) !== 0) return false
        stored = stored.subarray(length)
        at += length
      }
    }
    return stored.length === 0 && (await reader.read()) === undefined
  } finally {
    await reader.close()
  }
}
