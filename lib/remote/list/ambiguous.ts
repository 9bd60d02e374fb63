import type { ByteString } from '../../wire/names/names.js'

// As arguments, these may mean something else: options, a home directory, several names, several
// folders. Pure-FTPd 1.0.50 ends a name at a space, and reads `\` as an escape for spaces.
const ambiguous = /[\0- *?[\]{}\\~\x7f]|(?:^|\/)-/

/** Whether a path may mean something else as the argument of a listing. */
export function isAmbiguous(path: ByteString): boolean {
  return ambiguous.test(path)
}
