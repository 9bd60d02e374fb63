import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ByteString } from '../../wire/names/names.js'
import { carryOut } from './carry-out.js'
import { checkEmptyFolder, checkFile } from './check-removal.js'
import { explain, type RefusedAttempt } from '../refusal.js'
import type { Remote } from '../remote.js'

/** What the caller knows of an entry before removing it. */
export interface KnownThere {
  /** The entry exists: the caller has just seen it, or has created it. */
  readonly isThere?: boolean | undefined
}

/**
 * Removes a file or link by DELE.
 *
 * @throws RefusedError: ENOENT, EISDIR, EACCES; also what `carryOut` throws
 */
export async function removeFile(
  remote: Remote,
  call: Call,
  path: ByteString,
  known?: KnownThere,
): Promise<void> {
  if (!known?.isThere) await checkFile(remote, call, path)
  return remove(remote, call, 'DELE', 'unlink', path, known)
}

/**
 * Removes an empty folder by RMD.
 *
 * @throws RefusedError: ENOENT, ENOTDIR, ENOTEMPTY, EACCES; also what `carryOut` throws
 */
export async function removeDirectory(
  remote: Remote,
  call: Call,
  path: ByteString,
  known?: KnownThere,
): Promise<void> {
  if (!known?.isThere) await checkEmptyFolder(remote, call, path)
  return remove(remote, call, 'RMD', 'rmdir', path, known)
}

function remove(
  remote: Remote,
  call: Call,
  verb: string,
  tried: RefusedAttempt,
  path: ByteString,
  { isThere }: KnownThere = {},
): Promise<void> {
  return carryOut(remote, call, {
    kind: 'remove',
    path,
    folder: verb === 'RMD',
    command: () => command(verb, path),
    reason: refusal => explain(remote, call, tried, refusal, path),
    sure: isThere,
  })
}
