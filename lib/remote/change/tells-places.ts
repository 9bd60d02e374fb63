import { randomBytes } from 'node:crypto'
import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { basename, type ByteString } from '../../wire/names/names.js'
import { isPositive, quotedPath } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { changing } from './changing.js'
import { join } from '../paths.js'
import type { Remote } from '../remote.js'
import { sendOnce } from './send-once.js'

/**
 * Whether PWD tells the folder in which the system has the session, wherever a link has led: it then
 * tells the new name of a folder that is renamed around the session, as nothing does that puts paths
 * together itself. Tried once for each server with a folder of our own in `parent`; where none can be
 * made there, it stays unknown, and the answer is false.
 */
export async function tellsPlaces(remote: Remote, call: Call, parent: ByteString): Promise<boolean> {
  const { server } = remote.pool
  while (server.resolvesLinks === undefined) {
    const made = join(parent, `ftp-vfs-${randomBytes(6).toString('hex')}`)
    const renamed = `${made}-in`
    const { replies, lost } = await changing(remote, [made, renamed], () =>
      sendOnce(remote, call, () => [
        ...[command('MKD', made), command('CWD', made)],
        ...[command('RNFR', made), command('RNTO', renamed)],
        // Pure-FTPd 1.0.50 asks the system at CWD.
        ...[command('CWD .'), command('PWD')],
      ]),
    )
    const isMade = lost !== undefined || isPositive(replies[0]!)
    if (isMade) await removeEither(remote, call, parent, [renamed, made])
    if (lost) continue
    if (!isMade) return false
    const told = quotedPath(replies.at(-1)!, server.quirks)
    server.resolvesLinks = told !== undefined && basename(told) === basename(renamed)
  }
  return server.resolvesLinks
}

async function removeEither(
  remote: Remote,
  call: Call,
  parent: ByteString,
  paths: readonly ByteString[],
): Promise<void> {
  await changing(remote, paths, () =>
    ask(remote, call, {
      // A server that is not known may refuse to remove the folder in which it is.
      commands: () => [command('CWD', parent), ...paths.map(path => command('RMD', path))],
      answer: () => {},
    }),
  )
}
