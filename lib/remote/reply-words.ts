import type { ByteString } from '../wire/names/names.js'
import { replyText, type Reply } from '../wire/reply/replies.js'
import type { Remote } from './remote.js'
import { serverPath } from './server-file.js'

/** The text of a reply without its paths: a file called `quota` is no reason. */
export function replyWords(remote: Remote, reply: Reply, ...paths: ByteString[]): string {
  let text = replyText(reply)
  for (const path of paths) {
    const given = serverPath(remote, path)
    if (given !== '/') text = text.replaceAll(given, '')
  }
  return text
}
