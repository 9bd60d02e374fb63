import path from 'node:path'
import type { Contestant, Entrant, Login } from './contestant.js'
import { authorityFile, bytesBelow, inFolder, lines, Programs } from './program.js'

/** curl: many transfers in one process, with no change of folder for each. It has no command for a tree. */
export const curl: Entrant = {
  family: 'curl',
  program: 'curl',
  mixesSessions: true,
  crew(scenario, far) {
    // curl 7.88 with one connection and no delay rests for up to half a second before each file.
    if (scenario.startsWith('small')) return far ? 'all' : 'several'
    if (scenario === 'stat') return far ? 'none' : 'most'
    return scenario.startsWith('big') || scenario === 'list' ? 'least' : 'none'
  },
  enter,
}

async function enter(login: Login, connections: number, folder: string): Promise<Contestant> {
  const programs = new Programs('curl', folder)
  const authority = authorityFile(folder, login)
  const common = [
    'silent',
    'show-error',
    'fail-early',
    'ftp-method = nocwd',
    `user = "${login.user}:${login.password}"`,
    ...(connections > 1 ? ['parallel', `parallel-max = ${connections}`] : []),
    // In TLS 1.3 curl 7.88 does not resume the session as vsftpd 3.0.3 demands.
    ...(authority === undefined ? [] : ['ssl-reqd', `cacert = "${authority}"`, 'tls-max = 1.2']),
  ]
  const url = (path: string) => `url = "ftp://${login.host}:${login.port}${path}"`
  const run = (config: string[]) =>
    programs.run(['--disable', '--config', inFolder(folder, 'config', [...common, ...config, ''].join('\n'))])
  const download = (path: string, local: string) => run([url(path), `output = "${local}"`])
  const [up, down] = [path.join(folder, 'up'), path.join(folder, 'down')]

  return {
    spent: programs.spent,
    async upload(local, path) {
      await run([url(path), `upload-file = "${local}"`])
    },
    async download(path, local) {
      await download(path, local)
    },
    async uploadAll(paths) {
      await run(
        paths.flatMap(file => [url(file), `upload-file = "${path.join(up, path.posix.basename(file))}"`]),
      )
    },
    async downloadAll(paths) {
      await run(
        paths.flatMap(file => [url(file), `output = "${path.join(down, path.posix.basename(file))}"`]),
      )
      return bytesBelow(down, paths.length)
    },
    async statAll(paths) {
      const printed = await run(['head', ...paths.map(url)])
      const sizes = printed.toString().matchAll(/^Content-Length: (\d+)/gm)
      return [...sizes].reduce((total, [, size]) => total + Number(size), 0)
    },
    list: async path => lines(await run([url(`${path}/`)])),
  }
}
