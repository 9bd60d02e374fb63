import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { entrant, type ContestantName } from './contestants/index.js'

const run = promisify(execFile)

export interface Installed {
  /** Who can take part: whose program runs, or who needs none. */
  contestants: ContestantName[]
  /** The first line of each program's `--version`. */
  versions: Record<string, string>
  /** Programs that did not tell their version. */
  absent: string[]
}

export async function installed(wanted: ContestantName[]): Promise<Installed> {
  const result: Installed = { contestants: [], versions: {}, absent: [] }
  for (const contestant of wanted) {
    const { program } = entrant(contestant)
    if (program !== undefined && !(program in result.versions)) {
      const version = await run(program, ['--version']).then(
        ({ stdout }) => stdout.trim().split('\n')[0]!,
        () => undefined,
      )
      if (version === undefined) {
        if (!result.absent.includes(program)) result.absent.push(program)
        continue
      }
      result.versions[program] = version
    }
    result.contestants.push(contestant)
  }
  return result
}
