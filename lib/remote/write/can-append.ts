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
 * Whether APPE can continue a file. A trial APPE is not harmless: even without a path, a server
 * opened a data connection for it, and a file was lost. Unless APPE has been seen to work, the HELP
 * of the server decides. Pure-FTPd names no commands there and may replace the file: a trial file
 * of our own beside `path` decides.
 */
export async function canAppend(remote: Remote, session: Session, path: ByteString): Promise<boolean> {
  const { server } = session
  const { append } = server.can
  // Where the server converts line ends, the position of appended bytes cannot be checked.
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
 * Whether APPE would replace the file by the appended bytes. Asks only servers that are known to do
 * so.
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

/** ProFTPD and others mark commands that they lack with an asterisk. */
async function helpNamesAppend(session: Session): Promise<boolean> {
  const [help] = await session.flight([command('HELP')])
  return isPositive(help!) && /\bAPPE\b(?!\*)/i.test(replyText(help!))
}

/** Stores a byte under a temporary name, appends another, and checks that the size is 2. */
async function triesAppend(remote: Remote, session: Session, path: ByteString): Promise<boolean> {
  const beside = temporaryName(path, { encoding: session.options.encoding })
  const file = serverFile(remote, beside)
  try {
    const appended = (await sendByte(session, 'STOR', file)) && (await sendByte(session, 'APPE', file))
    const [size] = await session.flight([command('SIZE', file), command('DELE', file)])
    const state = stateIn([size!])
    return appended && typeof state === 'object' && state.size === 2
  } catch (error) {
    // The trial file may exist despite the error.
    void removeFile(remote, new Call(), beside, { isThere: true }).catch(() => {})
    throw error
  }
}

/** Whether the byte is stored. Throws ConnectionLostError after a loss, which proves nothing. */
async function sendByte(session: Session, verb: string, file: ServerFile): Promise<boolean> {
  const outgoing = await Outgoing.open(session, { command: command(verb, file) })
  const reply = outgoing instanceof Outgoing ? await endOf(outgoing) : outgoing
  if (session.closed) throw new ConnectionLostError('The session was closed')
  // Pure-FTPd 1.0.50 replies 451 to a failed data connection.
  if ([425, 426, 451].includes(reply.code)) throw endedBy(reply)
  return isPositive(reply)
}

async function endOf(outgoing: Outgoing): Promise<Reply> {
  await outgoing.write(Buffer.of(0))
  const [reply] = await outgoing.end()
  return reply!
}
