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
import { something, pathStateCommands, pathStateIn, type PathState } from './path-state.js'

// With more calls waiting, a change goes without its question, which is as much work as the change.
const maxAsked = 16

/** A change that is not idempotent: the server refuses the second of two equal ones. */
export interface ChangeRequest {
  readonly kind: ChangeKind
  readonly path: ByteString
  /** The change makes or removes a folder. If false, a file or a link. */
  readonly folder: boolean
  readonly command: (server: ServerProfile) => Command
  /** Whether the refusal concerns the form of the command. If so, `command` changes the form. */
  readonly nextWay?: (refusal: Reply) => boolean
  /** The error for a refusal by the server. */
  readonly reason: (refusal: Reply) => Promise<RefusedError>
  /** The caller knows that the path is free (`make`), or that the entry exists (`remove`). */
  readonly sure?: boolean | undefined
}

/**
 * Carries out a change exactly once, however many replies are lost. A question about the path
 * precedes the command in the same flight: only its answer can show what a lost reply was.
 *
 * @throws the error that `reason` returns; ConnectionLostError if the outcome cannot be determined
 */
export function carryOut(remote: Remote, call: Call, change: ChangeRequest): Promise<void> {
  return changing(remote, [change.path], async () => {
    await keepNames(remote, call, change.path, change.kind === 'make')
    return new Execution(remote, call, change).carryOut()
  })
}

class Execution {
  /** The state of the path before the first command that may have been carried out. */
  #before: PathState
  /** A command whose reply was lost may have been carried out, or may still be. */
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
        this.#before = pathStateIn(replies.slice(0, asked.length), asked, folder, remote.pool.server)
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
      // Another client may have changed the path meanwhile.
      if (!this.#doubt) this.#before = this.#known
    }
  }

  get #known(): PathState {
    const { kind, sure } = this.change
    return !sure ? 'unknown' : kind === 'make' ? 'missing' : something
  }

  /** MKD of ftp-srv 4.6.3 and others replies 257 for a folder that already exists. */
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
    return !hasToAsk && remote.pool.stats.waiting > maxAsked ? [] : pathStateCommands(path, folder, server)
  }

  /** Whether the change with the lost reply was made. If false, it must be sent again. */
  async #isDone(lost: Error): Promise<boolean> {
    const { remote, call } = this
    const { kind, path, folder } = this.change
    let now: PathState
    try {
      now = await ask(remote, call, {
        commands: server => pathStateCommands(path, folder, server),
        answer: (replies, server, _, sent) => pathStateIn(replies, sent, folder, server),
      })
    } catch (error) {
      call.throwIfCancelled()
      throw inDoubt(error as Error)
    }
    const decision = settleChange(kind, this.#before, now)
    if (decision === 'done') return true
    if (decision === 'unknown') throw lost
    if (decision === 'refused') throw new RefusedError('ENOENT')
    // This is also the state before the next command.
    if (typeof now === 'object' || now === 'missing') this.#before = now
    this.#doubt = true
    return false
  }

  /** Whether the refusal reports the wanted state although it did not exist before. */
  #isContrary({ code }: RefusedError): boolean {
    return this.change.kind === 'make'
      ? code === 'EEXIST' && typeof this.#before !== 'object'
      : code === 'ENOENT' && this.#before !== 'missing'
  }
}
