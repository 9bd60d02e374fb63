import type { Call } from '../../pool/call.js'
import type { Command } from '../../wire/session/command.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import { changing } from './changing.js'
import { entersAnything } from '../stat/entered.js'
import { keepNames } from '../names/keep-names.js'
import { mayPass, RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { inDoubt, sendOnce } from './send-once.js'
import { settleChange, type ChangeKind } from './settle-change.js'
import { something, standingCommands, standingIn, type Standing } from './standing.js'

// With more changes waiting none of them is worth a question of its own: to a server it is as much
// work as the change.
const maxAsked = 16

/** A change that is not idempotent: done twice, it is refused. */
export interface ChangeRequest {
  readonly kind: ChangeKind
  readonly path: ByteString
  /** It makes or removes a folder, else a file or a link. */
  readonly folder: boolean
  readonly command: (server: ServerProfile) => Command
  /** Whether a refusal is of this way, and `command` gives another one from now on. */
  readonly nextWay?: (refusal: Reply) => boolean
  /** Why the server has refused it. */
  readonly reason: (refusal: Reply) => Promise<RefusedError>
  /** It is known that nothing is there to be made again, or that what is to be removed is there. */
  readonly sure?: boolean | undefined
}

/**
 * Carries a change out once, however often its reply is lost. What stands there is asked in front
 * of the command, in the same flight: only that tells what a lost reply was.
 *
 * @throws the reason of a refusal; where nothing tells whether it was done, a ConnectionLostError
 */
export function carryOut(remote: Remote, call: Call, change: ChangeRequest): Promise<void> {
  return changing(remote, [change.path], async () => {
    await keepNames(remote, call, change.path, change.kind === 'make')
    return new Execution(remote, call, change).carryOut()
  })
}

class Execution {
  /** What stood there before the first command that may have been carried out. */
  #before: Standing
  /** One was lost that may have been carried out, be it only by now. */
  #doubt = false

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly change: ChangeRequest,
  ) {
    this.#before = this.#known
  }

  async carryOut(): Promise<void> {
    const { remote, call } = this
    const { folder } = this.change
    for (;;) {
      let asked: readonly Command[] = []
      const { replies, lost } = await sendOnce(remote, call, server => {
        asked = this.#questions(server)
        return [...asked, this.change.command(server)]
      })
      if (asked.length > 0)
        this.#before = standingIn(replies.slice(0, asked.length), asked, folder, remote.pool.server)
      if (lost) {
        if (await this.#isDone(lost)) return
        continue
      }
      const reply = replies.at(-1)!
      if (isPositive(reply) && reply.code !== 202) {
        if (await this.#wasThere()) throw new RefusedError('EEXIST', reply)
        return
      }
      if (this.change.nextWay?.(reply)) continue
      const refused = await this.change.reason(reply)
      if (this.#doubt && this.#isContrary(refused)) {
        if (this.change.sure) return
        throw inDoubt(refused)
      }
      if (!mayPass(reply, refused)) throw refused
      await remote.pool.retry(call, refused)
      // Meanwhile others may have changed what is there.
      if (!this.#doubt) this.#before = this.#known
    }
  }

  get #known(): Standing {
    const { kind, sure } = this.change
    return !sure ? 'unknown' : kind === 'make' ? 'missing' : something
  }

  /** MKD of ftp-srv 4.6.3 and others makes nothing of a folder that exists, and says 257. */
  async #wasThere(): Promise<boolean> {
    const { remote, call } = this
    const { kind, folder } = this.change
    if (kind !== 'make' || !folder || this.#doubt || typeof this.#before !== 'object') return false
    return remote.pool.server.kind === 'unknown' && !(await entersAnything(remote, call))
  }

  #questions(server: ServerProfile): Command[] {
    const { remote } = this
    const { path, folder, kind } = this.change
    if (this.#before !== 'unknown' || this.#doubt) return []
    const hasToAsk = kind === 'make' && folder && server.kind === 'unknown'
    return !hasToAsk && remote.pool.stats.waiting > maxAsked ? [] : standingCommands(path, folder, server)
  }

  /** Whether a lost change was done. Resolves with false when it is to be sent again. */
  async #isDone(lost: Error): Promise<boolean> {
    const { remote, call } = this
    const { kind, path, folder } = this.change
    let now: Standing
    try {
      now = await ask(remote, call, {
        commands: server => standingCommands(path, folder, server),
        answer: (replies, server, _, sent) => standingIn(replies, sent, folder, server),
      })
    } catch (error) {
      call.throwIfCancelled()
      throw inDoubt(error as Error)
    }
    const decision = settleChange(kind, this.#before, now)
    if (decision === 'done') return true
    if (decision === 'unknown') throw lost
    if (decision === 'refused') throw new RefusedError('ENOENT')
    // What is seen now was so before the next command.
    if (typeof now === 'object' || now === 'missing') this.#before = now
    this.#doubt = true
    return false
  }

  /** Whether the refusal says that it is as it was to become, and was not before. */
  #isContrary({ code }: RefusedError): boolean {
    return this.change.kind === 'make'
      ? code === 'EEXIST' && typeof this.#before !== 'object'
      : code === 'ENOENT' && this.#before !== 'missing'
  }
}
