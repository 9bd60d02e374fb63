import type { Call } from '../pool/call.js'
import type { EntryInfo } from '../remote/entry.js'
import { kindsOf } from '../remote/stat/probe-kinds.js'
import { ask } from '../remote/ask.js'
import { NotSupportedError } from '../remote/not-supported.js'
import { makeLink } from '../remote/change/make-link.js'
import { targetInListing } from '../remote/stat/read-link.js'
import type { Remote } from '../remote/remote.js'
import { storeOver } from '../remote/change/store-over.js'
import { virtualPath } from '../remote/virtual-path.js'
import { dirname, type ByteString } from '../wire/names/names.js'
import { intoItself, isWithin, type Pair } from './copy-checks.js'
import { fsError } from '../node/node-errors.js'

/**
 * Copies a link. A relative target starts from the folder of the original, or with `verbatim` from
 * that of the copy.
 *
 * @throws ERR_FS_CP_EINVAL, ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY; ENOTSUP for a link out of the root
 *   folder; the errors of `makeLink`
 */
export async function copyLink(
  remote: Remote,
  call: Call,
  { src, dest }: Pair,
  there: EntryInfo | undefined,
  verbatim: boolean,
): Promise<void> {
  const target = await targetInListing(remote, call, src.path)
  const from = virtualPath(remote, target, dirname(src.path))
  const to = verbatim ? virtualPath(remote, target, dirname(dest.path)) : from
  // A target outside of the root has no virtual path: the same path in the tree is another file.
  if (to === undefined) throw new NotSupportedError('the link leads to what is not below the root folder')
  // `isNew`: the caller has checked that nothing exists at the path.
  const make = (path: ByteString): Promise<void> => makeLink(remote, call, to, path, { isNew: true })
  if (there?.type === 'link') {
    const before = virtualPath(remote, await targetInListing(remote, call, dest.path), dirname(dest.path))
    if (before === to) return
    const [kind] = await ask(remote, call, kindsOf([src.path]))
    if (kind === 'directory' && from !== undefined && before !== undefined)
      refuseNested(from, before, dest.given)
    await storeOver(remote, call, dest.path, there.type, make)
  } else {
    await make(dest.path)
  }
}

/** Throws if the two links lead to folders of which one contains the other. */
function refuseNested(from: ByteString, before: ByteString, path: string): void {
  if (isWithin(before, from))
    throw intoItself({ src: { path: from, given: from }, dest: { path, given: before } })
  if (!isWithin(from, before)) return
  const message = `cannot overwrite ${before} with ${from}`
  throw fsError('ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY', { syscall: 'cp', path, message })
}
