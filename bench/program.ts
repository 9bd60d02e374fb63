import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Writable } from 'node:stream'
import { build, type Build } from './build.js'
import { startChild } from './child.js'
import type { Login } from './contestants/contestant.js'
import type { Measured } from './measure.js'
import { amounts, entrants, part, plan, usage, type Plan } from './plan.js'
import { toRows, type Entry } from './results.js'
import type { Job } from './run.js'
import { scenario, type Amounts } from './scenarios.js'
import { startBenchServer, tlsModes, type BenchServer, type ServerName, type TlsMode } from './servers.js'
import { tables } from './table.js'

export interface Output {
  stdout: Writable
  stderr: Writable
}

/** What `npm run bench` does; resolves with the exit code: 0 when no run failed. */
export async function main(args: string[], { stdout, stderr }: Output): Promise<number> {
  let chosen: Plan | 'help'
  try {
    chosen = await plan(args)
  } catch (error) {
    stderr.write(`${(error as Error).message}\n\n${usage}`)
    return 1
  }
  if (chosen === 'help') {
    stdout.write(usage)
    return 0
  }
  const began = new Date()
  const built = build()
  const bench = new Bench(chosen, built, line => void stderr.write(`${line}\n`))
  try {
    for (const server of chosen.servers) for (const tls of tlsModes) await bench.against(server, tls)
  } catch (error) {
    stderr.write(`${(error as Error).message}\n`)
    return 1
  } finally {
    built.remove()
  }
  const rows = toRows(bench.entries)
  const { version: node, platform, arch } = process
  const cpus = os.cpus().length
  const { quick, repeat } = chosen
  const json = JSON.stringify({ began, node, platform, arch, cpus, quick, repeat, rows }, undefined, 2)
  if (chosen.output !== undefined) await writeFile(chosen.output, `${json}\n`)
  stdout.write(
    chosen.json ? `${json}\n` : `Node ${node}, ${platform} ${arch}, ${cpus} CPUs\n\n${tables(rows)}`,
  )
  return rows.some(({ failure }) => failure !== undefined) ? 1 : 0
}

/** A server, and what is to be done with it. */
interface Place {
  todo: Plan
  name: ServerName
  tls: TlsMode
  server: BenchServer
  work: Amounts
}

class Bench {
  readonly entries: Entry[] = []

  constructor(
    private readonly plan: Plan,
    private readonly build: Build,
    private readonly say: (line: string) => void,
  ) {}

  async against(name: ServerName, tls: TlsMode): Promise<void> {
    const todo = part(this.plan, name, tls)
    if (!todo) return
    const work = amounts(todo, name)
    await using server = await startBenchServer(name, serverFiles(todo, work), tls)
    const place = { todo, name, tls, server, work }
    for (const rtt of todo.rtts) {
      if (rtt === 0) {
        await this.#scenarios(place, server.login, 0)
        continue
      }
      const line = startChild('line.ts')
      try {
        const { host, port } = server.login
        const login = {
          ...server.login,
          host: '127.0.0.1',
          port: await line.ask<number>({ host, port, rtt }),
        }
        await this.#scenarios(place, login, rtt)
      } finally {
        await line.stop()
      }
    }
  }

  async #scenarios(
    { todo, name, tls, server, work: amounts }: Place,
    login: Login,
    rtt: number,
  ): Promise<void> {
    for (const scenarioName of todo.scenarios) {
      const { nearOnly, alone, work } = scenario(scenarioName)
      if (nearOnly && rtt > 0) continue
      const entries = entrants(this.plan, scenarioName).map(({ contestant, connections }): Entry => ({
        server: name,
        rtt,
        tls,
        scenario: scenarioName,
        contestant,
        connections,
        work: work(amounts, rtt, connections),
        runs: [],
      }))
      this.entries.push(...entries)
      const repeat = alone ? 1 : this.plan.repeat
      for (let turn = 1; turn <= repeat; turn++) {
        for (const entry of entries) {
          if (entry.failure !== undefined) continue
          await this.#run(entry, login)
          await server.renew()
          const { contestant, connections, runs, failure } = entry
          const result = failure ?? `${runs.at(-1)!.seconds.toFixed(2)} s`
          this.say(
            `${name}, ${rtt} ms, ${tls === 'none' ? '' : 'TLS, '}${scenarioName}, ${turn} of ${repeat}: ${contestant} × ${connections}: ${result}`,
          )
        }
      }
    }
  }

  async #run(entry: Entry, login: Login): Promise<void> {
    const { scenario, contestant, connections, work } = entry
    const child = startChild(this.build.file('run.ts'), this.#profiling(entry))
    try {
      entry.runs.push(
        await child.ask<Measured>({ scenario, contestant, connections, login, work } satisfies Job),
      )
    } catch (error) {
      entry.failure = (error as Error).message
    } finally {
      await child.stop()
    }
  }

  #profiling({ server, rtt, tls, scenario, contestant, connections }: Entry): string[] {
    const { profile } = this.plan
    if (profile === undefined) return []
    const folder = `${server}-${rtt}ms-${tls === 'none' ? '' : 'tls-'}${scenario}-${contestant}-${connections}`
    return ['--cpu-prof', '--cpu-prof-dir', path.join(profile, folder)]
  }
}

/** What the scenarios need on the server, and no more. */
function serverFiles({ scenarios, rtts, connections }: Plan, amounts: Amounts) {
  const files = scenarios
    .filter(name => name === 'small-down' || name === 'stat')
    .flatMap(name =>
      rtts.flatMap(rtt => connections.map(count => scenario(name).work(amounts, rtt, count).files)),
    )
  return {
    small: Math.max(0, ...files),
    entries: scenarios.includes('list') ? amounts.entries : 0,
    big: scenarios.includes('big-down') ? amounts.big : 0,
    memory: scenarios.includes('memory-down') ? amounts.memory : 0,
  }
}
