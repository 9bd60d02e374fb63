import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import type { Writable } from 'node:stream'
import { build } from './build.js'
import { entrant } from './contestants/index.js'
import { installed } from './installed.js'
import { localFiles } from './local-files.js'
import { amounts, places, plan, type Plan } from './plan.js'
import { toRows, type Results } from './results.js'
import { tables } from './table.js'
import { Turns } from './turns.js'
import { usage } from './usage.js'

export interface Output {
  stdout: Writable
  stderr: Writable
}

/** What `npm run bench` does; resolves with the exit code: 0 when none of its own runs failed. What a program cannot do is a result. */
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
  const began = new Date().toISOString()
  const say = (line: string) => void stderr.write(`${line}\n`)
  const { contestants, versions, absent } = await installed(chosen.contestants)
  for (const program of absent) say(`${program} is not installed and left out`)
  const { delay, because, quick, repeat, output } = chosen
  if (because !== undefined) say(`no slow link, but a delaying proxy: ${because}`)
  const todo = { ...chosen, contestants }
  const built = build()
  const big = chosen.scenarios.includes('big-up')
    ? Math.max(...chosen.servers.map(server => amounts(todo, server).big))
    : 0
  await using local = localFiles(big)
  const turns = new Turns(todo, built, local.folder, say)
  try {
    for (const place of places(todo)) await turns.at(place)
  } catch (error) {
    stderr.write(`${(error as Error).message}\n`)
    return 1
  } finally {
    built.remove()
  }
  const { version: node, platform, arch } = process
  const results: Results = {
    ...{ began, node, platform, arch, cpus: os.cpus().length, quick, repeat, delay },
    ...(because !== undefined && { because }),
    ...{ versions, absent, rows: toRows(turns.entries) },
  }
  const json = JSON.stringify(results, undefined, 2)
  if (output !== undefined) await writeFile(output, `${json}\n`)
  stdout.write(chosen.json ? `${json}\n` : tables(results))
  const failed = results.rows.filter(({ failure }) => failure !== undefined)
  return failed.some(({ contestant }) => entrant(contestant).program === undefined) ? 1 : 0
}
