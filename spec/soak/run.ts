import { Findings } from './findings.js'
import { Journal } from './journal.js'
import { more, resources } from './leaks.js'
import { operations } from './operations/all.js'
import { cellsOf, isOpen, reasonsOf, type Cell } from './schedule.js'
import { Stage, type StageOptions } from './stage.js'

export interface RunOptions extends StageOptions {
  /** How many operations there are to be. */
  readonly operations: number
  /** It goes on beyond them until each fault has met each operation, or was tried in vain. Default: false. */
  readonly fill?: boolean
  /** Ends it earlier; seconds. Default: never. */
  readonly seconds?: number
  /** So many servers at the same time, each with clients and workers of its own. */
  readonly stages: number
}

export interface RunResult {
  readonly options: RunOptions
  readonly cells: readonly Cell[]
  /** How many cells make no sense, by the reason. */
  readonly reasons: ReadonlyMap<string, number>
  readonly findings: Findings
  readonly seconds: number
}

/** Does so many operations, closes everything, and looks whether something is left. */
export async function run(options: RunOptions, all = operations): Promise<RunResult> {
  const { server, mode, seed, stages, seconds = Infinity, fill = false } = options
  const before = resources()
  const possible = all.filter(({ on }) => !on || on.includes(server))
  const setting = { server, mode, restarts: server !== 'embedded' }
  const cells = cellsOf(possible, setting)
  const reasons = reasonsOf(possible, setting)
  const findings = new Findings()
  const start = performance.now()
  const time = (): number => (performance.now() - start) / 1000
  {
    using journal = new Journal()
    const goesOn = () =>
      time() < seconds && (findings.count < options.operations || (fill && cells.some(isOpen)))
    const common = { cells, findings, journal, goesOn }
    const opened = await Promise.all(
      Array.from({ length: stages }, (_, at) => Stage.open({ ...options, seed: seed * 100 + at }, common)),
    )
    await Promise.all(opened.map(stage => stage.run()))
  }
  findings.left('the end', await more(before))
  return { options, cells, reasons, findings, seconds: time() }
}
