import { Call } from '../../pool/call.js'
import { decodeName, type ByteString } from '../../wire/names/names.js'
import { removeFile } from './remove.js'
import type { EntryInfo } from '../entry.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { renamePath } from './rename.js'
import { temporaryName } from '../temporary-name.js'
import { withIncomplete } from '../write/with-incomplete.js'

/**
 * Creates an entry under a temporary name, and renames it over the path. The old entry, of type
 * `type`, stays until then. `store` creates the new entry at the path that it receives.
 *
 * @throws what `store` and `renamePath` throw. `incomplete` is the path of a leftover
 */
export async function storeOver(
  remote: Remote,
  call: Call,
  path: ByteString,
  type: EntryInfo['type'],
  store: (temporary: ByteString) => Promise<void>,
): Promise<void> {
  const temporary = await storeBeside(remote, path, store)
  try {
    await renamePath(remote, call, temporary, path, { isThere: true })
  } catch (error) {
    // A server that follows links may refuse to rename over one.
    const mayRemove = type !== 'file' && isPlainRefusal(error)
    if (mayRemove && (await renameOverRemoved(remote, call, temporary, path))) return
    // An entry that the error names stays.
    if (!('incomplete' in (error as object))) {
      await removeFile(remote, new Call(), temporary, { isThere: true }).catch(() => {})
    }
    throw error
  }
}

/** Stores under a temporary name, and resolves with that path. */
async function storeBeside(
  remote: Remote,
  path: ByteString,
  store: (temporary: ByteString) => Promise<void>,
): Promise<ByteString> {
  const { encoding } = remote.pool.options
  for (let dot = true; ; dot = false) {
    const temporary = temporaryName(path, { encoding, dot })
    try {
      await store(temporary)
      return temporary
    } catch (error) {
      // The server may refuse dot files.
      if (!dot || !isPlainRefusal(error) || error.code !== 'EACCES') throw error
    }
  }
}

const isPlainRefusal = (error: unknown): error is RefusedError =>
  error instanceof RefusedError && !('incomplete' in error)

/** Resolves with false, and changes nothing, if the old entry cannot be removed. */
async function renameOverRemoved(
  remote: Remote,
  call: Call,
  temporary: ByteString,
  path: ByteString,
): Promise<boolean> {
  let removed = false
  try {
    await removeFile(remote, call, path, { isThere: true })
    removed = true
    await renamePath(remote, call, temporary, path, { isThere: true })
    return true
  } catch (error) {
    if (!removed && isPlainRefusal(error)) return false
    // The temporary entry may be the only copy now.
    throw withIncomplete(error, decodeName(temporary, remote.pool.options.encoding))
  }
}
