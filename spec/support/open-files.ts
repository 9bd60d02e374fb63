import { readdirSync, readlinkSync } from 'node:fs'

/** The files that are open in this process, below a path; one without a name any more too. Linux alone tells. */
export function openFiles(path: string): string[] {
  const found = readdirSync('/proc/self/fd').map(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      // It was closed meanwhile.
      return ''
    }
  })
  return found.filter(file => file.startsWith(path))
}
