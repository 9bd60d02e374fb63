import type { ByteString } from '../names/names.js'

/** A file or folder as the server names it. */
export interface ServerFile {
  /** The pathname to send; empty: the login directory, whose path is unknown. */
  readonly path: ByteString
  /** The folder that the session enters first, to send a bare name instead of the path. */
  readonly folder?: ByteString | undefined
}

/** A command for a flight. */
export interface Command extends Partial<ServerFile> {
  /** The command up to the path: `SIZE`, `MFMT 20260101000000`, `SITE CHMOD 644`. */
  readonly verb: string
}

/** @param file a path, or a path with the folder in which a bare name replaces it */
export function command(verb: string, file?: ByteString | ServerFile): Command {
  if (file === undefined) return { verb }
  return typeof file === 'string' ? { verb, path: file } : { verb, ...file }
}
