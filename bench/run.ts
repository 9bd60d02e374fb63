import { answer } from './child.js'
import { contestants, type ContestantName } from './contestants/index.js'
import type { Login } from './contestants/contestant.js'
import { measure } from './measure.js'
import { scenario, type ScenarioName, type Work } from './scenarios.js'

/** One contestant's one run. */
export interface Job {
  scenario: ScenarioName
  contestant: ContestantName
  connections: number
  login: Login
  work: Work
}

/** Child process: does a job and answers with what it took, from when all connections were logged in. */
answer(async ({ contestant, connections, login, work, ...job }: Job) => {
  const client = await contestants[contestant](login, connections)
  const measured = await measure(() => scenario(job.scenario).run(client, work))
  await client.close()
  return measured
})
