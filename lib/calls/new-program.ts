import type { Call } from '../pool/call.js'
import { ask } from '../remote/ask.js'
import { setMode } from '../remote/change/metadata.js'
import { kindsOf } from '../remote/stat/probe-kinds.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import type { ByteString } from '../wire/names/names.js'

/**
 * Whether the file is new and its mode is executable. Servers create files without these bits, and
 * programs such as git need them. As in Node, an existing file keeps its mode.
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

/** Makes a stored file executable. A refusal is no error, because the file is stored. */
export async function allowRunning(
  remote: Remote,
  call: Call,
  path: ByteString,
  mode: number,
): Promise<void> {
  try {
    // The usual umask is 022; the server does not report its own.
    await setMode(remote, call, path, mode & 0o755)
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
  }
}
