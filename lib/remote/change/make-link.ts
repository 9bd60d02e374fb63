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
 * Creates a link by SITE SYMLINK (mod_site_misc of ProFTPD). `target` is absolute: the server
 * resolves a relative one against the session's working directory, and always stores an absolute
 * one.
 *
 * @throws RefusedError: EEXIST, ENOENT, ENOTDIR, EACCES; EINVAL for names that cannot be sent;
 *   ENOTSUP if the server lacks the command, or if the target does not exist (ProFTPD 1.3.8 creates
 *   no dangling link)
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
  // RFC 959: 202 means that the command is superfluous here and does nothing.
  if (isUnknownCommand(reply) || reply.code === 202) {
    remote.pool.server.can.command(verb).fail()
    return notSupported(verb, reply)
  }
  // Only a listing of the folder shows a dangling link, so the text of the reply counts first.
  if (/exists|EEXIST/i.test(replyWords(remote, reply, target, path))) return new RefusedError('EEXIST', reply)
  const refused = await explain(remote, call, 'mkdir', reply, path)
  if (refused.code !== 'EACCES') return refused
  const [kind] = await ask(remote, call, kindsOf([target]))
  if (kind !== 'missing') return refused
  return new RefusedError('ENOTSUP', reply, 'the server makes no link to what does not exist')
}

/** The command with both paths, separated by a space. */
function line(remote: Remote, server: ServerProfile, target: ByteString, path: ByteString): string {
  refuseUnsafeNames(remote, path)
  refuseUnsafeNames(remote, target)
  refuseRewrittenName(remote, path)
  const paths = [target, path].map(each => serverPath(remote, each))
  if (!paths.some(each => /[ \t\v\f]/.test(each))) return [verb, ...paths].join(' ')
  if (!server.quirks.quotesWords)
    throw new RefusedError('EINVAL', undefined, `${verb} cannot name a path that holds a space`)
  // A space between the two quoted words would add an empty word.
  return `${verb} ${paths.map(quotedWord).join('')}`
}
