import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import { Reader } from '../read/reader.js'
import type { Remote } from '../remote.js'
import type { Source } from './source.js'

/** Reads the file back from `start`, and checks that it holds the bytes of the source there. */
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
 * Counts the bytes of the source that the file on the server holds from `start` to its end.
 * Undefined if it holds others there, or ends before `start`. Reads to the end of the file,
 * whatever SIZE reports.
 */
export async function countBack(
  remote: Remote,
  call: Call,
  path: ByteString,
  source: Source,
  start: number,
): Promise<number | undefined> {
  // Reads from the byte before: if the file ends at `start`, no server has to accept that position.
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
 * Counts the common bytes up to the end of the stored ones. Undefined if they differ. `stored`:
 * bytes that have been read already.
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
