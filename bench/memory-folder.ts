import fs from 'node:fs'
import os from 'node:os'

// What a big file takes on the server, as a source and where it goes, and the one for memory, which comes up.
const room = 6 * 2 ** 30

/** A folder whose files lie in memory, where there is room for them (Linux), so that no disk is measured; else the usual one. */
export function memoryFolder(): string {
  const folder = '/dev/shm'
  if (process.env['TMPDIR'] !== undefined || !fs.existsSync(folder)) return os.tmpdir()
  return Math.min(free(folder), availableMemory()) < room ? os.tmpdir() : folder
}

function free(folder: string): number {
  const { bavail, bsize } = fs.statfsSync(folder)
  return bavail * bsize
}

function availableMemory(): number {
  return (
    Number(/^MemAvailable:\s*(\d+) kB$/m.exec(fs.readFileSync('/proc/meminfo', 'latin1'))?.[1] ?? 0) * 1024
  )
}
