import type { Hash } from 'node:crypto'
import { Reader } from '../read/reader.js'
import { transfer } from '../read/transfer.js'
import { hashCommand, newHash, serverHash } from './hash.js'
import { countBack, readBack } from './read-back.js'
import type { Source } from './source.js'
import type { Upload } from './upload.js'

/**
 * Whether the server holds the bytes. Compares the hash of a whole file if the server reports one;
 * else reads the bytes back.
 */
export async function holdsBytes(upload: Upload, source: Source): Promise<boolean> {
  const { remote, call, target, origin = 0, options } = upload
  const { features } = remote.pool.server
  if (options.mode === 'replace' && hashCommand(features)) {
    const reported = await serverHash(remote, call, target.path)
    if (reported !== undefined) {
      const hash = newHash(features)
      for await (const chunk of source.read(0)) hash.update(chunk)
      return reported === hash.digest('hex')
    }
  }
  return readBack(remote, call, target.path, source, origin)
}

/**
 * How many bytes of the source the file holds behind those that the upload sent before. Undefined
 * if it holds other bytes there.
 */
export function countHeld(upload: Upload, source: Source): Promise<number | undefined> {
  const { remote, call, target, origin = 0, sent } = upload
  return countBack(remote, call, target.path, source, origin + sent)
}

/** Whether a file of the given size holds the first bytes of the source. */
export async function holdsStart(upload: Upload, source: Source, size: number): Promise<boolean> {
  if (size === source.size) return holdsBytes(upload, source)
  const { remote, call, target } = upload
  return readBack(remote, call, target.path, { size, read: () => firstOf(source, size) }, 0)
}

async function* firstOf(source: Source, size: number): AsyncGenerator<Uint8Array> {
  let left = size
  for await (const chunk of source.read(0)) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) return
  }
}

/** Whether the file on the server has the hash of the sent bytes. `sent` comes from `newHash`. */
export async function holdsHash(upload: Upload, sent: Hash | undefined): Promise<boolean> {
  const { remote, call, target } = upload
  const expected = sent?.digest('hex')
  const reported = await serverHash(remote, call, target.path)
  if (reported !== undefined) return reported === expected
  const stored = newHash(remote.pool.server.features)
  await transfer(new Reader(remote, call, target.path), chunk => void stored.update(chunk))
  return stored.digest('hex') === expected
}
