import { command } from '../wire/commands.js'
import { isUnknownCommand } from '../wire/replies.js'
import type { Session } from '../wire/session.js'

/** Whether a file can be gone on with by APPE. A server that is not known is asked once: without a path it does nothing. */
export async function canAppend(session: Session): Promise<boolean> {
  const { server } = session
  if (server.appends === 'untried') {
    const [reply] = server.kind === 'unknown' ? await session.flight([command('APPE')]) : []
    server.appends = reply && isUnknownCommand(reply) && reply.code !== 501 ? 'no' : 'yes'
  }
  return server.appends === 'yes'
}
