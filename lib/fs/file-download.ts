import type { Call } from '../pool/call.js'
import { Parts } from '../remote/read/parts.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import { statPath } from '../remote/stat/stat.js'
import { readFailure } from './failure.js'
import { localSink } from '../node/local-sink.js'
import { ProgressReport } from '../node/progress.js'
import type { CallPath } from './call-path.js'
import type { UploadOptions } from './file-upload.js'

/** Options of `download`. */
export interface DownloadOptions {
  /** Ends the download with an AbortError. */
  signal?: AbortSignal | undefined
  /**
   * Called with `{ bytes, total }` at most every 100 ms, and at the end. `bytes` counts the bytes
   * that are written to the file, and never decreases. `total` is undefined if the server does not
   * report the size. An error that it throws fails the download.
   */
  onProgress?: UploadOptions['onProgress']
  /** Bytes that each connection reads ahead of the disk. Default 1 MiB. */
  chunkSize?: number | undefined
  /**
   * The maximum number of connections for a file of at least 4 MiB. Those beyond the first are used
   * only while no other call waits for them. Default 1.
   */
  parallel?: number | undefined
}

/** Downloads into a local file, which appears only when it is whole and has the right size. */
export async function downloadFile(
  remote: Remote,
  call: Call,
  target: CallPath,
  localPath: string | Buffer,
  { chunkSize, onProgress, parallel = 1 }: DownloadOptions & { chunkSize: number },
): Promise<void> {
  const sink = await localSink(localPath)
  try {
    call.throwIfCancelled()
    if (target.folder && (await statPath(remote, call, target.path)).type !== 'directory') {
      throw new RefusedError('ENOTDIR')
    }
    const report = new ProgressReport(onProgress)
    let bytes = 0
    const parts = new Parts(remote, call, target.path, {
      parallel: sink.seekable ? parallel : 1,
      window: chunkSize,
      async take(chunks, position) {
        await sink.write(chunks, position)
        for (const { length } of chunks) bytes += length
        report.at(bytes, parts.size)
      },
    })
    await parts.read()
    report.end(bytes)
    await sink.keep()
  } catch (error) {
    await sink.discard()
    throw readFailure(error, target.given)
  }
}
