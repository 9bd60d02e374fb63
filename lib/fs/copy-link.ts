import { posix } from 'node:path'
import type { Call } from '../pool/call.js'
import { removeFile } from '../remote/change.js'
import type { EntryInfo } from '../remote/entry.js'
import { kindsOf } from '../remote/kind.js'
import { ask } from '../remote/ask.js'
import { makeLink } from '../remote/make-link.js'
import { readLink } from '../remote/read-link.js'
import type { Remote } from '../remote/remote.js'
import { dirname, type ByteString } from '../wire/names.js'
import { intoItself, isWithin, type Pair } from './copy-checks.js'
import { fsError } from './errors.js'

/**
 * Makes a link like another. A relative target counts from the folder of the first, or with `verbatim` from that of the second.
 *
 * @throws ERR_FS_CP_EINVAL, ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY; as `makeLink`
 */
export async function copyLink(
  remote: Remote,
  call: Call,
  { src, dest }: Pair,
  there: EntryInfo | undefined,
  verbatim: boolean,
): Promise<void> {
  const target = await readLink(remote, call, src.path)
  const from = posix.resolve(dirname(src.path), target)
  const to = verbatim ? posix.resolve(dirname(dest.path), target) : from
  if (there?.type === 'link') {
    const before = posix.resolve(dirname(dest.path), await readLink(remote, call, dest.path))
    if (before === to) return
    const [kind] = await ask(remote, call, kindsOf([src.path]))
    if (kind === 'directory') refuseNested(from, before, dest.given)
    await removeFile(remote, call, dest.path)
  }
  await makeLink(remote, call, to, dest.path)
}

/** Of two links to folders, one of which holds the other. */
function refuseNested(from: ByteString, before: ByteString, path: string): void {
  if (isWithin(before, from))
    throw intoItself({ src: { path: from, given: from }, dest: { path, given: before } })
  if (!isWithin(from, before)) return
  const message = `cannot overwrite ${before} with ${from}`
  throw fsError('ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY', { syscall: 'cp', path, message })
}
