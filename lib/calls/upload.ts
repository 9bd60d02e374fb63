import { localPathArgument } from '../node/local-path.js'
import type { PathLike } from '../fs/call-path.js'
import { transferOptions } from '../fs/transfer-options.js'
import { uploadFile, type UploadOptions } from '../fs/file-upload.js'
import type { CallRunner } from './call-runner.js'

export function upload(
  runner: CallRunner,
  localPath: string | Uint8Array | URL,
  path: PathLike,
  options?: UploadOptions,
): Promise<void> {
  const local = localPathArgument(localPath)
  const target = runner.target(path, 'open')
  const settings = transferOptions(options)
  return runner.run(settings, [['change', target.path]], call =>
    uploadFile(runner.remote, call, local, target, settings),
  )
}
