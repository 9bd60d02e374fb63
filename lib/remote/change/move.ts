import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { FtpReplyError } from '../../wire/ftp-errors.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive, type Reply } from '../../wire/reply/replies.js'
import type { KnownThere } from './remove.js'
import { changing } from './changing.js'
import { keepNames } from '../names/keep-names.js'
import { pathKinds } from '../stat/path-kinds.js'
import { refuseRewrittenName } from '../names/unsafe-names.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { inDoubt, sendOnce } from './send-once.js'
import { settleMove, type ChangeDecision } from './settle-change.js'

export interface MoveOptions extends KnownThere {
  /** Nothing stood at the new name, as was asked: what has come there since stays. */
  readonly exclusive?: boolean
}

/** A move that the server refused. */
export interface RefusedMove {
  reply: Reply
  /** Whether RNFR was taken: it is the new name that the server refuses. */
  found: boolean
}

/**
 * RNFR and RNTO in one flight. Resolves with the refusal, and with undefined when the move is done.
 * Where a reply was lost, what stands at both names tells whether it is.
 *
 * @throws a ConnectionLostError where nothing tells
 */
export function move(
  remote: Remote,
  call: Call,
  path: ByteString,
  dest: ByteString,
  { isThere = false, exclusive = false }: MoveOptions = {},
): Promise<RefusedMove | undefined> {
  return changing(remote, [path, dest], async () => {
    await keepNames(remote, call, path, false)
    await keepNames(remote, call, dest, true)
    let stood = isThere
    let hasLost = false
    for (;;) {
      const { replies, lost } = await sendOnce(remote, call, () => {
        refuseRewrittenName(remote, dest)
        return [command('RNFR', path), command('RNTO', dest)]
      })
      const [from, to] = replies
      // Where RNFR is refused, RNTO does nothing, whatever became of its reply.
      const found = from && isPositive(from)
      const refused = found === false ? { reply: from!, found } : lost ? undefined : refusedBy(to!)
      if (!lost && !refused) return undefined
      if (refused && !hasLost) return refused
      stood ||= found === true
      const { decision, stands, isFree } = await settled(remote, call, path, dest, stood)
      if (decision === 'done') return undefined
      if (decision === 'unknown') throw lost ?? inDoubt(new FtpReplyError(refused!.reply))
      if (refused) return refused
      if (exclusive && !isFree) throw new RefusedError('EEXIST')
      stood = stands
      hasLost = true
    }
  })
}

function refusedBy(reply: Reply): RefusedMove | undefined {
  return isPositive(reply) ? undefined : { reply, found: true }
}

/**
 * What a lost move has come to, whether its source stands there now, and whether the new name is
 * free.
 */
async function settled(
  remote: Remote,
  call: Call,
  path: ByteString,
  dest: ByteString,
  stood: boolean,
): Promise<{ decision: ChangeDecision; stands: boolean; isFree: boolean }> {
  try {
    const [from, to] = await pathKinds(remote, call, [path, dest])
    const decision = settleMove(stood, from!, to!)
    return { decision, stands: from !== 'missing', isFree: to === 'missing' }
  } catch (error) {
    call.throwIfCancelled()
    throw inDoubt(error as Error)
  }
}
