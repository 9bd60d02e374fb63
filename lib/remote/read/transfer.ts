/** A sequence of chunks. `read` resolves with undefined at its end. */
export interface ByteReader {
  read(): Promise<Buffer | undefined>
  close(): Promise<void>
}

/** Passes all bytes to `take`, and closes the reader, whatever happens. */
export async function transfer(
  reader: ByteReader,
  take: (chunk: Buffer) => Promise<void> | void,
): Promise<void> {
  try {
    for (let chunk; (chunk = await reader.read());) await take(chunk)
  } finally {
    await reader.close()
  }
}

/** Reads all bytes into one Buffer, and closes the reader. */
export async function readAll(reader: ByteReader): Promise<Buffer> {
  const chunks: Buffer[] = []
  await transfer(reader, chunk => void chunks.push(chunk))
  return Buffer.concat(chunks)
}
