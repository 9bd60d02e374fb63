import { downloadFile, type DownloadOptions } from '../fs/file-download.js'
import { localPathArgument } from '../node/local-path.js'
import type { PathLike } from '../fs/call-path.js'
import { transferOptions } from '../fs/transfer-options.js'
import type { CallRunner } from './call-runner.js'

export function download(
  runner: CallRunner,
  path: PathLike,
  localPath: string | Uint8Array | URL,
  options?: DownloadOptions,
): Promise<void> {
  const target = runner.target(path, 'open')
  const local = localPathArgument(localPath)
  const settings = transferOptions(options)
  return runner.run(settings, [['read', target.path]], call =>
    downloadFile(runner.remote, call, target, local, settings),
  )
}
