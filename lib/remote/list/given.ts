import { randomInt } from 'node:crypto'
import type { ListedEntry } from '../../wire/listed-entry.js'
import type { ByteString } from '../../wire/names.js'

const fewest = 256

/**
 * The names that have been given to the user, so that a listing that begins anew gives the others
 * only. A name that the server shows twice is given twice.
 *
 * It holds 8 bytes for a name, whatever its length: a folder of a million entries is read in a few
 * megabytes.
 */
export class Given {
  // No names can be made that are taken for one another.
  readonly #seed = randomInt(2 ** 32)
  #hashes = new Float64Array(fewest)
  #count = 0
  /**
   * The hashes of what was given before the listing began anew, sorted; those that have come again.
   */
  #before = new Float64Array(0)
  #came = new Uint8Array(0)

  /** The entries that are to be given now, and count as given from here on. */
  take(entries: ListedEntry[]): ListedEntry[] {
    return entries.filter(({ name }) => {
      const hash = hashOf(name, this.#seed)
      if (this.#comesAgain(hash)) return false
      this.#add(hash)
      return true
    })
  }

  /** The listing begins anew. */
  begin(): void {
    this.#before = this.#hashes.slice(0, this.#count).sort()
    this.#came = new Uint8Array(this.#count)
  }

  #add(hash: number): void {
    if (this.#count === this.#hashes.length) {
      const more = new Float64Array(2 * this.#count)
      more.set(this.#hashes)
      this.#hashes = more
    }
    this.#hashes[this.#count++] = hash
  }

  #comesAgain(hash: number): boolean {
    let index = firstAtLeast(this.#before, hash)
    while (this.#before[index] === hash && this.#came[index] === 1) index++
    if (this.#before[index] !== hash) return false
    this.#came[index] = 1
    return true
  }
}

/** The index of the first number that is not less. */
function firstAtLeast(sorted: Float64Array, wanted: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** 53 bits, by two rows of multiplications as in MurmurHash 3. */
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
