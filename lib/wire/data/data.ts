import { active } from './active.js'
import type { DataSetup, DataOpener } from './data-setup.js'
import type { Command } from '../session/command.js'
import { DataConnection } from './data-connection.js'
import { passive } from './passive.js'
import { isPositive, type Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'

export interface DataOptions {
  /** Commands to send in the flight of EPSV, PASV, EPRT or PORT, before it. */
  along?: readonly Command[]
  /** Judges their replies: a returned reply is a refusal, and no data connection is opened. */
  judge?: (asked: Reply[]) => Reply | undefined
  /** The transfer's commands, which are not sent yet. */
  commands: readonly Command[]
  /** Over TLS, record whether the server ends with close_notify. */
  watchesEnd?: boolean
  /**
   * Allow the connection that was opened ahead. Only the size of the transferred data proves that
   * it was alive.
   */
  ahead?: boolean
}

export interface OpenedData {
  data: DataConnection
  /** The replies to `along`; undefined if these commands are yet to be sent with the transfer's. */
  asked: Reply[] | undefined
}

/**
 * Sets up a data connection as `dataConnectionType` says. Resolves with a refusal if `judge`
 * returns one, or if the session cannot enter the folder of the commands' bare names.
 */
export async function openData(
  session: Session,
  { along = [], judge, commands, watchesEnd, ahead = false }: DataOptions,
): Promise<OpenedData | Reply> {
  const outside = await session.enter([...along, ...commands])
  if (outside) return outside
  const warm = ahead ? await session.warm.use() : undefined
  if (warm) {
    const refusal = along.length === 0 && judge?.([])
    if (!refusal)
      return {
        data: new DataConnection(session, warm, watchesEnd),
        asked: along.length === 0 ? [] : undefined,
      }
    warm.giveUp()
    return refusal
  }
  // Closed first: the server closes it when asked for another connection.
  session.warm.drop()
  const setup = /^(?:AutoActive|EPRT|PORT)$/.test(session.options.dataConnectionType)
    ? await active(session)
    : passive(session, commands.at(-1)!)
  try {
    const { setsTransfersApart } = session.server
    const first = await session.flight(setsTransfersApart ? along : [...along, ...setup.ask])
    const asked = first.slice(0, along.length)
    const refusal = judge?.(asked)
    if (refusal) {
      const reply = first[along.length]
      if (reply && session.server.kind === 'unknown') leaveUsed(setup, reply)
      setup.giveUp()
      return refusal
    }
    const replies = setsTransfersApart ? await session.flight(setup.ask) : first
    const again = setup.askAgain(replies.at(-1)!)
    const reply = (again ? await session.flight(again) : replies).at(-1)!
    return { data: new DataConnection(session, await openBy(session, setup, reply), watchesEnd), asked }
  } catch (error) {
    setup.giveUp()
    throw error
  }
}

/** Opens the connection that the reply names, or else the one that `askOtherwise` leads to. */
async function openBy(session: Session, setup: DataSetup, reply: Reply): Promise<DataOpener> {
  try {
    return await setup.open(reply)
  } catch (error) {
    const commands = session.usable ? setup.askOtherwise?.() : undefined
    if (!commands) throw error
    return setup.open((await session.flight(commands)).at(-1)!)
  }
}

/**
 * Connects to a port that is no longer needed: Twisted answers nothing before a client connects,
 * and after ten seconds sends a second reply to PASV.
 */
function leaveUsed(setup: DataSetup, reply: Reply): void {
  if (!isPositive(reply)) return
  void setup.open(reply).then(
    opener => opener.giveUp(),
    () => {},
  )
}
