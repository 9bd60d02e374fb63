import { encodingOption } from '../node/arguments.js'
import { entryName, type EntryEncoding } from '../node/entry-name.js'
import type { PathLike } from '../fs/call-path.js'
import { realPath } from '../remote/stat/real-path.js'
import type { CallRunner } from './call-runner.js'

export function realpath(
  runner: CallRunner,
  path: PathLike,
  options?: EntryEncoding | { encoding?: EntryEncoding },
): Promise<string | Buffer> {
  const encoding = encodingOption(options)
  const target = runner.target(path, 'realpath')
  return runner.call('realpath', target, 'read', async call => {
    if (target.folder) await runner.refuseFile(call, target)
    const real = await realPath(runner.remote, call, target.path)
    return entryName(real, encoding, runner.encoding)
  })
}
