import type * as node from 'node:fs'
import type * as nodePromises from 'node:fs/promises'

/** What the suite calls: these methods of `fs.promises`, and the two stream makers of `fs`. */
export type FsUnderTest = Pick<
  typeof nodePromises,
  | 'access'
  | 'appendFile'
  | 'chmod'
  | 'copyFile'
  | 'cp'
  | 'lstat'
  | 'lutimes'
  | 'mkdir'
  | 'mkdtemp'
  | 'open'
  | 'opendir'
  | 'readFile'
  | 'readdir'
  | 'readlink'
  | 'realpath'
  | 'rename'
  | 'rm'
  | 'rmdir'
  | 'stat'
  | 'symlink'
  | 'truncate'
  | 'unlink'
  | 'utimes'
  | 'writeFile'
> &
  Pick<typeof node, 'createReadStream' | 'createWriteStream'>

/** Another way to the same tree, which does not go through the fs under test. */
export interface Outside {
  fs: Pick<
    typeof nodePromises,
    'chmod' | 'lstat' | 'mkdir' | 'readFile' | 'readdir' | 'rm' | 'stat' | 'symlink' | 'utimes' | 'writeFile'
  >
  /** Goes in front of a path of the fs under test to make it a path out here. */
  root: string
}

/**
 * A case that this target does not pass, and why. The case is still run and has to fail, with `code` if one is
 * given; one that passes is an error, so that the list stays true. `hangs` is for a case that never ends here, `skip` for one that must not even be run.
 */
export type Departure = string | { reason: string; code?: string; hangs?: true; skip?: true }

export interface Target {
  name: string
  fs: FsUnderTest
  outside: Outside
  /** An empty folder for the suite; each case makes its own folder in it. */
  base: string
  /** Whether `/` is a folder on an FTP server: paths then take no CR and LF, and `..` stops at the root. */
  ftp?: boolean
  /** Why permission bits refuse nothing here; undefined where they do. */
  permissionsIgnored?: string | undefined
  /** By the name of the case. */
  departures: Readonly<Record<string, Departure>>
}

/** One reason for several cases. */
export function because(departure: Departure, ...cases: string[]): Record<string, Departure> {
  return Object.fromEntries(cases.map(name => [name, departure]))
}
