import { parseArgs } from 'node:util'
import { embedded, full, quick, type Amounts } from './amounts.js'
import { contestantNames, entrant, type ContestantName } from './contestants/index.js'
import type { Crew } from './contestants/contestant.js'
import type { Delay } from './distance.js'
import { scenario, scenarioNames, type ScenarioName } from './scenarios.js'
import {
  defaultServer,
  isEmbedded,
  serverNames,
  speaksTls,
  tlsModes,
  type ServerName,
  type TlsMode,
} from './servers.js'
import { slowLinkMissing } from './support/slow-link.js'

export interface Plan {
  servers: ServerName[]
  contestants: ContestantName[]
  rtts: number[]
  delay: Delay
  /** Why it is the proxy. */
  because?: string
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

/** A server in a mode at a distance. */
export interface Place {
  server: ServerName
  tls: TlsMode
  rtt: number
}

/** Throws a TypeError that says what is allowed. */
export async function plan(args: string[]): Promise<Plan | 'help'> {
  const { values } = parseArgs({
    args,
    options: {
      servers: { type: 'string' },
      contestants: { type: 'string', default: contestantNames.join() },
      rtt: { type: 'string', default: '0,40' },
      proxy: { type: 'boolean', default: false },
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
  const rtts = numbers('rtt', values.rtt, 0)
  const asked = values.contestants.split(',').map(name => oneOf('contestants', contestantNames, name))
  const chosen: Plan = {
    servers: values.servers?.split(',').map(name => oneOf('servers', serverNames, name)) ?? [
      await defaultServer(),
    ],
    contestants: contestantNames.filter(name => asked.includes(name)),
    rtts,
    ...(await delayOf(rtts, values.proxy)),
    tls: values.tls?.split(',').map(mode => oneOf('tls', tlsModes, mode)),
    scenarios: scenariosOf(values.scenarios),
    connections: numbers('connections', values.connections ?? (quick ? '1,4' : '1,4,8'), 1),
    repeat: numbers('repeat', values.repeat ?? (quick ? '1' : '2'), 1)[0]!,
    quick,
    json,
    output,
    profile,
  }
  if (places(chosen).length === 0) {
    throw new TypeError(
      'There is nothing to measure: TLS is not on the embedded server, nor through the proxy, and some scenarios are with a delay or without one only',
    )
  }
  return chosen
}

/** Where something is measured, in order. */
export function places(plan: Plan): Place[] {
  const all = plan.servers.flatMap(server =>
    tlsModes.flatMap(tls => plan.rtts.map(rtt => ({ server, tls, rtt }))),
  )
  return all.filter(place => scenariosAt(plan, place).length > 0)
}

/** What is measured there. */
export function scenariosAt(plan: Plan, { server, tls, rtt }: Place): ScenarioName[] {
  if (plan.tls?.includes(tls) === false) return []
  const far = rtt > 0
  // The proxy has to read the replies.
  if (tls !== 'none' && (!speaksTls(server) || (far && plan.delay === 'proxy'))) return []
  return plan.scenarios.filter(name => {
    const { nearOnly, farOnly, rate, secured } = scenario(name)
    if (far ? nearOnly : farOnly) return false
    if (rate !== undefined && plan.delay === 'proxy') return false
    return tls === 'none' || plan.tls !== undefined || secured
  })
}

export function amounts(plan: Plan, server: ServerName): Amounts {
  return plan.quick ? quick : isEmbedded(server) ? embedded : full
}

/** Who takes part in a scenario, in the order of their turns. */
export function entrants(
  plan: Plan,
  name: ScenarioName,
  { tls, rtt }: Place,
): { contestant: ContestantName; connections: number }[] {
  const { single, max = Infinity, alone, resting } = scenario(name)
  const useful = plan.connections.filter(count => count <= max)
  const counts = useful.length > 0 ? useful : [Math.min(...plan.connections)]
  return plan.contestants.flatMap(contestant => {
    const { crew, program, mixesSessions } = entrant(contestant)
    const ours = contestant === 'ftp-vfs'
    if (!ours && (alone || (resting && program !== undefined))) return []
    let size = crew(name, rtt > 0)
    if (size !== 'none' && single) size = 'least'
    if (tls !== 'none' && !ours && !single) size = overTls(size, mixesSessions)
    return manned(counts, size).map(connections => ({ contestant, connections }))
  })
}

/** With all counts it would be a matter of minutes. */
function overTls(crew: Crew, mixesSessions = false): Crew {
  if (mixesSessions) return ['all', 'most'].includes(crew) ? 'least' : 'none'
  return crew === 'all' ? 'most' : crew
}

function manned(counts: number[], crew: Crew): number[] {
  switch (crew) {
    case 'all':
      return counts
    case 'least':
      return [Math.min(...counts)]
    case 'most':
      return [Math.max(...counts)]
    case 'several':
      return counts.filter(count => count > 1)
    case 'none':
      return []
  }
}

async function delayOf(rtts: number[], proxy: boolean): Promise<Pick<Plan, 'delay' | 'because'>> {
  if (proxy) return { delay: 'proxy', because: 'as asked for' }
  const because = rtts.some(rtt => rtt > 0) ? await slowLinkMissing() : undefined
  return because === undefined ? { delay: 'slow link' } : { delay: 'proxy', because }
}

function oneOf<Name extends string>(option: string, known: readonly Name[], name: string): Name {
  const found = known.find(one => one === name)
  if (!found) throw new TypeError(`--${option} ${name}: must be of ${known.join(', ')}`)
  return found
}

function scenariosOf(names: string): ScenarioName[] {
  const wanted = names.split(',').map(name => {
    const found = scenarioNames.filter(scenario => scenario === name || scenario.startsWith(`${name}-`))
    if (found.length === 0) throw new TypeError(`--scenarios ${name}: must be of ${scenarioNames.join(', ')}`)
    return found
  })
  return scenarioNames.filter(scenario => wanted.flat().includes(scenario))
}

function numbers(option: string, text: string, min: number): number[] {
  return text.split(',').map(word => {
    const value = Number(word)
    if (word.trim() === '' || !Number.isInteger(value) || value < min) {
      throw new TypeError(`--${option} ${word}: must be a whole number, at least ${min}`)
    }
    return value
  })
}
