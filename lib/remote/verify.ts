import type { Call } from '../pool/call.js'
import { command } from '../wire/commands.js'
import { FtpError } from '../wire/errors.js'
import { decodeName, type ByteString } from '../wire/names.js'
import type { Remote } from './remote.js'
import { parseSize, sizeOf } from './stat.js'

/** An upload after which the server tells another size. */
export class UploadVerifyError extends FtpError {
  override readonly name = 'UploadVerifyError'

  /** `expected`: the bytes sent; `actual`: the size that the server tells, -1 when there is no such file. */
  constructor(
    path: ByteString,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(
      'ERR_FTP_UPLOAD_VERIFY',
      `The file ${decodeName(path)} was uploaded but the returned size was ${actual} and it was expected to be ${expected}`,
    )
  }
}

/**
 * Waits `uploadDelay`, then compares the size of an uploaded file with what was sent, both without holding a
 * session. `told`: the size, if the server has told it already and nothing is to be waited for.
 */
export async function verify(
  remote: Remote,
  call: Call,
  path: ByteString,
  expected: number,
  told: number | undefined,
): Promise<void> {
  const { uploadDelay, verifyUploads } = remote.options
  // As in Duplicati, the delay is waited for with verification off too.
  if (uploadDelay > 0) await call.sleep(uploadDelay)
  if (!verifyUploads) return
  const actual =
    (uploadDelay > 0 ? undefined : told) ??
    (await askSize(remote, call, path)) ??
    (await sizeOf(remote, call, path))
  if (actual !== expected) throw new UploadVerifyError(path, expected, actual ?? -1)
}

function askSize(remote: Remote, call: Call, path: ByteString): Promise<number | undefined> {
  return remote.pool.ask(call, {
    commands: () => [command('SIZE', path)],
    answer: ([reply]) => parseSize(reply!),
  })
}
