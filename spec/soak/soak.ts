import { parseArgs } from 'node:util'
import { modes, type Mode } from './mode.js'
import { report } from './report.js'
import { run } from './run.js'
import { subjectNames, type SubjectName } from './subject.js'

const help = `Random operations with random faults, compared with a model.

  --server NAME       ${subjectNames.join(', ')}; several times. Default: vsftpd, proftpd, pure-ftpd
  --mode MODE         ${modes.join(', ')}; several times. Default: all
  --ops N             operations on each server, over all modes, and as many more as it takes until each fault
                      has met each operation. Default: 5000
  --seconds N         ends each mode after so long. Default: never
  --seed N            Default: another one each time
  --stages N          so many servers at a time, each with workers of its own. Default: 8
  --workers N         Default: 3
  --connections N     of each FtpVfs. Default: 1 to 6, changing
  --every N           on the average there is a fault in so many operations. Default: 3

Exit code 1 where something is wrong, hung or left.`

const { values } = parseArgs({
  options: {
    server: { type: 'string', multiple: true, default: ['vsftpd', 'proftpd', 'pure-ftpd'] },
    mode: { type: 'string', multiple: true, default: [...modes] },
    ops: { type: 'string', default: '5000' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    stages: { type: 'string', default: '8' },
    workers: { type: 'string', default: '3' },
    connections: { type: 'string' },
    every: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(help)
} else {
  const chosenModes = values.mode.map(name => oneOf(name, modes, '--mode'))
  for (const name of values.server) {
    const server = oneOf(name, subjectNames, '--server')
    for (const mode of chosenModes) await soak(server, mode, Math.ceil(number('ops') / chosenModes.length))
  }
}

async function soak(server: SubjectName, mode: Mode, operations: number): Promise<void> {
  const seed = number('seed')
  console.log(`${server}, ${mode}: --seed ${seed}`)
  const result = await run({
    server,
    mode,
    seed,
    operations,
    fill: true,
    workers: number('workers'),
    every: number('every'),
    stages: number('stages'),
    ...(values.seconds !== undefined && { seconds: number('seconds') }),
    ...(values.connections !== undefined && { connections: number('connections') }),
  })
  console.log(report(result) + '\n')
  if (result.findings.wrong.length > 0) process.exitCode = 1
}

function number(name: 'ops' | 'seconds' | 'seed' | 'stages' | 'workers' | 'connections' | 'every'): number {
  const value = Number(values[name])
  if (!Number.isFinite(value) || value < 0)
    throw new RangeError(`--${name} has to be a number: ${values[name]}`)
  return value
}

function oneOf<T extends string>(name: string, names: readonly T[], option: string): T {
  const found = names.find(each => each === name)
  if (!found) throw new RangeError(`${option} has to be one of ${names.join(', ')}`)
  return found
}
