import type { Stats } from 'node:fs'
import fc from 'fast-check'

/** Bytes, as a letter and how many of it. */
export type Data = readonly [letter: string, count: number]

export const data = fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom(0, 1, 2, 5, 40, 1000, 70_000))
export const position = fc.constantFrom(undefined, 0, 1, 3, 7, 500)

export const bytes = ([letter, count]: Data): Buffer => Buffer.alloc(count, letter)

/** Equal bytes as one and their number: `x40 \02`. */
export const runs = (content: Buffer): string =>
  content
    .toString('latin1')
    .replace(/(.)\1*/gs, (run, byte: string) => `${byte === '\0' ? '\\0' : byte}${run.length} `)

export const type = (of: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): string =>
  of.isFile() ? 'file' : of.isDirectory() ? 'folder' : of.isSymbolicLink() ? 'link' : 'other'

export const shown = (stats: Stats): string => (stats.isFile() ? `file of ${stats.size}` : type(stats))
