import { localPathArgument } from '../node/local-path.js'
import type { PathLike } from '../fs/call-path.js'
import { transferOptions } from '../fs/transfer-options.js'
import { upload as send, type UploadOptions } from '../fs/file-upload.js'
import type { Calls } from './calls.js'

export function upload(
  calls: Calls,
  localPath: string | Uint8Array | URL,
  path: PathLike,
  options?: UploadOptions,
): Promise<void> {
  const local = localPathArgument(localPath)
  const target = calls.target(path, 'open')
  const settings = transferOptions(options)
  return calls.run(settings, [['change', target.path]], call =>
    send(calls.remote, call, local, target, settings),
  )
}
