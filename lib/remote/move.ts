import type { Call } from '../pool/call.js'
import { command } from '../wire/commands.js'
import type { ByteString } from '../wire/names.js'
import { isPositive, type Reply } from '../wire/replies.js'
import { ask } from './ask.js'
import { changing } from './changing.js'
import { kindsOf } from './kind.js'
import { refuseRewrittenName } from './mistaken-names.js'
import type { Remote } from './remote.js'

/** A move that the server refused. */
export interface RefusedMove {
  reply: Reply
  /** Whether RNFR was taken: it is the new name that the server refuses. */
  found: boolean
}

/**
 * RNFR and RNTO in one flight. Resolves with the refusal, and with undefined when the move is done,
 * be it by an attempt whose reply was lost.
 */
export async function move(
  remote: Remote,
  call: Call,
  path: ByteString,
  dest: ByteString,
): Promise<RefusedMove | undefined> {
  const { refused, again } = await changing(remote, [path, dest], () =>
    ask(remote, call, {
      commands: () => {
        refuseRewrittenName(remote, dest)
        return [command('RNFR', path), command('RNTO', dest)]
      },
      answer: ([from, to], _, again) => ({ refused: refusedMove(from!, to!), again }),
    }),
  )
  if (!refused || !again) return refused
  const [from, to] = await ask(remote, call, kindsOf([path, dest]))
  return from === 'missing' && to !== 'missing' ? undefined : refused
}

function refusedMove(from: Reply, to: Reply): RefusedMove | undefined {
  if (!isPositive(from)) return { reply: from, found: false }
  return isPositive(to) ? undefined : { reply: to, found: true }
}
