import type { ByteString } from '../../wire/names/names.js'

// As an argument these may mean something else: options, a home directory, several names, several
// folders. Spaces end a name for Pure-FTPd 1.0.50, which takes `\` for a sign that they do not.
const ambiguous = /[\0- *?[\]{}\\~\x7f]|(?:^|\/)-/

/** Whether a path may mean something else where it is the argument of a listing. */
export function isAmbiguous(path: ByteString): boolean {
  return ambiguous.test(path)
}
