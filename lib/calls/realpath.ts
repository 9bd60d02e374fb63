import { encodingOption } from '../fs/arguments.js'
import { entryName, type EntryEncoding } from '../fs/entry-name.js'
import type { PathLike } from '../fs/target.js'
import { realPath } from '../remote/real-path.js'
import type { Calls } from './calls.js'

export function realpath(
  calls: Calls,
  path: PathLike,
  options?: EntryEncoding | { encoding?: EntryEncoding },
): Promise<string | Buffer> {
  const encoding = encodingOption(options)
  const target = calls.target(path, 'realpath')
  return calls.call('realpath', target, 'read', async call => {
    if (target.folder) await calls.refuseFile(call, target)
    const real = await realPath(calls.remote, call, target.path)
    return entryName(real, encoding, calls.encoding)
  })
}
