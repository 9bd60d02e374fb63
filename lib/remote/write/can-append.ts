import { Call } from '../../pool/call.js'
import { command, type ServerFile } from '../../wire/session/command.js'
import { ConnectionLostError } from '../../wire/ftp-errors.js'
import type { ByteString } from '../../wire/names/names.js'
import { Outgoing } from '../../wire/data/outgoing.js'
import { isPositive, replyText, type Reply } from '../../wire/reply/replies.js'
import type { Session } from '../../wire/session/session.js'
import { removeFile } from '../change/remove.js'
import type { Remote } from '../remote.js'
import { serverFile } from '../server-file.js'
import { temporaryName } from '../temporary-name.js'
import { stateIn } from './file-state.js'
import { endedBy } from './segment.js'

/**
 * Whether a file can be gone on with by APPE. APPE itself is no harmless question: without a path,
 * too, a server opened a data connection for it, and a file was gone. Where it has not been seen to
 * work, the server's HELP tells; of Pure-FTPd, which names no commands there and may replace the
 * file, a file of our own beside `path`.
 */
export async function canAppend(remote: Remote, session: Session, path: ByteString): Promise<boolean> {
  const { server } = session
  const { append } = server.can
  // The place of what is appended could not be checked where line ends are converted.
  if (append.failed || server.isAscii) return false
  if (append.proven) return true
  const appends = server.quirks.mayReplaceAtAppend
    ? await triesAppend(remote, session, path)
    : server.kind !== 'unknown' || (await helpNamesAppend(session))
  if (appends) append.succeed()
  else append.fail()
  return appends
}

/**
 * Whether APPE would put what is appended in the place of the file: asked of servers alone of which
 * that is known to happen.
 */
export async function replacesAtAppend(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  const { server } = remote.pool
  if (!server.quirks.mayReplaceAtAppend || server.can.append.proven) return false
  for (;;) {
    let lost: ConnectionLostError
    const lease = await remote.pool.acquire(call, 'transfer')
    const forget = call.onCancel(() => lease.session.close())
    try {
      return !(await canAppend(remote, lease.session, path))
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error
      lost = error
    } finally {
      forget()
      lease.release()
    }
    await remote.pool.retry(call, lost)
  }
}

/** ProFTPD and others put an asterisk behind commands that they do not have. */
async function helpNamesAppend(session: Session): Promise<boolean> {
  const [help] = await session.flight([command('HELP')])
  return isPositive(help!) && /\bAPPE\b(?!\*)/i.test(replyText(help!))
}

/** Stores a byte under a temporary name, appends another, and looks whether there are two. */
async function triesAppend(remote: Remote, session: Session, path: ByteString): Promise<boolean> {
  const beside = temporaryName(path, { encoding: session.options.encoding })
  const file = serverFile(remote, beside)
  try {
    const appended = (await sendByte(session, 'STOR', file)) && (await sendByte(session, 'APPE', file))
    const [size] = await session.flight([command('SIZE', file), command('DELE', file)])
    const state = stateIn([size!])
    return appended && typeof state === 'object' && state.size === 2
  } catch (error) {
    // It may have been stored all the same.
    void removeFile(remote, new Call(), beside, { isThere: true }).catch(() => {})
    throw error
  }
}

/** Whether it is stored. Throws ConnectionLostError where a connection was lost: that tells nothing. */

async function sendByte(session: Session, verb: string, file: ServerFile): Promise<boolean> {
  const outgoing = await Outgoing.open(session, { command: command(verb, file) })
  const reply = outgoing instanceof Outgoing ? await endOf(outgoing) : outgoing
  if (session.closed) throw new ConnectionLostError('The session was closed')
  // Of a data connection that fails Pure-FTPd 1.0.50 says 451.
  if ([425, 426, 451].includes(reply.code)) throw endedBy(reply)
  return isPositive(reply)
}

async function endOf(outgoing: Outgoing): Promise<Reply> {
  await outgoing.write(Buffer.of(0))
  const [reply] = await outgoing.end()
  return reply!
}
