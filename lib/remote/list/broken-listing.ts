import { FtpError, FtpReplyError } from '../../wire/ftp-errors.js'
import type { Reply } from '../../wire/reply/replies.js'

/**
 * The steps of a listing: entering the folder, checking with PWD that CWD had an effect, setting
 * the type, and the listing command.
 */
export type ListingStep = 'CWD' | 'PWD' | 'TYPE' | 'listing'

/** The folder cannot be entered or listed. */
export class ListRefused extends Error {
  constructor(
    readonly reply: Reply,
    readonly step: ListingStep,
  ) {
    super(new FtpReplyError(reply).message)
  }
}

/**
 * Part of the listing is missing. The received part is useless, and the listing may be repeated.
 */
export class CutListing extends FtpError {
  constructor(reply: Reply, lines: number) {
    const cause = new FtpReplyError(reply)
    const connected = lines > 0 || reply.code !== 425
    const code = connected ? 'ERR_FTP_LISTING' : 'ERR_FTP_DATA_CONNECTION'
    super(code, `The listing ended early, after ${lines} lines: ${cause.message}`, { cause })
  }
}

/** The last line of a listing has no line end, although the reply says that everything was sent. */
export class OpenListing extends FtpError {
  constructor(reply: Reply) {
    const cause = new FtpReplyError(reply)
    const message = `The last line of the listing has no line end, and nothing shows that it is whole: ${cause.message}`
    super('ERR_FTP_LISTING', message, { cause })
  }
}

/**
 * The listing ended over TLS without close_notify, which the server may or may not send: that is
 * not known yet.
 */
export class UnsureListing extends Error {}

/** No byte came over a data connection opened ahead, which may have been dead. */
export class NothingCame extends Error {}
