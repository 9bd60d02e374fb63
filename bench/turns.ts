import path from 'node:path'
import type { Build } from './build.js'
import { startChild } from './child.js'
import type { Login } from './contestants/contestant.js'
import { entrant } from './contestants/index.js'
import { openDistance, type Distance } from './distance.js'
import type { Measured } from './measure.js'
import { amounts, entrants, scenariosAt, type Place, type Plan } from './plan.js'
import type { Entry } from './results.js'
import type { Job } from './run.js'
import { expect, scenario, type ScenarioName } from './scenarios.js'
import type { ServerFiles } from './server-files.js'
import { startBenchServer, type BenchServer } from './servers.js'

/** Lets the contestants take turns, scenario by scenario. */
export class Turns {
  readonly entries: Entry[] = []

  constructor(
    private readonly plan: Plan,
    private readonly build: Build,
    /** Local folder with the big file. */
    private readonly folder: string,
    private readonly say: (line: string) => void,
  ) {}

  /** All that is measured at a place, on a server of its own. */
  async at(place: Place): Promise<void> {
    const { server: name, tls, rtt } = place
    await using distance = await openDistance(rtt, this.plan.delay)
    await using server = await startBenchServer(name, this.#files(place), tls, distance.server)
    const login = await distance.login(server.login)
    for (const scenarioName of scenariosAt(this.plan, place)) {
      const { rate } = scenario(scenarioName)
      if (rate !== undefined) await distance.limit!(rate)
      await this.#scenario(scenarioName, place, server, { login, distance })
      if (rate !== undefined) await distance.limit!(0)
    }
  }

  async #scenario(
    name: ScenarioName,
    { server: serverName, tls, rtt }: Place,
    server: BenchServer,
    line: { login: Login; distance: Distance },
  ): Promise<void> {
    const { work, once } = scenario(name)
    const crews = entrants(this.plan, name, { server: serverName, tls, rtt })
    const entries = crews.map(({ contestant, connections }): Entry => ({
      server: serverName,
      rtt,
      tls,
      scenario: name,
      contestant,
      connections,
      work: work(amounts(this.plan, serverName), rtt, connections),
      runs: [],
    }))
    this.entries.push(...entries)
    const { tls: asked, repeat: max } = this.plan
    const repeat = once || (tls !== 'none' && !asked) ? 1 : max
    for (let turn = 1; turn <= repeat; turn++) {
      for (const entry of entries) {
        if (entry.failure !== undefined) continue
        await server.renew(name === 'tree-remove' ? entry.work : undefined)
        await this.#run(entry, server, line)
        const { contestant, connections, runs, failure } = entry
        const result = failure ?? `${runs.at(-1)!.seconds.toFixed(2)} s`
        this.say(
          `${serverName}, ${rtt} ms, ${tls === 'none' ? '' : 'TLS, '}${name}, ${turn} of ${repeat}: ${contestant} × ${connections}: ${result}`,
        )
      }
    }
  }

  async #run(
    entry: Entry,
    server: BenchServer,
    { login, distance }: { login: Login; distance: Distance },
  ): Promise<void> {
    const { contestant, connections, work } = entry
    const nodeArguments = this.#profiling(entry)
    const child = startChild(this.build.file('run.ts'), { within: distance.client, nodeArguments })
    const job: Job = { scenario: entry.scenario, contestant, connections, login, work, folder: this.folder }
    try {
      const measured = await child.ask<Measured>(job)
      const left = scenario(entry.scenario).leaves?.(work)
      if (left) {
        const { entries, bytes } = await server.uploaded()
        expect(entries, left.entries, 'entries on the server')
        expect(bytes, left.bytes, 'bytes on the server')
      }
      entry.runs.push(measured)
    } catch (error) {
      entry.failure = (error as Error).message
    } finally {
      await child.stop()
    }
  }

  #profiling({ server, rtt, tls, scenario, contestant, connections }: Entry): string[] {
    const { profile } = this.plan
    if (profile === undefined || entrant(contestant).program !== undefined) return []
    const folder = `${server}-${rtt}ms-${tls === 'none' ? '' : 'tls-'}${scenario}-${contestant}-${connections}`
    return ['--cpu-prof', '--cpu-prof-dir', path.join(profile, folder)]
  }

  /** What the scenarios need on the server, and no more. */
  #files(place: Place): ServerFiles {
    const amount = amounts(this.plan, place.server)
    const scenarios = scenariosAt(this.plan, place)
    const needed = <Amount, None>(name: ScenarioName, amount: Amount, none: None) =>
      scenarios.includes(name) ? amount : none
    return {
      small: scenarios
        .filter(name => ['small-down', 'stat', 'stat-in-turn'].includes(name))
        .flatMap(name =>
          this.plan.connections.map(count => scenario(name).work(amount, place.rtt, count).files),
        ),
      entries: scenarios.some(name => name === 'list' || name === 'memory-list') ? amount.entries : 0,
      tree: needed('tree-walk', amount.tree, undefined),
      big: needed('big-down', amount.big, 0),
      slow: needed('slow-down', amount.slow, 0),
      memory: needed('memory-down', amount.memory, 0),
    }
  }
}
