import type { ByteString } from '../names/names.js'

/** A file or folder as the server knows it. */
export interface ServerFile {
  /** The path that goes on the line; empty: the login directory, whose path is not known. */
  readonly path: ByteString
  /** The folder that the session enters first, to write a bare name there instead of the path. */
  readonly folder?: ByteString | undefined
}

/** A command for a flight. */
export interface Command extends Partial<ServerFile> {
  /** The command and whatever stands before the path: `SIZE`, `MFMT 20260101000000`, `SITE CHMOD 644`. */
  readonly verb: string
}

/** @param file its path, or the path with the folder that a bare name counts from */
export function command(verb: string, file?: ByteString | ServerFile): Command {
  if (file === undefined) return { verb }
  return typeof file === 'string' ? { verb, path: file } : { verb, ...file }
}
