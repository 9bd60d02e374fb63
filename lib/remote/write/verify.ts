import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import type { Remote } from '../remote.js'
import { sizeIn, type FileState } from './file-state.js'
import { inspectFile, type Inspection } from './inspect-file.js'

// Milliseconds. The check gives up on a size that has not changed for this long.
const sizePatience = 3_000
const firstPause = 50
const longestPause = 500

/** The expected file, and the state that the server has already reported. */
export interface Expected {
  readonly path: ByteString
  readonly size: number
  /** The state that the server reported right after the transfer. */
  readonly told: FileState
}

/**
 * Inspects a file that the server has confirmed, until it has its size. A smaller or missing file
 * may only be late: it is inspected again until it has not changed for 3 s, at most for
 * `shortTimeout` in total.
 */
export async function verify(
  remote: Remote,
  call: Call,
  { path, size, told }: Expected,
): Promise<Inspection> {
  const { shortTimeout } = remote.pool.options
  const begun = Date.now()
  let found: Inspection =
    typeof told === 'string' ? await inspectFile(remote, call, path) : { state: told, bySize: true }
  let changed = begun
  for (let pause = firstPause; isLate(found.state, size); pause = Math.min(2 * pause, longestPause)) {
    const now = Date.now()
    if (now - changed >= sizePatience || now - begun >= shortTimeout) break
    await call.sleep(pause)
    const next = await inspectFile(remote, call, path)
    if (sizeIn(next.state) !== sizeIn(found.state)) changed = Date.now()
    found = next
  }
  return found
}

function isLate(state: FileState, expected: number): boolean {
  return state === 'missing' || (typeof state === 'object' && state.size < expected)
}
