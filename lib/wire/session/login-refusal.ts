import { FtpReplyError, LoginError, TooManyConnectionsError, type FtpError } from '../ftp-errors.js'
import { replyText, type Reply } from '../reply/replies.js'

/** `final`: a retry gets the same refusal. `full`: it passes with time or when sessions end. */
export type LoginRefusal = 'final' | 'full'

const tlsText = /clear-?text|plain-?text|encrypt|\b(?:TLS|SSL)\b/i
// The command is in capitals: `auth` in lower case may be any other word.
const wantsTls = (text: string): boolean => tlsText.test(text) || /\bAUTH\b/.test(text)

// Never retried: another login prolongs a ban, or locks the user out.
const lockedOutText =
  /\bbann?ed\b|\bban\b|black-?list|blocked|(?:maximum|too many)\b.*\b(?:tries|attempts|failures|failed)|tries exceeded/i

// A 530 with such a text is no wrong password: ProFTPD 1.3.8 sends it with "maximum number of
// clients" where others reply 421.
const fullText =
  /too many|maximum (?:number|log-?in|session|client|connection|user)|(?:connection|session|user|client|log-?in) limit|limit of \d+|no more (?:connections|users)|max(?:imum|\.)? \d+ (?:simultaneous|connection|session|log-?in|user)|max connection|already (?:logged in|connected)|(?:more than|only|to) \d+ (?:simultaneous|connection|session|log-?in|user)/i

// A 421 with such a text is no lack of room.
const deniedText =
  /(?:log-?[io]n|password|authentication|user ?name)\b.*\b(?:incorrect|failed|failure|invalid|wrong)|(?:not|n't) (?:be )?(?:allowed|permitted|authori[sz]ed)|(?:incorrect|invalid|wrong|bad|unknown)\b.*\b(?:log-?[io]n|password|user ?name|user|credentials)\b|denied|forbidden|disabled|(?:account|password)\b.*\bexpired/i

/**
 * Whether a refused connection or login may be retried: 5yz is final unless its text says that the
 * server is full; 421 and other 4yz are temporary unless their text says otherwise.
 */
export function loginRefusal(code: number, text: string): LoginRefusal {
  if (lockedOutText.test(text) || wantsTls(text)) return 'final'
  if (fullText.test(text)) return 'full'
  return code < 500 && !deniedText.test(text) ? 'full' : 'final'
}

/**
 * The error for a refused connection or login.
 *
 * @param what the start of the message
 * @param secured whether the session uses TLS
 */
export function refusedLogin(what: string, reply: Reply, secured: boolean): FtpError {
  return loginError(what, new FtpReplyError(reply), secured, replyText(reply))
}

/**
 * As `refusedLogin`, for a reply that is an error already.
 *
 * @param text the text of the server, unmasked if known
 */
export function loginError(
  what: string,
  cause: FtpReplyError,
  secured: boolean,
  text = cause.message,
): FtpError {
  if (loginRefusal(cause.code, text) === 'full') {
    const message = `The server accepts no further session: ${cause.message}`
    return new TooManyConnectionsError(message, { cause })
  }
  const help =
    !secured && wantsTls(text) ? ". It wants TLS: set `encryptionMode: 'Explicit'` (in a URL `ftpes:`)" : ''
  return new LoginError(`${what}: ${cause.message}${help}`, { cause })
}
