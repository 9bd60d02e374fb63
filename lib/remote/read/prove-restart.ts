import type { Call } from '../../pool/call.js'
import { command, type ServerFile } from '../../wire/session/command.js'
import { ConnectionLostError } from '../../wire/ftp-errors.js'
import { Incoming } from '../../wire/data/incoming.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive, parseSize } from '../../wire/reply/replies.js'
import type { Session } from '../../wire/session/session.js'
import type { Remote } from '../remote.js'
import { serverFile } from '../server-file.js'

// Bytes that the probe reads from the end of the file: they fit into one packet.
const maxProbe = 1024

/**
 * Reads the last bytes of a file. Their number shows whether RETR begins where REST says. For a
 * file that is too small, or of unknown size, REST stays untested.
 *
 * `wanted`: the position at which the caller continues. Behind the end of the file no test is
 * needed.
 */
export async function proveRestart(session: Session, file: ServerFile, wanted = 0): Promise<void> {
  const { restartDownload: restart } = session.server.can
  // Another call may have tested it meanwhile.
  if (!restart.untested) return
  const [reply] = await session.flight([command('SIZE', file)])
  const size = parseSize(reply!)
  if (size === undefined || size < 2 || wanted >= size) return
  const expected = Math.min(maxProbe, size - 1)
  let came = 0
  let failed = false
  let stop = (): unknown => undefined
  const fail = (): void => {
    if (!failed) restart.fail()
    failed = true
  }
  const opened = await Incoming.open(session, {
    commands: [command(`REST ${size - expected}`), command('RETR', file)],
    skip: ([rest]) => {
      if (!isPositive(rest!)) fail()
      return 0
    },
    onData: chunk => {
      came += chunk.length
      if (came <= expected) return
      fail()
      stop()
    },
  })
  if (!(opened instanceof Incoming)) return
  stop = () => opened.stop()
  const replies = await opened.done
  if (!failed && came === expected && isPositive(replies.at(-1)!)) restart.succeed()
}

/**
 * Whether ranges of a file can be read. Tests REST if that is not known yet, for which the caller
 * may hold no session. `ifFree`: tests only with a free session, else resolves with undefined.
 */
export async function canRestart(
  remote: Remote,
  call: Call,
  path: ByteString,
  { ifFree = false } = {},
): Promise<boolean | undefined> {
  const { pool } = remote
  const { restartDownload: restart } = pool.server.can
  if (!restart.untested) return restart.certain
  const lease = await (ifFree ? pool.acquireIfFree(call) : pool.acquire(call, 'transfer'))
  if (!lease) return undefined
  try {
    await proveRestart(lease.session, serverFile(remote, path))
  } catch (error) {
    // Bytes that are read from the beginning on are right in any case.
    if (!(error instanceof ConnectionLostError)) throw error
  } finally {
    lease.release()
  }
  return restart.certain
}
