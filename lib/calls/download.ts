import { download as into, type DownloadOptions } from '../fs/file-download.js'
import { localPathArgument } from '../node/local-path.js'
import type { PathLike } from '../fs/call-path.js'
import { transferOptions } from '../fs/transfer-options.js'
import type { Calls } from './calls.js'

export function download(
  calls: Calls,
  path: PathLike,
  localPath: string | Uint8Array | URL,
  options?: DownloadOptions,
): Promise<void> {
  const target = calls.target(path, 'open')
  const local = localPathArgument(localPath)
  const settings = transferOptions(options)
  return calls.run(settings, [['read', target.path]], call =>
    into(calls.remote, call, target, local, settings),
  )
}
