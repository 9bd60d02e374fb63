import type { ByteString } from '../names/names.js'

/**
 * A command for a flight. `path` is a virtual path ('/' is the root of the tree): the session writes it as
 * an absolute remote path, or as a bare name behind a CWD when `useCwdNames` is on.
 */
export interface Command {
  /** The command and whatever stands before the path: `SIZE`, `MFMT 20260101000000`, `SITE CHMOD 644`. */
  readonly verb: string
  readonly path?: ByteString
  /** The path goes as a bare name, behind a CWD, though `useCwdNames` is off. */
  readonly bare?: boolean
}

export const command = (verb: string, path?: ByteString): Command =>
  path === undefined ? { verb } : { verb, path }
