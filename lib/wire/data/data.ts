import { active } from './active.js'
import type { DataSetup, DataOpener } from './data-setup.js'
import type { Command } from '../session/command.js'
import { DataConnection } from './data-connection.js'
import { passive } from './passive.js'
import { isPositive, type Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'

export interface DataOptions {
  /** Commands that go in the flight of EPSV, PASV, EPRT or PORT, in front of it. */
  along?: readonly Command[]
  /** Judges their replies: a reply that it returns ends the attempt before anything is opened. */
  judge?: (asked: Reply[]) => Reply | undefined
  /** The transfer's commands, which are not sent yet. */
  commands: readonly Command[]
  /** Over TLS it is to be known whether the server said that it ends. */
  watchesEnd?: boolean
  /**
   * It may be one that was made ahead, of which only the size of what has been transferred tells
   * that it was alive.
   */
  ahead?: boolean
}

export interface OpenedData {
  data: DataConnection
  /**
   * The replies to the commands that went along; undefined where they are still to go, with the
   * transfer's.
   */
  asked: Reply[] | undefined
}

/**
 * Arranges a data connection with the server, in the way of `dataConnectionType`. Resolves with the
 * refusal when `judge` returns one, and when the folder of the commands' bare names cannot be
 * entered.
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
  // The server closes it when it is asked for another, which may come to nothing here.
  session.warm.drop()
  const way = /^(?:AutoActive|EPRT|PORT)$/.test(session.options.dataConnectionType)
    ? await active(session)
    : passive(session, commands.at(-1)!)
  try {
    const { setsTransfersApart } = session.server
    const first = await session.flight(setsTransfersApart ? along : [...along, ...way.ask])
    const asked = first.slice(0, along.length)
    const refusal = judge?.(asked)
    if (refusal) {
      const reply = first[along.length]
      if (reply && session.server.kind === 'unknown') leaveUsed(way, reply)
      way.giveUp()
      return refusal
    }
    const replies = setsTransfersApart ? await session.flight(way.ask) : first
    const again = way.askAgain(replies.at(-1)!)
    const reply = (again ? await session.flight(again) : replies).at(-1)!
    return { data: new DataConnection(session, await openBy(session, way, reply), watchesEnd), asked }
  } catch (error) {
    way.giveUp()
    throw error
  }
}

/** Opens what the reply names, or else what another question of the arrangement brings. */
async function openBy(session: Session, way: DataSetup, reply: Reply): Promise<DataOpener> {
  try {
    return await way.open(reply)
  } catch (error) {
    const commands = session.usable ? way.askOtherwise?.() : undefined
    if (!commands) throw error
    return way.open((await session.flight(commands)).at(-1)!)
  }
}

/**
 * Connects to a port that is not needed after all: Twisted answers nothing before somebody has,
 * and after ten seconds answers PASV a second time.
 */
function leaveUsed(way: DataSetup, reply: Reply): void {
  if (!isPositive(reply)) return
  void way.open(reply).then(
    opener => opener.giveUp(),
    () => {},
  )
}
