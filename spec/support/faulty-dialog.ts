import { setTimeout as sleep } from 'node:timers/promises'
import { Dialog, type Message } from './dialog.js'
import type { Fault, Way } from './faults.js'
import { arrival, type FaultPlan } from './faulty-transfer.js'
import type { Line } from './line.js'

/** How long the replies to what came before are waited for. */
const patience = 500

/** Where in a chunk a fault is made. */
interface Hit {
  fault: Fault
  position: number
}

/**
 * Forwards what is said on a control connection, as far as the faults let it. `reply` takes what
 * comes from the server.
 */
export function forwardDialog(line: Line, plan: FaultPlan, reply: (chunk: Buffer) => Promise<void>): void {
  const dialog = new Dialog()
  const flows = [
    new Flow(line, 'up', plan, dialog, chunk => line.send(line.server, chunk)),
    new Flow(line, 'down', plan, dialog, reply),
  ]
  for (const flow of flows) {
    const { from, to } = line.halves(flow.way)
    void line.forward(
      from,
      chunk => flow.take(chunk),
      async () => void to.end(),
    )
  }
}

/** One way of it. */
class Flow {
  #sent = 0
  readonly #began = performance.now()
  readonly #made = new Set<Fault>()
  /** How many bytes had been forwarded when the fault was laid. */
  readonly #zero = new Map<Fault, number>()

  constructor(
    readonly line: Line,
    readonly way: Way,
    readonly plan: FaultPlan,
    readonly dialog: Dialog,
    readonly forward: (chunk: Buffer) => Promise<void>,
  ) {}

  async take(chunk: Buffer): Promise<void> {
    const messages = this.way === 'up' ? this.dialog.commands(chunk) : this.dialog.replies(chunk)
    const atMessages = messages.filter(({ final }) => final).flatMap(message => this.#atMessage(message))
    let position = 0
    const send = async (end: number) => {
      if (this.way === 'up') {
        for (const each of messages)
          if (position < each.end && each.end <= end) this.dialog.sent(each.command)
      }
      const bytes = chunk.subarray(position, end)
      this.#sent += bytes.length
      position = end
      await this.forward(bytes)
    }
    for (;;) {
      const here = [...atMessages, ...this.#atByte(position, chunk.length)]
      const hits = here.filter(hit => !this.#made.has(hit.fault))
      const next = hits.reduce<Hit | undefined>((a, b) => (a && a.position <= b.position ? a : b), undefined)
      await send(Math.max(position, next?.position ?? chunk.length))
      if (!next) return
      await this.#make(next.fault)
    }
  }

  async #make(fault: Fault): Promise<void> {
    this.#made.add(fault)
    const end = performance.now() + patience
    while (fault.how === 'say' && this.way === 'up' && this.dialog.pending > 0) {
      if (this.line.lost || performance.now() > end) break
      await sleep(5)
    }
    await arrival()
    this.plan.make(fault, this.line)
  }

  #atMessage({ command, start: position }: Message): Hit[] {
    const at = this.way === 'up' ? 'command' : 'answer'
    const fault = this.plan.next(each => each.at === at && (each.line?.test(command) ?? true))
    return fault && this.plan.isDue(fault) ? [{ fault, position }] : []
  }

  #atByte(position: number, end: number): Hit[] {
    let at = 0
    const fault = this.plan.next(each => {
      if (each.at !== 'byte' || each.on !== 'control' || (each.way ?? 'up') !== this.way) return false
      if (this.#made.has(each)) return false
      const laidBefore = this.plan.laidAt(each) < this.#began
      const zero = this.#zero.get(each) ?? (laidBefore ? 0 : this.#sent)
      this.#zero.set(each, zero)
      at = position + each.byte - (this.#sent - zero)
      return position <= at && at <= end
    })
    return fault ? [{ fault, position: at }] : []
  }
}
