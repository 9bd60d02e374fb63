import type { Call } from '../pool/call.js'
import { command } from '../wire/commands.js'
import { FtpError } from '../wire/errors.js'
import { decodeName, type ByteString } from '../wire/names.js'
import { ask } from './ask.js'
import type { Remote } from './remote.js'
import { parseSize, sizeOf } from './stat.js'

/** An upload after which the server tells another size. */
export class UploadVerifyError extends FtpError {
  override readonly name = 'UploadVerifyError'

  /** `expected`: the bytes sent; `actual`: the size that the server tells, -1 when there is no such file. */
  constructor(
    path: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(
      'ERR_FTP_UPLOAD_VERIFY',
      `The file ${path} was uploaded but the returned size was ${actual} and it was expected to be ${expected}`,
    )
  }
}

export interface Uploaded {
  /** The name under which the file is on the server now. */
  target: ByteString
  /** The bytes that it must have. */
  expected: number
  /** The size, if the server has told it already and nothing is to be waited for. */
  told: number | undefined
}

/**
 * Waits `uploadDelay`, then compares the size of an uploaded file with what was sent, both without holding a
 * session. `path`: the name that errors give it.
 */
export async function verify(
  remote: Remote,
  call: Call,
  path: ByteString,
  uploaded: Uploaded,
): Promise<void> {
  const { uploadDelay, verifyUploads } = remote.options
  const { target, expected, told } = uploaded
  // As in Duplicati, the delay is waited for with verification off too.
  if (uploadDelay > 0) await call.sleep(uploadDelay)
  if (!verifyUploads) return
  const actual =
    (uploadDelay > 0 ? undefined : told) ??
    (await askSize(remote, call, target)) ??
    (await sizeOf(remote, call, target))
  if (actual === expected) return
  throw new UploadVerifyError(decodeName(path, remote.pool.options.encoding), expected, actual ?? -1)
}

function askSize(remote: Remote, call: Call, path: ByteString): Promise<number | undefined> {
  return ask(remote, call, {
    key: `size ${path}`,
    commands: () => [command('SIZE', path)],
    answer: ([reply]) => parseSize(reply!),
  })
}
