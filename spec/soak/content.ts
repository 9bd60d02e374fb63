import type { Random } from './random.js'

const KiB = 1024
export const MiB = 1024 * KiB

/** By how many files of a hundred or so are about so large. */
const sizes: [weight: number, size: (random: Random) => number][] = [
  [6, () => 0],
  [6, () => 1],
  [30, random => 2 + random.below(1000)],
  [30, random => 1000 + random.below(64 * KiB)],
  [6, random => 64 * KiB - 1 + random.below(3)],
  [14, random => random.below(400 * KiB)],
  [4, random => MiB - 1 + random.below(3)],
  [3, random => MiB + random.below(2 * MiB)],
  [1, random => 8 * MiB - random.below(2)],
]
const all = sizes.reduce((sum, [weight]) => sum + weight, 0)

/** From 0 to 8 MiB, most of them small. */
export function someSize(random: Random): number {
  let place = random.below(all)
  for (const [weight, size] of sizes) {
    if (place < weight) return size(random)
    place -= weight
  }
  return 0
}

// A prime: no piece of a file is like another one at the borders of buffers.
const period = 4099

/** So many bytes, unlike those of any other call. */
export function someBytes(random: Random, size: number): Buffer {
  const block = Buffer.alloc(period)
  for (let at = 0; at < Math.min(period, size); at++) block[at] = random.below(256)
  return Buffer.alloc(size, block)
}

/** In words, why these are not the bytes expected; undefined where they are. */
export function difference(found: Buffer, expected: Buffer): string | undefined {
  if (found.equals(expected)) return undefined
  const end = Math.min(found.length, expected.length)
  let at = 0
  while (at < end && found[at] === expected[at]) at++
  return `${found.length} bytes, not ${expected.length}; they differ from byte ${at} on`
}

export function* pieces(bytes: Buffer, length = 64 * KiB): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
