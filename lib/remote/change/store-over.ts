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
 * Stores something beside a path, and gives it the path's name: what is there stays until then.
 * `type` is the type of that; `store` makes the new thing at the path that it is given.
 *
 * @throws what `store` and `rename` throw; `incomplete` is the path of what is left beside
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
    // What is named by the error stays.
    if (!('incomplete' in (error as object))) {
      await removeFile(remote, new Call(), temporary, { isThere: true }).catch(() => {})
    }
    throw error
  }
}

/** Resolves with the path at which it is stored. */
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

/** Resolves with false where what is there cannot be removed: nothing has changed. */
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
    // It may be the only one now.
    throw withIncomplete(error, decodeName(temporary, remote.pool.options.encoding))
  }
}
