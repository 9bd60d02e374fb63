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
  /** The new name was found free. An entry that has appeared there since must stay. */
  readonly exclusive?: boolean
}

/** A move that the server refused. */
export interface RefusedMove {
  reply: Reply
  /** Whether RNFR succeeded. If so, the server refuses the new name. */
  found: boolean
}

/**
 * Sends RNFR and RNTO in one flight. Resolves with the refusal, or with undefined once the entry is
 * moved. After a lost reply, the state of both paths shows the outcome.
 *
 * @throws ConnectionLostError if the outcome cannot be determined
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
      // After a refused RNFR, RNTO does nothing, even if its reply is lost.
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

/** The outcome of a lost move, whether the source exists, and whether the new name is free. */
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
