import type { Call } from '../pool/call.js'
import type { Remote } from '../remote/remote.js'
import { storeFile } from '../remote/write/store-file.js'
import { failure } from './failure.js'
import { LocalSource } from './local-source.js'
import { ProgressReport, type OnProgress } from '../node/progress.js'
import type { CallPath } from './call-path.js'

/** Options of `upload`. */
export interface UploadOptions {
  /** Ends the upload with an AbortError. */
  signal?: AbortSignal | undefined
  /**
   * Called with `{ bytes, total }` at most every 100 ms, and when the file is stored and checked.
   * `bytes` counts the bytes that the system has accepted; it begins at 0 again when the upload
   * starts over after a lost connection. An error that it throws fails the upload.
   */
  onProgress?: OnProgress | undefined
  /** Bytes per read, one chunk ahead of the transfer. Default 1 MiB. */
  chunkSize?: number | undefined
}

/** Uploads a local file, of which it holds two chunks. Reads it again after a lost connection. */
export async function uploadFile(
  remote: Remote,
  call: Call,
  localPath: string | Buffer,
  target: CallPath,
  { chunkSize, onProgress }: UploadOptions & { chunkSize: number },
): Promise<void> {
  const source = await LocalSource.find(localPath, chunkSize)
  call.throwIfCancelled()
  const report = new ProgressReport(onProgress)
  source.onSent = bytes => report.at(bytes, source.size)
  try {
    await storeFile(remote, call, target.path, source, { mode: 'replace', folder: target.folder })
  } catch (error) {
    throw failure(error, 'open', target.given)
  }
  report.end(source.size)
}
