import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Way } from './faults.js'
import type { Line } from './line.js'

/**
 * Resolves when bytes that the system has taken have arrived: a reset drops those that have not, and
 * where it comes together with them, libuv shows it as a FIN. In several turns, so that a server in
 * the same process reads meanwhile.
 */
export async function arrival(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await sleep(5)
}

const holdTime = 300
const lineFeed = 0x0a

/** How many bytes of a chunk come before the fault. */
function placeOf({ within }: { within?: boolean }, chunk: Buffer, before: number): number {
  if (!within || (before > 0 && chunk[before - 1] !== lineFeed)) return before
  return before > 0 ? before - 1 : Math.min(1, chunk.length)
}

/** What is to go wrong, and what makes it so. */
export interface FaultPlan {
  /** The first of the faults to come for which this is the place. */
  next(isHere: (fault: Fault) => boolean): Fault | undefined
  /** Whether no such place is to go by first. Asked once for each. */
  isDue(fault: Fault): boolean
  /** As performance.now() has it. */
  laidAt(fault: Fault): number
  make(fault: Fault, line: Line): void
  /** The FIN of the transfer is about to be forwarded: the fault is in the replies to it. */
  expectReplies(fault: Fault, transfer: Line): void
}

/** Forwards what comes one way on a data connection, as far as the faults let it. */
export function forwardTransfer(line: Line, way: Way, plan: FaultPlan): void {
  const { from, to } = line.halves(way)
  const made = new Set<Fault>()
  let sent = 0
  // The last bytes wait for what follows. With the FIN they belong together, since over TLS a
  // server replies to the close_notify that comes before it.
  let last: Buffer = Buffer.alloc(0)

  const push = async (bytes: Buffer) => {
    sent += bytes.length
    await line.send(to, bytes)
  }
  const atByte = (length: number) =>
    plan.next(
      fault =>
        fault.at === 'byte' &&
        (fault.on ?? 'data') === 'data' &&
        (fault.way ?? 'up') === way &&
        !made.has(fault) &&
        sent <= fault.byte &&
        fault.byte <= sent + length,
    )
  const atEnd = () =>
    plan.next(
      fault =>
        (fault.at === 'fin' || fault.at === 'reply' || fault.at === 'question') &&
        (fault.way ?? 'up') === way &&
        sent + last.length >= (fault.min ?? 1),
    )

  const take = async (chunk: Buffer) => {
    await push(last)
    last = chunk
    for (let fault = atByte(last.length); fault?.at === 'byte'; fault = atByte(last.length)) {
      made.add(fault)
      const before = placeOf(fault, last, fault.byte - sent)
      await push(last.subarray(0, before))
      last = last.subarray(before)
      await (fault.hold ? sleep(holdTime) : arrival())
      plan.make(fault, line)
    }
    if (atEnd()) return
    await push(last)
    last = Buffer.alloc(0)
  }

  const end = async () => {
    const fault = atEnd()
    if (fault && fault.at !== 'fin') plan.expectReplies(fault, line)
    await push(last)
    if (fault?.at === 'fin') {
      await arrival()
      plan.make(fault, line)
    }
    to.end()
  }

  void line.forward(from, take, end)
}
