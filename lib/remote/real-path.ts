import type { Call } from '../pool/call.js'
import { command } from '../wire/commands.js'
import { dirname, basename, type ByteString } from '../wire/names.js'
import { isPositive, quotedPath } from '../wire/replies.js'
import { join } from './paths.js'
import type { Remote } from './remote.js'
import { stat } from './stat.js'

/**
 * The path without links. A server tells it of folders only, by PWD, and some not even that; a link that
 * leads out of the tree stays as it is, since nothing outside has a path here.
 */
export async function realPath(remote: Remote, call: Call, path: ByteString): Promise<ByteString> {
  const { type } = await stat(remote, call, path)
  const folder = type === 'directory' ? path : dirname(path)
  const [root, actual] = await remote.pool.ask(call, {
    commands: () => [command('CWD', '/'), command('PWD'), command('CWD', folder), command('PWD')],
    answer: ([, top, entered, here], server) => {
      const { doublesQuotes } = server.quirks
      return isPositive(entered!) ? [quotedPath(top!, doublesQuotes), quotedPath(here!, doublesQuotes)] : []
    },
  })
  if (root === undefined || actual === undefined) return path
  const below =
    root === '/'
      ? actual
      : actual === root
        ? '/'
        : actual.startsWith(`${root}/`)
          ? actual.slice(root.length)
          : undefined
  if (below === undefined) return path
  return type === 'directory' ? below : join(below, basename(path))
}
