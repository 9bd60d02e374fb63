import { execFile, spawn } from 'node:child_process'
import { access } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The output of the real git; no configuration of this machine counts. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  // The server's user owns what lies on the server.
  const settings = ['-c', 'safe.directory=*', '-c', 'user.name=A', '-c', 'user.email=a@example.com']
  const env = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', HOME: '/nonexistent' }
  const { stdout } = await run('git', [...settings, ...args], { cwd: folder, env })
  return stdout.trimEnd()
}

/** The program that serves repositories over HTTP; undefined where git, or this part of it, is not installed. */
export async function gitHttpBackend(): Promise<string | undefined> {
  try {
    const program = join(await git('/', '--exec-path'), 'git-http-backend')
    await access(program)
    return program
  } catch {
    return undefined
  }
}

/** Serves the repositories in a folder on loopback, by git's own CGI program. */
export async function serveRepositories(program: string, folder: string) {
  const server = createServer((request, response) => void answer(program, folder, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Source: RFC 3875 (CGI), and `git help http-backend`. */
async function answer(
  program: string,
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, search } = new URL(request.url!, 'http://localhost')
  const backend = spawn(program, {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      GIT_PROTOCOL: request.headers['git-protocol']?.toString(),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  request.pipe(backend.stdin)
  const output = Buffer.concat(await backend.stdout.toArray())
  const end = output.indexOf('\r\n\r\n')
  for (const line of output.subarray(0, end).toString().split('\r\n')) {
    const [, name = '', value = ''] = /^(.*?): *(.*)$/.exec(line) ?? []
    if (name === 'Status') response.statusCode = parseInt(value)
    else response.setHeader(name, value)
  }
  response.end(output.subarray(end + 4))
}
