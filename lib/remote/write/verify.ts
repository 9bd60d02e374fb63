import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import type { Remote } from '../remote.js'
import { sizeIn, type FileState } from './file-state.js'
import { inspectFile, type Inspection } from './inspect-file.js'

// Milliseconds. A size that has not changed for so long is no longer waited for.
const sizePatience = 3_000
const firstPause = 50
const longestPause = 500

/** What is to be seen, and what has been seen already. */
export interface Expected {
  readonly path: ByteString
  readonly size: number
  /** What the server has told right behind the transfer. */
  readonly told: FileState
}

/**
 * Looks at a file that the server calls stored, until it has its size. A smaller file, and one that
 * is missing, may only be late: it is looked at again while it changes and 3 s beyond, for
 * `shortTimeout` in all.
 */
export async function verify(
  remote: Remote,
  call: Call,
  { path, size, told }: Expected,
): Promise<Inspection> {
  const { shortTimeout } = remote.pool.options
  const begun = Date.now()
  let seen: Inspection =
    typeof told === 'string' ? await inspectFile(remote, call, path) : { state: told, bySize: true }
  let changed = begun
  for (let pause = firstPause; isLate(seen.state, size); pause = Math.min(2 * pause, longestPause)) {
    const now = Date.now()
    if (now - changed >= sizePatience || now - begun >= shortTimeout) break
    await call.sleep(pause)
    const next = await inspectFile(remote, call, path)
    if (sizeIn(next.state) !== sizeIn(seen.state)) changed = Date.now()
    seen = next
  }
  return seen
}

function isLate(state: FileState, expected: number): boolean {
  return state === 'missing' || (typeof state === 'object' && state.size < expected)
}
