/** Bytes that come one after the other, until there are none. */
export interface ByteReader {
  read(): Promise<Buffer | undefined>
  close(): Promise<void>
}

/** Takes all bytes of a file, and ends the reader, whatever happens. */
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

/** All bytes. */
export async function readAll(reader: ByteReader): Promise<Buffer> {
  const chunks: Buffer[] = []
  await transfer(reader, chunk => void chunks.push(chunk))
  return Buffer.concat(chunks)
}
