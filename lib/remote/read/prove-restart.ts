import type { Call } from '../../pool/call.js'
import { command, type ServerFile } from '../../wire/session/command.js'
import { ConnectionLostError } from '../../wire/ftp-errors.js'
import { Incoming } from '../../wire/data/incoming.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive, parseSize } from '../../wire/reply/replies.js'
import type { Session } from '../../wire/session/session.js'
import type { Remote } from '../remote.js'
import { serverFile } from '../server-file.js'

// So many of the file's last bytes are read: they come in one packet.
const maxProbe = 1024

/**
 * Reads the last bytes of a file, of which the number tells whether RETR begins where REST says.
 * Where the file is too small, or its size is not told, that stays untried.
 *
 * `wanted`: where in the file the caller goes on; behind its end there is nothing to find out for.
 */
export async function proveRestart(session: Session, file: ServerFile, wanted = 0): Promise<void> {
  const { restartDownload: restart } = session.server.can
  // Another may have found it out meanwhile.
  if (!restart.untested) return
  const [told] = await session.flight([command('SIZE', file)])
  const size = parseSize(told!)
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
 * Whether ranges of a file can be read. Where that is not known yet it is found out, for which no
 * session may be held. `ifFree`: only with a session that is free, else undefined.
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
    // What is read from the beginning on is right in any case.
    if (!(error instanceof ConnectionLostError)) throw error
  } finally {
    lease.release()
  }
  return restart.certain
}
