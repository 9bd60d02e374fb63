import { parseArgs } from 'node:util'
import { contestants, type ContestantName } from './contestants/index.js'
import {
  embedded,
  full,
  quick,
  scenario,
  scenarioNames,
  type Amounts,
  type ScenarioName,
} from './scenarios.js'
import { defaultServer, serverNames, speaksTls, tlsModes, type ServerName, type TlsMode } from './servers.js'

export const usage = `Usage: npm run bench [-- options]

Measures ftp-vfs beside plain basic-ftp, with one client and with several of which a loop
by hand makes use. All take turns, each run in a process of its own; medians are shown.

  --servers <names>      ${serverNames.join(', ')}
                         (default: vsftpd where it can be started, else embedded)
  --rtt <milliseconds>   round-trip times to add (default: 0,40)
  --tls <modes>          ${tlsModes.join(', ')}: in the clear, over explicit TLS (default: both, over TLS
                         the big and the small files only). Over TLS no round-trip time can
                         be added, and the embedded server has none
  --scenarios <names>    ${scenarioNames.slice(0, 4).join(', ')},
                         ${scenarioNames.slice(4).join(', ')}, or their first words (default: all)
  --connections <counts> (default: 1,4,8)
  --repeat <count>       runs of which the median counts (default: 3; memory: once)
  --quick                little work, one run, 1 and 4 connections
  --json                 prints JSON instead of the table
  --output <file>        writes the JSON to a file, too
  --profile <folder>     writes a CPU profile of each run (.cpuprofile)
  --help

Lists are separated by commas. A memory scenario watches ftp-vfs alone and is in the peak RSS column.
`

export interface Plan {
  servers: ServerName[]
  rtts: number[]
  /** As given; undefined for the default. */
  tls: TlsMode[] | undefined
  scenarios: ScenarioName[]
  connections: number[]
  repeat: number
  quick: boolean
  json: boolean
  output: string | undefined
  profile: string | undefined
}

/** Throws a TypeError that says what is allowed. */
export async function plan(args: string[]): Promise<Plan | 'help'> {
  const { values } = parseArgs({
    args,
    options: {
      servers: { type: 'string' },
      rtt: { type: 'string', default: '0,40' },
      tls: { type: 'string' },
      scenarios: { type: 'string', default: scenarioNames.join() },
      connections: { type: 'string' },
      repeat: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      output: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const { quick, json, output, profile } = values
  const chosen: Plan = {
    servers: values.servers === undefined ? [await defaultServer()] : values.servers.split(',').map(server),
    rtts: numbers('rtt', values.rtt, 0),
    tls: values.tls?.split(',').map(tlsMode),
    scenarios: scenariosOf(values.scenarios),
    connections: numbers('connections', values.connections ?? (quick ? '1,4' : '1,4,8'), 1),
    repeat: numbers('repeat', values.repeat ?? (quick ? '1' : '3'), 1)[0]!,
    quick,
    json,
    output,
    profile,
  }
  if (!chosen.servers.some(name => tlsModes.some(tls => part(chosen, name, tls) !== undefined)))
    throw new TypeError(
      'There is nothing to measure: over TLS with no delay only, and not on the embedded server',
    )
  return chosen
}

/** What is done with a server in a mode; undefined if nothing is. */
export function part(plan: Plan, name: ServerName, tls: TlsMode): Plan | undefined {
  if (plan.tls?.includes(tls) === false) return undefined
  if (tls === 'none') return plan
  // The proxy that adds a delay has to read the replies.
  const rtts = plan.rtts.filter(rtt => rtt === 0)
  const scenarios = plan.tls ? plan.scenarios : plan.scenarios.filter(one => scenario(one).secured)
  return speaksTls(name) && rtts.length > 0 && scenarios.length > 0 ? { ...plan, rtts, scenarios } : undefined
}

export function amounts(plan: Plan, server: ServerName): Amounts {
  return plan.quick ? quick : server === 'embedded' ? embedded : full
}

/** Who takes part in a scenario, in the order of their turns. */
export function entrants(
  plan: Plan,
  name: ScenarioName,
): { contestant: ContestantName; connections: number }[] {
  const { single, alone } = scenario(name)
  const counts = single ? [Math.min(...plan.connections)] : plan.connections
  const names = Object.keys(contestants) as ContestantName[]
  return names
    .filter(contestant => !alone || contestant === 'ftp-vfs')
    .flatMap(contestant => counts.map(connections => ({ contestant, connections })))
}

function server(name: string): ServerName {
  const known = serverNames.find(server => server === name)
  if (!known) throw new TypeError(`--servers ${name}: must be of ${serverNames.join(', ')}`)
  return known
}

function tlsMode(name: string): TlsMode {
  const known = tlsModes.find(mode => mode === name)
  if (!known) throw new TypeError(`--tls ${name}: must be of ${tlsModes.join(', ')}`)
  return known
}

function scenariosOf(names: string): ScenarioName[] {
  const wanted = names.split(',').map(name => {
    const found = scenarioNames.filter(scenario => scenario === name || scenario.startsWith(`${name}-`))
    if (found.length === 0) throw new TypeError(`--scenarios ${name}: must be of ${scenarioNames.join(', ')}`)
    return found
  })
  return scenarioNames.filter(scenario => wanted.flat().includes(scenario))
}

function numbers(option: string, text: string, least: number): number[] {
  return text.split(',').map(word => {
    const value = Number(word)
    if (word.trim() === '' || !Number.isInteger(value) || value < least) {
      throw new TypeError(`--${option} ${word}: must be a whole number, at least ${least}`)
    }
    return value
  })
}
