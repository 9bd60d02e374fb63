import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
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
    return (await common(reader, source, Buffer.alloc(0))) === source.size
  } finally {
    await reader.close()
  }
}

/**
 * How many bytes of the source the file on the server ends with, from a position on; undefined
 * where it holds others there, or ends before it. It is read to its end, whatever SIZE says.
 */
export async function countBack(
  remote: Remote,
  call: Call,
  path: ByteString,
  source: Source,
  start: number,
): Promise<number | undefined> {
  // From the byte before: where nothing lies behind the position, no server has to begin there.
  const before = Math.min(start, 1)
  const reader = new Reader(remote, call, path, { start: start - before })
  try {
    const first = before > 0 ? await reader.read() : Buffer.alloc(0)
    return first && (await common(reader, source, first.subarray(before)))
  } finally {
    await reader.close()
  }
}

/**
 * How many bytes are the same until the stored ones end; undefined where others come. `stored`:
 * those that have been read already.
 */
async function common(reader: Reader, source: Source, stored: Buffer): Promise<number | undefined> {
  let count = 0
  for await (const chunk of source.read(0)) {
    for (let at = 0; at < chunk.length;) {
      if (stored.length === 0) {
        const next = await reader.read()
        if (!next) return count
        stored = next
      }
      const length = Math.min(stored.length, chunk.length - at)
      if (stored.compare(chunk, at, at + length, 0, length) !== 0) return undefined
      stored = stored.subarray(length)
      at += length
      count += length
    }
  }
  return stored.length === 0 && (await reader.read()) === undefined ? count : undefined
}
