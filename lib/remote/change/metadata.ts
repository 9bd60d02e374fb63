import type { Call } from '../../pool/call.js'
import { command, type Command } from '../../wire/session/command.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive, isUnknownCommand, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import { changing } from './changing.js'
import { keepNames } from '../names/keep-names.js'
import { pathKinds } from '../stat/path-kinds.js'
import { notSupported, NotSupportedError } from '../not-supported.js'
import { quotedWord } from '../quoted-word.js'
import { explain, plainReason } from '../refusal.js'
import { mayPass, RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { serverPath } from '../server-file.js'
import { replyWords } from '../reply-words.js'
import { formatTimeVal } from '../time/mdtm.js'
import { checkedFacts } from '../stat/facts.js'

/**
 * Sets the modification time, in whole seconds, by MFMT, or by vsftpd's MDTM with a time.
 *
 * @throws RefusedError: ENOTSUP, ENOENT, EACCES
 */
export async function setTime(
  remote: Remote,
  call: Call,
  path: ByteString,
  milliseconds: number,
): Promise<void> {
  const { server } = remote.pool
  // The command needs to know first whether MDTM takes UTC.
  if (server.clock.isUnsure(milliseconds) && !server.can.mlst.usable) await checkedFacts(remote, call, path)
  const verbOf = (server: ServerProfile): string => (server.quirks.setsTimeByMdtm ? 'MDTM' : 'MFMT')
  await property(
    remote,
    call,
    path,
    verbOf,
    server => `${verbOf(server)} ${formatTimeVal(milliseconds, server)}`,
    async refusal => {
      const { kind: server, quirks } = remote.pool.server
      const says = plainReason(refusal, replyWords(remote, refusal, path)) !== undefined
      if (says || !(quirks.setsTimeByMdtm || server === 'unknown')) return
      const [kind] = await pathKinds(remote, call, [path])
      // MDTM of vsftpd 3.0.3 and MFMT of pyftpdlib 1.5.7 work for files only.
      if (kind === 'directory') throw new NotSupportedError('the server sets no time of a folder', refusal)
    },
  )
}

/**
 * Sets the mode by SITE CHMOD.
 *
 * @throws RefusedError: ENOTSUP, ENOENT, EACCES
 */
export async function setMode(remote: Remote, call: Call, path: ByteString, mode: number): Promise<void> {
  const octal = (mode & 0o7777).toString(8).padStart(3, '0')
  await property(
    remote,
    call,
    path,
    () => 'SITE CHMOD',
    () => `SITE CHMOD ${octal}`,
  )
}

async function property(
  remote: Remote,
  call: Call,
  path: ByteString,
  nameOf: (server: ServerProfile) => string,
  verbOf: (server: ServerProfile) => string,
  refused?: (refusal: Reply) => Promise<void>,
): Promise<void> {
  const { server } = remote.pool
  await keepNames(remote, call, path, false)
  for (;;) {
    if (server.can.command(nameOf(server)).failed) throw notSupported(nameOf(server))
    const reply = await changing(remote, [path], () =>
      ask(remote, call, {
        commands: server => [inWords(remote, server, verbOf(server), path)],
        answer: ([reply]) => reply!,
      }),
    )
    if (isPositive(reply)) return server.can.command(nameOf(server)).succeed()
    if (server.kind === 'unknown' && reply.code === 500) await refuseMissing(remote, call, path, reply)
    // ProFTPD 1.3.8 replies 501 to MFMT if an ancestor of the path is a file.
    const known = reply.code === 500 && server.can.command(nameOf(server)).proven
    if (isUnknownCommand(reply) && reply.code !== 501 && !known) {
      server.can.command(nameOf(server)).fail()
      throw notSupported(nameOf(server), reply)
    }
    await refused?.(reply)
    const error = await explain(remote, call, 'change', reply, path)
    if (!mayPass(reply, error)) throw error
    await remote.pool.retry(call, error)
  }
}

/** Throws ENOENT or ENOTDIR for a missing path: SITE CHMOD of ftp-srv 4.6.3 replies 500 to it. */
async function refuseMissing(remote: Remote, call: Call, path: ByteString, reply: Reply): Promise<void> {
  const { code } = await explain(remote, call, 'change', { ...reply, code: 550 }, path)
  if (code === 'ENOENT' || code === 'ENOTDIR') throw new RefusedError(code, reply)
}

/**
 * Quotes the path if needed. ProFTPD 1.3.8 rejoins the words of SITE CHMOD, loses a space at the
 * end of the path, and so would change another file.
 */
function inWords(remote: Remote, server: ServerProfile, verb: string, path: ByteString): Command {
  if (!verb.startsWith('SITE') || !server.quirks.quotesWords || !/[\t\v\f]|\s$/.test(path))
    return command(verb, path)
  return command(`${verb} ${quotedWord(serverPath(remote, path))}`)
}
