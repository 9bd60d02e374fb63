import type { Call } from '../pool/call.js'
import { ask } from '../remote/ask.js'
import { setMode } from '../remote/change/metadata.js'
import { kindsOf } from '../remote/stat/probe-kinds.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import type { ByteString } from '../wire/names/names.js'

/**
 * Whether a file is to be made that may be run. Servers make files that may not, and git, for one, stores programs. The mode
 * of a file that is there stays as it is, as in Node.
 */
export async function isNewProgram(
  remote: Remote,
  call: Call,
  path: ByteString,
  mode: number,
): Promise<boolean> {
  if ((mode & 0o111) === 0) return false
  const [kind] = await ask(remote, call, kindsOf([path]))
  return kind === 'missing'
}

/** Lets a file be run that has been stored: where the server will not have it, it is stored all the same. */
export async function allowRunning(
  remote: Remote,
  call: Call,
  path: ByteString,
  mode: number,
): Promise<void> {
  try {
    // The customary umask is 022; the server does not tell its own.
    await setMode(remote, call, path, mode & 0o755)
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
  }
}
