import { encodingOption } from '../node/arguments.js'
import { entryName, type EntryEncoding } from '../node/entry-name.js'
import type { PathLike } from '../fs/call-path.js'
import { readLink } from '../remote/stat/read-link.js'
import { RefusedError } from '../remote/refused.js'
import type { CallRunner } from './call-runner.js'

export function readlink(
  runner: CallRunner,
  path: PathLike,
  options?: EntryEncoding | { encoding?: EntryEncoding },
): Promise<string | Buffer> {
  const encoding = encodingOption(options)
  const target = runner.target(path, 'readlink')
  return runner.call('readlink', target, 'read', async call => {
    if (target.folder) {
      // The slash follows the link.
      await runner.refuseFile(call, target)
      throw new RefusedError('EINVAL')
    }
    return entryName(await readLink(runner.remote, call, target.path), encoding, runner.encoding)
  })
}
