import { createCipheriv, createHash, type Hash } from 'node:crypto'

const chunkSize = 64 * 1024
const zeros = Buffer.alloc(chunkSize)

/** `size` bytes that depend on `seed` alone, made as they are asked for (an AES key stream). */
export function* content(seed: number, size: number): Generator<Buffer> {
  const key = createHash('sha256').update(`ftp-vfs ${seed}`).digest()
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  for (let left = size; left > 0; left -= chunkSize) yield cipher.update(zeros.subarray(0, left))
}

/** Passes bytes on and hashes them. */
export async function* hashed(
  source: Iterable<Buffer> | AsyncIterable<Buffer>,
  hash: Hash,
  passed: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    hash.update(chunk)
    passed(chunk.length)
    yield chunk
  }
}
