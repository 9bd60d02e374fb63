import type { Call } from '../pool/call.js'
import { command } from '../wire/commands.js'
import type { ByteString } from '../wire/names.js'
import { replyText, type Reply } from '../wire/replies.js'
import { ask } from './ask.js'
import { Reader } from './reader.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'
import { stat } from './stat.js'
import { transfer } from './transfer.js'
import { Writer, type WriterOptions } from './writer.js'

export interface CopyOptions extends Pick<WriterOptions, 'exclusive' | 'folder'> {
  /** Nothing is at the destination, as is known. */
  isNew?: boolean
}

/**
 * Copies a file through this machine: FTP has no command for it. Reading and writing may take turns with one
 * session.
 */
export async function copyFile(
  remote: Remote,
  call: Call,
  path: ByteString,
  dest: ByteString,
  { exclusive = false, folder = false, isNew = false }: CopyOptions = {},
): Promise<void> {
  if (path === dest && !exclusive && !folder) {
    // As on a local disk, nothing is done; and the file would be emptied before it was read.
    if ((await stat(remote, call, path)).type === 'directory') throw new RefusedError('EISDIR')
    return
  }
  // A file that a link may have given a second name is read to its end before it is written.
  const collect = !exclusive && !isNew && (await mayBeSame(remote, call, path, dest))
  const writer = new Writer(remote, call, dest, { mode: 'replace', exclusive, folder, collect })
  try {
    await transfer(new Reader(remote, call, path), chunk => writer.write(chunk))
    await writer.end()
  } catch (error) {
    throw await writer.abandon(error)
  }
}

/** Whether two paths may name one file: no, when their sizes or times differ, or there is nothing at one of them. */
function mayBeSame(remote: Remote, call: Call, path: ByteString, other: ByteString): Promise<boolean> {
  return ask(remote, call, {
    commands: () => [path, other].flatMap(each => [command('SIZE', each), command('MDTM', each)]),
    answer: ([size, time, otherSize, otherTime]) => equal(size!, otherSize!) && equal(time!, otherTime!),
  })
}

function equal(reply: Reply, other: Reply): boolean {
  if (reply.code === 550 || other.code === 550) return false
  // A server without the command says nothing about either.
  return reply.code !== other.code || replyText(reply) === replyText(other)
}
