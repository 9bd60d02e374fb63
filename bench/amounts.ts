/** How much there is to do. */
export interface Work {
  files: number
  /** Of each file. */
  bytes: number
  /** Of a tree: over so many folders the files are spread. */
  folders?: number
}

/** How much of each kind a bench does. */
export interface Amounts {
  /** Bytes of the one big file. */
  big: number
  /** Bytes of the one big file over a slow link. */
  slow: number
  /** Small files without a delay. */
  small: number
  /** Small files for each connection where there is a delay: a file may take 15 round trips. */
  smallFar: number
  /** Small files one by one, with a rest before each. */
  idle: number
  stats: number
  /** Stats of which each waits for the one before. */
  lone: number
  entries: number
  tree: Work & { folders: number }
  /** Bytes of the file with which memory is watched. */
  memory: number
}

export const full: Amounts = {
  big: 2 ** 30,
  slow: 2 ** 28,
  small: 300,
  smallFar: 20,
  idle: 5,
  stats: 1000,
  lone: 300,
  entries: 100_000,
  tree: { folders: 200, files: 4000, bytes: 0 },
  memory: 2 ** 31,
}

/** The embedded server holds its files in memory. */
export const embedded: Amounts = { ...full, big: 2 ** 28, slow: 2 ** 26, entries: 10_000, memory: 2 ** 29 }

export const quick: Amounts = {
  big: 8 * 2 ** 20,
  slow: 2 ** 20,
  small: 24,
  smallFar: 3,
  idle: 2,
  stats: 20,
  lone: 20,
  entries: 200,
  tree: { folders: 12, files: 36, bytes: 0 },
  memory: 16 * 2 ** 20,
}

export const smallSize = 4096
export const smallBytes = Buffer.alloc(smallSize, 'x')
