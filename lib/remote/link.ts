import type { Ask } from '../pool/ask.js'
import { command } from '../wire/commands.js'
import { basename, dirname, type ByteString } from '../wire/names.js'
import { isPositive, quotedPath } from '../wire/replies.js'

/** Whether a path leads to a folder by a link. A folder whose PWD is not what was entered is a link: vsftpd 3.0.3 has no other way to tell. */
export function isLink(path: ByteString): Ask<boolean> {
  return {
    commands: () => [command('CWD', dirname(path)), command('PWD'), command('CWD', path), command('PWD')],
    answer: ([, above, entered, here], server) => {
      const folder = quotedPath(above!, server.quirks.doublesQuotes)
      const actual = quotedPath(here!, server.quirks.doublesQuotes)
      if (!isPositive(entered!) || folder === undefined || actual === undefined) return false
      return actual !== `${folder === '/' ? '' : folder}/${basename(path)}`
    },
  }
}
