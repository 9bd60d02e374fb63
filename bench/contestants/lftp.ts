import path from 'node:path'
import type { Contestant, Crew, Entrant, Login } from './contestant.js'
import { authorityFile, bytesBelow, inFolder, lines, Programs } from './program.js'

/** lftp as it comes: each command waits for its reply. */
export const lftp: Entrant = {
  family: 'lftp',
  program: 'lftp',
  crew: (scenario, far) => (scenario.startsWith('small') && far ? 'most' : crew(scenario, far)),
  enter: entering(['yes']),
}

/** lftp that sends commands ahead of replies, and no command that sets the time of what it stored. */
export const lftpAsync: Entrant = {
  family: 'lftp',
  program: 'lftp',
  crew: (scenario, far) => (/^(small|tree)/.test(scenario) ? crew(scenario, far) : 'none'),
  enter: entering(['no', 'set ftp:use-site-utime no', 'set ftp:use-site-utime2 no']),
}

function crew(scenario: string, far: boolean): Crew {
  if (scenario.startsWith('small')) return 'all'
  if (scenario === 'slow-down') return 'several'
  if (scenario.startsWith('tree')) return far ? 'none' : 'least'
  return scenario.startsWith('big') || scenario === 'list' ? 'least' : 'none'
}

function entering([sync, ...settings]: [string, ...string[]]) {
  return async (login: Login, connections: number, folder: string): Promise<Contestant> => {
    const programs = new Programs('lftp', folder)
    const { host, port, user, password } = login
    const authority = authorityFile(folder, login)
    const opening = [
      'set cmd:fail-exit yes',
      'set net:max-retries 2',
      `set ftp:sync-mode ${sync}`,
      ...settings,
      ...(authority === undefined
        ? ['set ftp:ssl-allow no']
        : ['set ftp:ssl-force yes', 'set ftp:ssl-protect-data yes', `set ssl:ca-file ${authority}`]),
      `open -u ${user},${password} ftp://${host}:${port}`,
    ]
    const run = (...commands: string[]) =>
      programs.run(['--norc', '-f', inFolder(folder, 'script', [...opening, ...commands, ''].join('\n'))])
    const [up, down] = [path.join(folder, 'up'), path.join(folder, 'down')]
    const remote = (paths: string[]) => path.posix.dirname(paths[0]!)

    return {
      spent: programs.spent,
      async upload(local, path) {
        await run(`put ${local} -o ${path}`)
      },
      async download(path, local) {
        await run(`get ${path} -o ${local}`)
      },
      async retrieve(file) {
        await run(`pget -n ${connections} ${file} -o ${path.join(down, 'file')}`)
        return bytesBelow(down, 1)
      },
      async uploadAll(paths) {
        await run(`mirror -R --no-perms -P ${connections} ${up}/ ${remote(paths)}/`)
      },
      async downloadAll(paths) {
        await run(`mirror --no-perms -P ${connections} ${remote(paths)}/ ${down}/`)
        return bytesBelow(down, paths.length)
      },
      list: async path => lines(await run(`ls ${path}`)),
      // Its first line is the folder itself.
      walk: async path => lines(await run(`find ${path}`)) - 1,
      async remove(path) {
        await run(`rm -r ${path}`)
      },
    }
  }
}
