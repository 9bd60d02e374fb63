import type { Call } from '../pool/call.js'
import { makeDirectories } from '../remote/change/make-directory.js'
import { ancestors } from '../remote/paths.js'
import type { Remote } from '../remote/remote.js'
import type { ByteString } from '../wire/names/names.js'

/** Creates a folder and its missing ancestors. Resolves with the first one created, if any. */
export function makeTree(remote: Remote, call: Call, folder: ByteString): Promise<ByteString | undefined> {
  return makeDirectories(remote, call, [...ancestors(folder).slice(1), folder])
}
