import { encodingOption } from '../node/arguments.js'
import { entryName, type EntryEncoding } from '../node/entry-name.js'
import type { PathLike } from '../fs/call-path.js'
import { readLink } from '../remote/stat/read-link.js'
import { RefusedError } from '../remote/refused.js'
import type { Calls } from './calls.js'

export function readlink(
  calls: Calls,
  path: PathLike,
  options?: EntryEncoding | { encoding?: EntryEncoding },
): Promise<string | Buffer> {
  const encoding = encodingOption(options)
  const target = calls.target(path, 'readlink')
  return calls.call('readlink', target, 'read', async call => {
    if (target.folder) {
      // The slash follows the link.
      await calls.refuseFile(call, target)
      throw new RefusedError('EINVAL')
    }
    return entryName(await readLink(calls.remote, call, target.path), encoding, calls.encoding)
  })
}
