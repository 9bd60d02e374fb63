/** Bytes that look random, the same ones on every run. */
export function bytes(length: number, seed = 1): Buffer {
  const buffer = Buffer.allocUnsafe(length)
  let state = seed >>> 0 || 1
  for (let i = 0; i < length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    buffer[i] = state & 0xff
  }
  return buffer
}

export const MIB = 1024 * 1024
