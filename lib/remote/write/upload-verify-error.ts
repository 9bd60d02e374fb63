import { FtpError } from '../../wire/ftp-errors.js'

/**
 * The server confirmed an upload, but its file is not what was sent, or could not be checked. The
 * file is left on the server.
 */
export class UploadVerifyError extends FtpError {
  override readonly name = 'UploadVerifyError'

  /**
   * `expected`: the size that the file should have, in bytes. `actual`: the size that the server
   * reports, -1 if the file does not exist, undefined if the server reports no size.
   */
  private constructor(
    message: string,
    readonly expected: number,
    readonly actual: number | undefined,
    options?: ErrorOptions,
  ) {
    super('ERR_FTP_UPLOAD_VERIFY', message, options)
  }

  /** The server reports another size. */
  static size(path: string, expected: number, actual: number): UploadVerifyError {
    const message = `The file ${path} was uploaded but the returned size was ${actual} and it was expected to be ${expected}`
    return new UploadVerifyError(message, expected, actual)
  }

  /** The server reports no size. */
  static unknown(path: string, expected: number, cause?: unknown): UploadVerifyError {
    const why = cause instanceof Error ? `: ${cause.message}` : ', which the server does not tell'
    const message =
      `The file ${path} is stored but could not be checked by its size${why}; ` +
      'where it never can, verifyUploads: false leaves the check out'
    return new UploadVerifyError(message, expected, undefined, cause instanceof Error ? { cause } : undefined)
  }

  /** The size is right, but the bytes differ. */
  static bytes(path: string, size: number, detail: string): UploadVerifyError {
    const message = `The file ${path} was uploaded but other bytes are stored there: ${detail}`
    return new UploadVerifyError(message, size, size)
  }
}
