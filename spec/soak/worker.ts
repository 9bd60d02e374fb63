import { setTimeout as sleep } from 'node:timers/promises'
import type { FtpVfs } from '../../lib/index.js'
import { judge } from './judge.js'
import { settled } from './leaks.js'
import type { Attempt, Failure, Outcome } from './operation.js'
import type { Turn } from './schedule.js'
import type { Stage } from './stage.js'
import { inWords, type State } from './tree.js'
import type { World } from './world.js'

/** What a server may still do when the client has given up. */
const aftermath = 100
const grace = 5000
const inARow = 12
const temporary = /(?:^|\/)\.ftp-vfs-[^/]*$/

/** Does operations in a folder of its own, one after the other, and compares what comes of them. */
export class Worker {
  constructor(
    readonly stage: Stage,
    readonly world: World,
  ) {}

  async work(): Promise<void> {
    const { stage } = this
    while (stage.common.goesOn()) {
      await stage.renewClients()
      const turn = stage.schedule.next()
      if (turn.alone) await stage.turns.alone(() => this.#several(turn))
      else await stage.turns.among(() => this.#once(turn))
    }
  }

  /** Until the others rest takes longer than most faults. */
  async #several(first: Turn): Promise<void> {
    await this.#once(first)
    for (let more = 1; more < inARow && this.stage.common.goesOn(); more++)
      await this.#once(this.stage.schedule.alone())
  }

  /** What is there at the end, byte by byte. */
  async lookAtAll(): Promise<string[]> {
    const { tree, folder, disk } = this.world
    const wrong: string[] = []
    for (const [path, entry] of tree.below(folder)) {
      const found = await disk.look(path)
      if (entry.kind === 'file' && found?.kind === 'file' && found.bytes.equals(entry.bytes)) continue
      if (entry.kind !== 'file' && found?.kind === entry.kind) continue
      wrong.push(`at the end there is ${inWords(found)} at ${path}, not ${inWords(entry)}`)
    }
    return wrong
  }

  async #once(turn: Turn): Promise<void> {
    const { world, stage } = this
    const { proxy } = stage.subject
    const attempt = await turn.operation.prepare(world, turn.kind?.ofData === true)
    const paths = [...(attempt.changes?.keys() ?? [])]
    const before = new Map(paths.map(path => [path, world.tree.get(path)]))
    const about = attempt.words.includes(world.folder) ? world.folder : world.shared.path
    const vfs = stage.clients.pick()
    const cuts = proxy.cuts
    const start = performance.now()
    stage.common.journal.note(`${turn.kind?.name ?? '-'}: ${attempt.words}`)
    if (turn.kind) stage.lastKind = turn.kind.name
    const laid = turn.kind?.lay(stage.hands(turn, attempt, start, about))
    const ending = this.#run(attempt, vfs)
    const outcome = await ending
    const milliseconds = performance.now() - start
    const faults = proxy.cuts - cuts
    if (faults > 0) stage.lastFault = performance.now()
    const made = laid?.made() ?? false
    await laid?.end?.()
    stage.schedule.ended(turn, made)
    const journal = () => stage.common.journal.since(start, about, turn.alone)

    const { error } = outcome
    const expected = error !== undefined && error.code === attempt.code
    // A client that was destroyed because another call of it hung tells nothing.
    const isVoid = error?.code === 'ERR_FTP_CLOSED' && stage.destroyed.has(vfs)
    if (error && !expected) await sleep(aftermath)
    const found = new Map<string, State>()
    for (const path of paths) found.set(path, await world.disk.look(path))
    const faulted = faults > 0 || start - stage.lastFault < grace
    const wrong: string[] = []
    if (outcome.hung) {
      wrong.push(`it hung for ${Math.round(milliseconds)} ms; ${JSON.stringify(stage.clients.stats)}`)
      stage.destroyClients(vfs)
    } else if (!isVoid) {
      wrong.push(...judge({ attempt, outcome, before, found, faulted }))
      if (!error) wrong.push(...some(await attempt.wrong?.(outcome.result)))
      wrong.push(...some(await attempt.left?.()))
    }
    for (const [path, state] of found) world.tree.set(path, state)
    const beside = await this.#lookAround(error)
    if (!isVoid) wrong.push(...beside)
    const fault = turn.kind?.name ?? `that of another, ${stage.lastKind}`
    stage.ended({
      fault,
      turn,
      words: attempt.words,
      milliseconds,
      faults,
      error,
      expected: expected || isVoid,
      wrong,
      journal,
    })
  }

  async #run(attempt: Attempt, vfs: FtpVfs): Promise<Outcome & { hung?: true }> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<{ hung: true }>(resolve => {
      timer = setTimeout(() => resolve({ hung: true }), this.stage.limit)
    })
    const end = attempt.run(vfs).then(
      (result): Outcome => ({ result }),
      (error: Failure): Outcome => ({ error }),
    )
    const outcome = await Promise.race([end, late])
    clearTimeout(timer)
    return outcome
  }

  /** Compares names and sizes of the whole folder; what is there besides is then removed. */
  async #lookAround(error: Failure | undefined): Promise<string[]> {
    const { tree, folder, disk } = this.world
    const named = (path: string) => error?.incomplete === path || error?.message.includes(path)
    let differences: Map<string, string> = new Map()
    await settled(async () => {
      differences = new Map()
      const found = await disk.below(folder)
      for (const [path, what] of found) {
        const entry = tree.get(path)
        const expected = entry?.kind === 'file' ? entry.bytes.length : entry?.kind
        if (what === expected || (temporary.test(path) && named(path))) continue
        differences.set(path, `there is ${describe(what)} at ${path}, not ${inWords(entry)}`)
      }
      for (const [path, entry] of tree.below(folder)) {
        if (!found.has(path)) differences.set(path, `there is nothing at ${path}, not ${inWords(entry)}`)
      }
      return differences.size > 0 ? 'differs' : undefined
    }, 1000)
    for (const path of differences.keys()) tree.set(path, await disk.look(path))
    for (const path of (await disk.below(folder)).keys()) {
      if (!temporary.test(path)) continue
      await disk.remove(path)
      tree.set(path, undefined)
    }
    return [...differences.values()]
  }
}

const some = (wrong: string | undefined): string[] => (wrong === undefined ? [] : [wrong])

const describe = (what: number | string): string =>
  typeof what === 'number' ? `a file of ${what} bytes` : `a ${what}`
