import { randomInt } from 'node:crypto'
import type { ByteString } from '../../wire/names/names.js'

const fewest = 256
const growth = 1.5
// The maximum share of used places: fuller tables are slow.
const load = 0.75

/**
 * A set of names, stored as 53 bits each: it takes 11 to 16 bytes for a name of any length, so that
 * a folder of a million entries is read in a few megabytes.
 */
export class NameSet {
  // A random seed, so that names with equal hashes cannot be crafted.
  readonly #seed = randomInt(2 ** 32)
  /** Each hash is at the place that its value determines, or behind it; 0 marks an empty place. */
  #table = new Float64Array(fewest)
  #count = 0

  /** Adds a name. Returns false if it is in the set already. */
  add(name: ByteString): boolean {
    // 0 marks an empty place.
    const hash = hashOf(name, this.#seed) || 1
    const place = placeOf(this.#table, hash)
    if (this.#table[place] === hash) return false
    this.#table[place] = hash
    if (++this.#count > this.#table.length * load) this.#grow()
    return true
  }

  #grow(): void {
    const table = new Float64Array(Math.ceil(this.#table.length * growth))
    for (const hash of this.#table) if (hash !== 0) table[placeOf(table, hash)] = hash
    this.#table = table
  }
}

/** The place of a hash, or the empty place for it. */
function placeOf(table: Float64Array, hash: number): number {
  let place = Math.floor((hash / 2 ** 53) * table.length)
  while (table[place] !== 0 && table[place] !== hash) place = place + 1 === table.length ? 0 : place + 1
  return place
}

/** Computes 53 bits, by two rows of multiplications as in MurmurHash 3. */
function hashOf(name: ByteString, seed: number): number {
  let one = 0xdeadbeef ^ seed
  let other = 0x41c6ce57 ^ seed
  for (let at = 0; at < name.length; at++) {
    const byte = name.charCodeAt(at)
    one = Math.imul(one ^ byte, 0x9e3779b1)
    other = Math.imul(other ^ byte, 0x5f356495)
    one = (one << 15) | (one >>> 17)
    other = (other << 13) | (other >>> 19)
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(other ^ (other >>> 13), 0xc2b2ae35)
  other = Math.imul(other ^ (other >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35)
  return (other >>> 11) * 2 ** 32 + (one >>> 0)
}
