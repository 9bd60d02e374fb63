import { FtpError, FtpReplyError } from '../../wire/ftp-errors.js'
import type { Reply } from '../../wire/reply/replies.js'

/**
 * What a listing takes: the way into the folder, the question whether that led there, the type of what
 * comes, and the command itself.
 */
export type ListingStep = 'CWD' | 'PWD' | 'TYPE' | 'listing'

/** The folder cannot be entered, or not be listed. */
export class ListRefused extends Error {
  constructor(
    readonly reply: Reply,
    readonly step: ListingStep,
  ) {
    super(new FtpReplyError(reply).message)
  }
}

/** Not all of the listing came: what did come is worth nothing, and it may be asked for again. */
export class CutListing extends FtpError {
  constructor(reply: Reply, lines: number) {
    const cause = new FtpReplyError(reply)
    const connected = lines > 0 || reply.code !== 425
    const code = connected ? 'ERR_FTP_LISTING' : 'ERR_FTP_DATA_CONNECTION'
    super(code, `The listing ended early, after ${lines} lines: ${cause.message}`, { cause })
  }
}

/** The last line of a listing came without its end, and a reply that all has been sent. */
export class OpenListing extends FtpError {
  constructor(reply: Reply) {
    const cause = new FtpReplyError(reply)
    const message = `The last line of the listing has no line end, and nothing shows that it is whole: ${cause.message}`
    super('ERR_FTP_LISTING', message, { cause })
  }
}

/**
 * Over TLS it ended without close_notify, from a server of which it is not known whether it sends
 * that.
 */
export class UnsureListing extends Error {}

/** No byte came over a data connection that was made ahead: it may have been dead. */
export class NothingCame extends Error {}
