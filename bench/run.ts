import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Work } from './amounts.js'
import { answer } from './child.js'
import type { Login, Tasks } from './contestants/contestant.js'
import { entrant, type ContestantName } from './contestants/index.js'
import { measure, type Measured } from './measure.js'
import { expect, scenario, type ScenarioName } from './scenarios.js'

/** One contestant's one run. */
export interface Job {
  scenario: ScenarioName
  contestant: ContestantName
  connections: number
  login: Login
  work: Work
  /** Local folder for all runs, with the big file in it. */
  folder: string
}

/**
 * Child process: does a job and answers with what it took: from when all connections were logged in, or, of programs,
 * all that they took.
 */
answer(async ({ contestant, connections, login, work, ...job }: Job): Promise<Measured> => {
  const folder = mkdtempSync(path.join(job.folder, 'run-'))
  const local = { folder, big: path.join(job.folder, 'big') }
  for (const part of ['up', 'down']) mkdirSync(path.join(folder, part))
  try {
    const { prepare, run } = scenario(job.scenario)
    prepare?.(work, local)
    const start = performance.now()
    const client = await entrant(contestant).enter(login, connections, folder)
    const loginSeconds = (performance.now() - start) / 1000
    const measured = await measure(() => run(client as Tasks, work, local))
    await client.close?.()
    if (job.scenario === 'big-down') {
      expect(statSync(path.join(folder, 'down/file')).size, work.bytes, 'bytes')
    }
    return client.spent ? { ...client.spent(), program: true } : { ...measured, loginSeconds }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
