import { encodingOption } from '../node/arguments.js'
import { entryName, type EntryEncoding } from '../node/entry-name.js'
import type { PathLike } from '../fs/call-path.js'
import { realPath } from '../remote/stat/real-path.js'
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
