// The maximum of free bytes, over all slabs.
const maxKept = 4 * 2 ** 20

const slabs = new WeakSet<ArrayBufferLike>()
const free = new Map<number, Buffer[]>()
let kept = 0

/** The length of a slab is a power of two between these. */
export const smallestSlab = 16 * 1024
export const largestSlab = 512 * 1024

/** Memory for a read. The system zeroes new memory, which costs as much as copying. */
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

/** Takes back unused chunks. The garbage collector frees those that are not on a slab. */
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

/** The length of a slab for this many bytes: a power of two from the smallest to the largest. */
export function slabFor(bytes: number): number {
  return Math.min(largestSlab, Math.max(smallestSlab, 2 ** Math.ceil(Math.log2(bytes))))
}
