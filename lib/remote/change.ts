import type { Ask } from '../pool/ask.js'
import type { Call } from '../pool/call.js'
import { command, type Command } from '../wire/commands.js'
import type { ByteString } from '../wire/names.js'
import { isPositive, isUnknownCommand, type Reply } from '../wire/replies.js'
import type { ServerProfile } from '../wire/server-profile.js'
import { ask } from './ask.js'
import { changing } from './changing.js'
import { kindsOf } from './kind.js'
import { lacking, LackingError } from './lacking.js'
import { refuseRewrittenName } from './mistaken-names.js'
import { quotedWord } from './quoted-word.js'
import { explain, plainReason, type Attempt } from './refusal.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'
import { replyWords } from './reply-words.js'
import { timeValue } from './time.js'

/** The outcome of a change: the refusal, if any, and whether it may have been done by a lost attempt before. */
interface Outcome {
  refusal: Reply | undefined
  again: boolean
}

/** MKD. Throws a RefusedError: EEXIST, ENOENT, ENOTDIR, EACCES. */
export async function makeDirectory(remote: Remote, call: Call, path: ByteString): Promise<void> {
  const { refusal, again } = await change(remote, call, [path], () => [creating(remote, 'MKD', path)])
  if (!refusal) return
  const refused = await explain(remote, call, 'mkdir', refusal, path)
  if (again && refused.code === 'EEXIST') return
  throw refused
}

/** MKD of folders that lie in one another, the highest first. Resolves with the first that was made, if any was. */
export async function makeDirectories(
  remote: Remote,
  call: Call,
  paths: readonly ByteString[],
): Promise<ByteString | undefined> {
  const replies = await changing(remote, paths, () =>
    ask(remote, call, {
      commands: () => paths.map(path => creating(remote, 'MKD', path)),
      answer: replies => replies,
    }),
  )
  if (!isPositive(replies.at(-1)!)) {
    const kinds = await ask(remote, call, kindsOf(paths))
    if (kinds.at(-1) === 'file') throw new RefusedError('EEXIST', replies.at(-1))
    const blocked = kinds.findIndex(kind => kind !== 'directory')
    if (blocked >= 0) {
      if (kinds[blocked] === 'file') throw new RefusedError('ENOTDIR', replies.at(-1))
      throw await explain(remote, call, 'mkdir', replies[blocked]!, paths[blocked]!)
    }
  }
  return paths[replies.findIndex(isPositive)]
}

/** DELE. Throws a RefusedError: ENOENT, EISDIR, EACCES. */
export function removeFile(remote: Remote, call: Call, path: ByteString): Promise<void> {
  return remove(remote, call, 'DELE', 'unlink', path)
}

/** RMD. Throws a RefusedError: ENOENT, ENOTDIR, ENOTEMPTY, EACCES. */
export function removeDirectory(remote: Remote, call: Call, path: ByteString): Promise<void> {
  return remove(remote, call, 'RMD', 'rmdir', path)
}

async function remove(
  remote: Remote,
  call: Call,
  verb: string,
  attempt: Attempt,
  path: ByteString,
): Promise<void> {
  const { refusal, again } = await change(remote, call, [path], () => [command(verb, path)])
  if (!refusal) return
  const refused = await explain(remote, call, attempt, refusal, path)
  if (again && refused.code === 'ENOENT') return
  throw refused
}

/** Sets the time of the last change, to whole seconds: MFMT, or vsftpd's MDTM with a time. Throws ENOTSUP, ENOENT, EACCES. */
export async function setTime(
  remote: Remote,
  call: Call,
  path: ByteString,
  milliseconds: number,
): Promise<void> {
  const time = timeValue(milliseconds)
  const verbOf = (server: ServerProfile): string => (server.quirks.setsTimeByMdtm ? 'MDTM' : 'MFMT')
  await property(
    remote,
    call,
    path,
    verbOf,
    server => `${verbOf(server)} ${time}`,
    async refusal => {
      const { kind: server, quirks } = remote.pool.server
      const says = plainReason(refusal, replyWords(remote, refusal, path)) !== undefined
      if (says || !(quirks.setsTimeByMdtm || server === 'unknown')) return
      const [kind] = await ask(remote, call, kindsOf([path]))
      // vsftpd 3.0.3 takes its MDTM for files alone, and pyftpdlib 1.5.7 its MFMT.
      if (kind === 'directory') throw new LackingError('the server sets no time of a folder', refusal)
    },
  )
}

/** SITE CHMOD. Throws ENOTSUP, ENOENT, EACCES. */
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
  if (server.lacks(nameOf(server))) throw lacking(nameOf(server))
  const { refusal } = await change(remote, call, [path], server => [
    inWords(remote, server, verbOf(server), path),
  ])
  if (!refusal) return
  // ProFTPD 1.3.8 answers 501 to MFMT of a path behind a file.
  if (isUnknownCommand(refusal) && refusal.code !== 501) {
    server.learnLack(nameOf(server))
    throw lacking(nameOf(server), refusal)
  }
  await refused?.(refusal)
  throw await explain(remote, call, 'change', refusal, path)
}

/** ProFTPD 1.3.8 makes the path of SITE CHMOD of words again, and loses the space at its end: it would change another file. */
function inWords({ pool }: Remote, server: ServerProfile, verb: string, path: ByteString): Command {
  if (!verb.startsWith('SITE') || !server.quirks.quotesWords || !/[\t\v\f]|\s$/.test(path))
    return command(verb, path)
  return command(`${verb} ${quotedWord(pool.options.remotePath(path, server.loginDirectory))}`)
}

/** Sends commands of which the last one makes the change. */
function change(
  remote: Remote,
  call: Call,
  paths: readonly ByteString[],
  commands: (server: ServerProfile) => Command[],
): Promise<Outcome> {
  const question: Ask<Outcome> = {
    commands,
    answer: (replies, _, again) => ({ refusal: replies.find(reply => !isPositive(reply)), again }),
  }
  return changing(remote, paths, () => ask(remote, call, question))
}

/** A command that makes a name, unless the server would make another one. */
function creating(remote: Remote, verb: string, path: ByteString): Command {
  refuseRewrittenName(remote, path)
  return command(verb, path)
}
