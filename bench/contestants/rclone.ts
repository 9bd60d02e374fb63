import { execFileSync } from 'node:child_process'
import path from 'node:path'
import type { Contestant, Entrant, Login } from './contestant.js'
import { authorityFile, bytesBelow, inFolder, lines, Programs } from './program.js'

/** rclone: it looks at what it stored before it goes on, and takes many steps to a file. */
export const rclone: Entrant = {
  family: 'rclone',
  program: 'rclone',
  mixesSessions: true,
  crew(scenario, far) {
    if (scenario.startsWith('small')) return far ? 'most' : 'all'
    if (scenario === 'tree-walk') return 'most'
    // rclone 1.60 purges folder by folder, and takes 13 round trips to a stat.
    if (scenario === 'tree-remove' || scenario === 'stat') return far ? 'none' : 'most'
    return scenario.startsWith('big') || scenario === 'list' ? 'least' : 'none'
  },
  enter,
}

async function enter(login: Login, connections: number, folder: string): Promise<Contestant> {
  const authority = authorityFile(folder, login)
  const programs = new Programs('rclone', folder, {
    RCLONE_FTP_HOST: login.host,
    RCLONE_FTP_PORT: String(login.port),
    RCLONE_FTP_USER: login.user,
    RCLONE_FTP_PASS: execFileSync('rclone', ['obscure', login.password], { encoding: 'utf8' }).trim(),
    RCLONE_CONFIG: inFolder(folder, 'rclone.conf', ''),
    ...(authority !== undefined && {
      RCLONE_FTP_EXPLICIT_TLS: 'true',
      // In TLS 1.3 rclone 1.60 does not resume the session as vsftpd 3.0.3 demands.
      RCLONE_FTP_DISABLE_TLS13: 'true',
      SSL_CERT_FILE: authority,
    }),
  })
  const max = ['--transfers', '--checkers'].flatMap(option => [option, String(connections)])
  const run = (...args: string[]) => programs.run([...args, ...max, '--retries', '1'])
  const [up, down] = [path.join(folder, 'up'), path.join(folder, 'down')]
  const remote = (paths: string[]) => `:ftp:${path.posix.dirname(paths[0]!)}`

  return {
    spent: programs.spent,
    async upload(local, path) {
      await run('copyto', local, `:ftp:${path}`)
    },
    async download(path, local) {
      // In several parts, as it would come else, it fails: rclone 1.60 takes the reply to a part that it cuts off for an error.
      await run('copyto', `:ftp:${path}`, local, '--multi-thread-streams', '0')
    },
    async uploadAll(paths) {
      await run('copy', up, remote(paths))
    },
    async downloadAll(paths) {
      await run('copy', remote(paths), down)
      return bytesBelow(down, paths.length)
    },
    async statAll(paths) {
      const names = inFolder(folder, 'names', paths.map(file => `${path.posix.basename(file)}\n`).join(''))
      const printed = await run('lsl', remote(paths), '--files-from', names, '--no-traverse')
      const sizes = printed.toString().matchAll(/^ *(\d+) /gm)
      return [...sizes].reduce((total, [, size]) => total + Number(size), 0)
    },
    list: async path => lines(await run('lsf', `:ftp:${path}`)),
    walk: async path => lines(await run('lsf', '-R', `:ftp:${path}`)),
    async remove(path) {
      await run('purge', `:ftp:${path}`)
    },
  }
}
