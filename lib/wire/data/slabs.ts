// Bytes that are kept in all.
const maxKept = 4 * 2 ** 20

const slabs = new WeakSet<ArrayBufferLike>()
const free = new Map<number, Buffer[]>()
let kept = 0

/** The lengths of slabs: powers of two between these. */
export const smallestSlab = 16 * 1024
export const largestSlab = 512 * 1024

/** Memory for a read. New memory costs the system, which fills it with zeros, as much as the copying. */
export function takeSlab(length: number): Buffer {
  const used = free.get(length)?.pop()
  if (used) {
    kept -= length
    return used
  }
  const slab = Buffer.allocUnsafeSlow(length)
  slabs.add(slab.buffer)
  return slab
}

/** Takes chunks back, of which nobody uses anything any more. What is not on a slab is left to the garbage collector. */
export function giveBack(chunks: readonly Buffer[]): void {
  for (const { buffer } of chunks) {
    const length = buffer.byteLength
    if (kept + length > maxKept || !slabs.has(buffer)) continue
    kept += length
    const slab = Buffer.from(buffer)
    const others = free.get(length)
    if (others) others.push(slab)
    else free.set(length, [slab])
  }
}

/** The length of a slab that so many bytes fill to a half at least. */
export function slabFor(bytes: number): number {
  return Math.min(largestSlab, Math.max(smallestSlab, 2 ** Math.ceil(Math.log2(bytes))))
}
