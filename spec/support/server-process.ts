import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readdir, readFile, readlink, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server that runs as a process group of its own, with a folder of its own. */
export interface ServerProcess {
  /** Process id of the server, and the id of its group. */
  readonly pid: number
  /** Waits until the server itself listens on the port. Throws, with the log, when it ends or takes 20 s. */
  readonly listens: (port: number) => Promise<void>
  /** What the server has written so far; empty after `end`. */
  readonly log: () => Promise<string>
  /** Kills the server and its sessions and waits until they are gone. The folder stays. */
  readonly kill: () => Promise<void>
  /** Kills the server and its sessions, waits until they are gone and removes the folder. */
  readonly end: () => Promise<void>
}

// Kills the group and removes the folder when this process has gone without ending the server, however it went:
// its end of the pipe closes then.
const guard = 'read -r ended || { kill -s KILL -- "-$1"; rm -rf -- "$2"; }'

/** Starts a server whose files lie in the folder. Neither outlives this process, and neither keeps it alive. */
export async function startProcess(
  command: string,
  args: string[],
  folder: string,
  env: Record<string, string> = {},
): Promise<ServerProcess> {
  const logFile = join(folder, 'server.log')
  const log = openSync(logFile, 'a+')
  // vsftpd 3.0.3 writes its start-up errors to descriptor 0.
  const child = spawn(command, args, {
    cwd: folder,
    detached: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TZ: 'UTC', LANG: 'C.UTF-8', ...env },
    stdio: [log, log, log],
  })
  closeSync(log)
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  const pid = child.pid!
  const watcher = spawn('sh', ['-c', guard, 'sh', String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.on('error', () => child.kill('SIGKILL'))
  child.unref()
  watcher.unref()
  ;(watcher.stdin as Socket).unref()
  watcher.stdin.on('error', () => undefined)

  let killing: Promise<void> | undefined
  let ending: Promise<void> | undefined
  const readLog = () => readFile(logFile, 'latin1').catch(() => '')

  async function kill(): Promise<void> {
    child.ref()
    signal(pid, 'SIGSTOP') // from here on it forks no new session
    const family = new Set([pid])
    for (;;) {
      const living = await livingOf(family)
      if (living.length === 0) break
      for (const member of living) signal(member, 'SIGKILL')
      await sleep(2)
    }
  }

  async function end(): Promise<void> {
    await (killing ??= kill())
    await rm(folder, { recursive: true, force: true })
    watcher.stdin.end('ended\n')
  }

  return {
    pid,
    log: readLog,
    listens: async port => {
      const deadline = Date.now() + 20_000
      while (!(await hasListener(pid, port))) {
        if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
          throw new Error(
            `${command} does not listen on port ${port}: ${(await readLog()).trim() || 'no word why'}`,
          )
        }
        await sleep(5)
      }
    },
    kill: () => (killing ??= kill().then(() => void watcher.stdin.end('ended\n'))),
    end: () => (ending ??= end()),
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

// The processes that live of a family, which grows by the children and the groups of its members: each session of
// vsftpd leads a group of its own. Zombies do not count; where process 1 reaps nobody, they stay for good.
async function livingOf(family: Set<number>): Promise<number[]> {
  const processes = (await Promise.all((await readdir('/proc')).filter(isNumber).map(readProcess))).filter(
    ({ state }) => state !== undefined && state !== 'Z' && state !== 'X',
  )
  const isMember = (ids: number[]) => ids.some(id => family.has(id))
  let size
  do {
    size = family.size
    for (const { pid, parent, group } of processes) {
      if (isMember([pid, parent, group])) family.add(pid)
    }
  } while (family.size > size)
  return processes.map(({ pid }) => pid).filter(pid => family.has(pid))
}

const isNumber = (text: string) => /^\d+$/.test(text)

async function readProcess(entry: string) {
  const stat = await readFile(`/proc/${entry}/stat`, 'latin1').catch(() => '')
  // proc(5): pid (name) state parent group; the name may hold anything.
  const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { pid: Number(entry), state, parent: Number(parent), group: Number(group) }
}

// The kernel's tables, of the network namespace that the server is in, tell whose listener it is, where a connection
// would not: another process may have taken the port meanwhile. Nor does this cost the server a session.
async function hasListener(pid: number, port: number): Promise<boolean> {
  const suffix = ':' + port.toString(16).toUpperCase().padStart(4, '0')
  const sockets = new Set<string>()
  for (const table of [`/proc/${pid}/net/tcp`, `/proc/${pid}/net/tcp6`]) {
    for (const line of (await readFile(table, 'latin1').catch(() => '')).split('\n')) {
      const fields = line.trim().split(/\s+/)
      if (fields[1]?.endsWith(suffix) && fields[3] === '0A') sockets.add(`socket:[${fields[9]}]`)
    }
  }
  if (sockets.size === 0) return false
  for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    if (sockets.has(await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => ''))) return true
  }
  return false
}
