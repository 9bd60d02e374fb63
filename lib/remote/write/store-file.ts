import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import { refuseInAscii } from '../ascii.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { replacesAtAppend } from './can-append.js'
import { checkPath, type PathDemands } from './check-path.js'
import { sizeIn } from './file-state.js'
import { patchedCopy, type PatchBase } from './patched-copy.js'
import { inspectFile } from './inspect-file.js'
import type { Source } from './source.js'
import { store } from './store.js'
import { Upload, type UploadSettings } from './upload.js'

export interface StoreOptions extends UploadSettings, PathDemands {}

/**
 * Stores a source, checks that it is stored, and resolves with the size of the file. A failure
 * leaves no incomplete file of ours. If one cannot be removed, the property `incomplete` of the
 * error is its path.
 */
export async function storeFile(
  remote: Remote,
  call: Call,
  path: ByteString,
  source: Source,
  options: StoreOptions,
): Promise<number> {
  refuseInAscii(remote, options)
  const sizeBefore = await checkPath(remote, call, path, options)
  return storeChecked(remote, call, path, source, options, sizeBefore)
}

/**
 * Does what `storeFile` does, for a path that is already checked. `sizeBefore`: the size of a file
 * that must exist.
 */
export async function storeChecked(
  remote: Remote,
  call: Call,
  path: ByteString,
  source: Source,
  options: StoreOptions,
  sizeBefore: number,
): Promise<number> {
  // A file that must be new has no bytes to append to.
  if (options.exclusive && options.mode === 'append')
    return storeAsItIs(remote, call, path, source, { ...options, mode: 'replace' })
  if (options.mode === 'append') return append(remote, call, path, source, options)
  const base = source.size > 0 ? baseOf(remote, path, options, sizeBefore) : undefined
  if (base) return storePatched(remote, call, path, source, base, options)
  // A patch of no bytes changes nothing.
  if (options.mode === 'patch' && source.size === 0) return sizeBefore
  try {
    return await storeAsItIs(remote, call, path, source, options, sizeBefore)
  } catch (error) {
    const { start = 0, mode } = options
    const refused = mode === 'patch' && error instanceof RefusedError && error.code === 'ENOTSUP'
    if (!refused) throw error
    return storePatched(remote, call, path, source, { path, start }, options)
  }
}

/** Stores the bytes by STOR, by APPE, or by REST and STOR, depending on `options`. */
export async function storeAsItIs(
  remote: Remote,
  call: Call,
  path: ByteString,
  source: Source,
  options: UploadSettings,
  sizeBefore?: number,
): Promise<number> {
  const upload = new Upload(remote, call, path, options, sizeBefore)
  const forget = call.onCancel(() => void upload.cut())
  try {
    await upload.prepare()
    await store(upload, source)
    return upload.size
  } catch (error) {
    throw await upload.abandon(call.cancelled ?? error)
  } finally {
    forget()
  }
}

/** What the bytes are merged into on this side. Undefined if the server can merge them itself. */
function baseOf(
  remote: Remote,
  path: ByteString,
  { mode, start = 0 }: UploadSettings,
  sizeBefore: number,
): PatchBase | undefined {
  if (mode === 'replace') return start > 0 ? { start } : undefined
  const { patch } = remote.pool.server.can
  // STOR behind REST 0 truncates the file.
  const inPlace = patch.usable && start > 0 && start <= sizeBefore
  return inPlace ? undefined : { path, start }
}

/**
 * Stores the bytes at the end of the file: by APPE, or where APPE would replace the file, by
 * storing the whole file again.
 */
async function append(
  remote: Remote,
  call: Call,
  path: ByteString,
  source: Source,
  options: UploadSettings,
): Promise<number> {
  const { server } = remote.pool
  // Before the first session the kind of the server is unknown, too.
  const needsCheck =
    server.kind === 'unknown' || (server.quirks.mayReplaceAtAppend && !server.can.append.proven)
  if (!needsCheck) return storeAsItIs(remote, call, path, source, options)
  const { state } = await inspectFile(remote, call, path)
  const origin = state === 'missing' ? 0 : sizeIn(state)
  const replaces = origin !== 0 && (await replacesAtAppend(remote, call, path))
  return replaces
    ? storePatched(remote, call, path, source, { path }, options)
    : storeAsItIs(remote, call, path, source, { ...options, origin })
}

/** Puts the whole file together on this side, and stores it. */
async function storePatched(
  remote: Remote,
  call: Call,
  path: ByteString,
  source: Source,
  base: PatchBase,
  { exclusive }: StoreOptions,
): Promise<number> {
  const whole = await patchedCopy(remote, call, base, source)
  try {
    // No other copy exists of the bytes that the file had before.
    const keep = base.path !== undefined
    return await storeAsItIs(remote, call, path, whole, { mode: 'replace', keep, exclusive })
  } finally {
    await whole.dispose()
  }
}
