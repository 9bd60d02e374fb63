import type { ByteString } from '../names/names.js'

/**
 * A command for a flight. `path` is a virtual path ('/' is the root of the tree): the session sends
 * it as an absolute remote path or, with `useCwdNames`, as a bare name after a CWD.
 */
export interface Command {
  /** The command up to the path: `SIZE`, `MFMT 20260101000000`, `SITE CHMOD 644`. */
  readonly verb: string
  readonly path?: ByteString
  /** Send the path as a bare name after a CWD even without `useCwdNames`. */
  readonly bare?: boolean
}

export const command = (verb: string, path?: ByteString): Command =>
  path === undefined ? { verb } : { verb, path }
