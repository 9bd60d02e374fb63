import { Call } from '../pool/call.js'
import type { FileAccess } from '../node/flags.js'
import { OpenFile } from '../remote/open/open-file.js'
import type { Remote } from '../remote/remote.js'
import type { Descriptors } from '../node/descriptors.js'
import { failure } from './failure.js'
import { FileHandle } from './file-handle.js'
import type { PathOrder } from './path-order.js'
import { QueuedFile, type SetMetadata } from './queued-file.js'
import type { CallPath } from './call-path.js'

/** What opening a file needs from the FtpVfs. */
export interface HandleOpener {
  readonly remote: Remote
  readonly order: PathOrder
  readonly descriptors: Descriptors<FileHandle>
  readonly metadata: SetMetadata
}

/** Opens a file. Throws ENOENT, EEXIST, EISDIR, ENOTDIR, EACCES, ERR_FTP_CLOSED. */
export async function openHandle(
  opener: HandleOpener,
  target: CallPath,
  flags: FileAccess,
): Promise<FileHandle> {
  const { remote, order, descriptors } = opener
  const { pool } = remote
  let end = (reason: Error, _atOnce: boolean): void => call.cancel(reason)
  const call: Call = new Call((reason, atOnce) => end(reason, atOnce))
  pool.begin(call)
  try {
    // Later calls do not wait for the end of the handle, which may never come.
    const reservation = order.reserve([flags.exclusive ? 'change' : 'read', target.path])
    const file = await reservation.inTurn(call, () => openFile(remote, call, target, flags))
    // The FtpVfs may have closed after the last reply: a new handle would not learn of it.
    call.throwIfCancelled()
    const metadata: SetMetadata = (syscall, work) => opener.metadata(syscall, work)
    const queued = new QueuedFile({ remote, order, target, flags, call, file, metadata })
    return new FileHandle(queued, descriptors, ending => (end = ending))
  } catch (error) {
    pool.end(call)
    throw failure(error, 'open', target.given)
  }
}

async function openFile(remote: Remote, call: Call, target: CallPath, flags: FileAccess): Promise<OpenFile> {
  const file = await OpenFile.open(remote, call, target.path, flags, target.folder)
  try {
    // A second exclusive open has to find the file.
    if (flags.exclusive) await file.flush()
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}
