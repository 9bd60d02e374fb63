import type { Entry } from './memfs-file-system.js'
import type { ByteString } from '../../lib/wire/names/names.js'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const halfYear = 182 * 24 * 3600 * 1000

/** One line of `ls -l`, in UTC, as vsftpd 3.0.3 writes it: a time for the last half year, a year otherwise. */
export function lsLine(entry: Entry, now = Date.now()): ByteString {
  return [
    modeString(entry),
    String(entry.nlink).padStart(4),
    String(entry.uid).padEnd(8),
    String(entry.gid).padEnd(8),
    String(entry.size).padStart(8),
    lsDate(entry.mtime, now),
    entry.target === undefined ? entry.name : `${entry.name} -> ${entry.target}`,
  ].join(' ')
}

function lsDate(time: Date, now: number): string {
  const day = `${months[time.getUTCMonth()]!} ${String(time.getUTCDate()).padStart(2)}`
  const age = now - time.getTime()
  const recent = age > -60_000 && age < halfYear
  return recent ? `${day} ${time.toISOString().slice(11, 16)}` : `${day}  ${time.getUTCFullYear()}`
}

function modeString(entry: Entry): string {
  if (entry.isSymbolicLink()) return 'lrwxrwxrwx'
  const mode = Number(entry.mode)
  const bits = [...'rwxrwxrwx'].map((letter, index) => (mode & (0o400 >> index) ? letter : '-'))
  const special = [mode & 0o4000, mode & 0o2000, mode & 0o1000]
  special.forEach((set, group) => {
    if (!set) return
    const letter = group === 2 ? 't' : 's'
    const at = group * 3 + 2
    bits[at] = bits[at] === 'x' ? letter : letter.toUpperCase()
  })
  return (entry.isDirectory() ? 'd' : '-') + bits.join('')
}
