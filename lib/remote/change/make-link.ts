import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ByteString } from '../../wire/names/names.js'
import { isUnknownCommand, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import { carryOut } from './carry-out.js'
import type { Known } from './make-directory.js'
import { kindsOf } from '../stat/probe-kinds.js'
import { notSupported } from '../not-supported.js'
import { refuseUnsafeNames, refuseRewrittenName } from '../names/unsafe-names.js'
import { explain } from '../refusal.js'
import { quotedWord } from '../quoted-word.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { serverPath } from '../server-file.js'
import { replyWords } from '../reply-words.js'

const verb = 'SITE SYMLINK'

/**
 * Makes a link by SITE SYMLINK (mod_site_misc of ProFTPD). `target` is the path that it is to lead
 * to: the server would take a relative one from the session's working directory, and stores an
 * absolute one in any case.
 *
 * @throws RefusedError: EEXIST, ENOENT, ENOTDIR, EACCES; EINVAL for names that cannot be sent;
 *   ENOTSUP where the server has no such command, and where there is nothing at the target, to
 *   which ProFTPD 1.3.8 makes no link
 */
export async function makeLink(
  remote: Remote,
  call: Call,
  target: ByteString,
  path: ByteString,
  { isNew }: Known = {},
): Promise<void> {
  const { server } = remote.pool
  if (server.can.command(verb).failed) throw notSupported(verb)
  await carryOut(remote, call, {
    kind: 'make',
    path,
    folder: false,
    command: server => command(line(remote, server, target, path)),
    reason: refusal => reason(remote, call, refusal, target, path),
    sure: isNew,
  })
}

async function reason(
  remote: Remote,
  call: Call,
  reply: Reply,
  target: ByteString,
  path: ByteString,
): Promise<RefusedError> {
  // RFC 959: 202 says that the command does nothing here.
  if (isUnknownCommand(reply) || reply.code === 202) {
    remote.pool.server.can.command(verb).fail()
    return notSupported(verb, reply)
  }
  // A link to nothing is seen by no question but its folder's listing.
  if (/exists|EEXIST/i.test(replyWords(remote, reply, target, path))) return new RefusedError('EEXIST', reply)
  const refused = await explain(remote, call, 'mkdir', reply, path)
  if (refused.code !== 'EACCES') return refused
  const [kind] = await ask(remote, call, kindsOf([target]))
  if (kind !== 'missing') return refused
  return new RefusedError('ENOTSUP', reply, 'the server makes no link to what does not exist')
}

/** Both paths in one command: a space parts them. */
function line(remote: Remote, server: ServerProfile, target: ByteString, path: ByteString): string {
  refuseUnsafeNames(remote, path)
  refuseUnsafeNames(remote, target)
  refuseRewrittenName(remote, path)
  const paths = [target, path].map(each => serverPath(remote, each))
  if (!paths.some(each => /[ \t\v\f]/.test(each))) return [verb, ...paths].join(' ')
  if (!server.quirks.quotesWords)
    throw new RefusedError('EINVAL', undefined, `${verb} cannot name a path that holds a space`)
  // A space behind the first quotation mark would begin an empty word.
  return `${verb} ${paths.map(quotedWord).join('')}`
}
