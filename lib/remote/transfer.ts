import type { Reader } from './reader.js'

/** Takes all bytes of a file, and ends the reader, whatever happens. */
export async function transfer(reader: Reader, take: (chunk: Buffer) => Promise<void>): Promise<void> {
  try {
    for (let chunk; (chunk = await reader.read());) await take(chunk)
  } finally {
    await reader.close()
  }
}
