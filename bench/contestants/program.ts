import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import type { Login } from './contestant.js'

/** Runs programs and adds up what they took, from their start to their end. */
export class Programs {
  readonly #took = { seconds: 0, cpuSeconds: 0, peakRss: 0 }

  constructor(
    private readonly program: string,
    private readonly folder: string,
    private readonly env: Record<string, string> = {},
  ) {}

  /** Resolves with what it printed; rejects with what it complained of. */
  async run(args: string[]): Promise<Buffer> {
    const cpu = cpuOfChildren()
    const start = performance.now()
    const child = spawn(this.program, args, {
      cwd: this.folder,
      // Its own settings and nobody's.
      env: { PATH: process.env['PATH'], HOME: this.folder, LANG: 'C.UTF-8', ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    // The peak only grows: what is lost is the last few milliseconds.
    const watch = setInterval(() => {
      this.#took.peakRss = Math.max(this.#took.peakRss, peakRss(child.pid))
    }, 5)
    const ended = new Promise<number | string | null>((resolve, reject) => {
      child.once('error', reject).once('exit', (code, signal) => {
        this.#took.seconds += (performance.now() - start) / 1000
        resolve(signal ?? code)
      })
    })
    try {
      const [printed, complaint, code] = await Promise.all([
        buffer(child.stdout),
        text(child.stderr),
        ended,
      ] as const)
      if (code !== 0) {
        throw new Error(`${this.program} ended with ${code}: ${essence(complaint)}`)
      }
      return printed
    } finally {
      clearInterval(watch)
      process.off('exit', kill)
      this.#took.cpuSeconds += cpuOfChildren() - cpu
    }
  }

  readonly spent = () => this.#took
}

/** The line that tells most. */
function essence(complaint: string): string {
  const lines = complaint.trim().split('\n')
  return lines.find(line => /error|fatal|panic/i.test(line)) ?? lines.at(-1)!
}

/** The number of lines. */
export function lines(printed: Buffer): number {
  let count = 0
  for (const byte of printed) if (byte === 10) count++
  return count
}

/** The bytes of a folder's files; throws unless there are so many files. */
export function bytesBelow(folder: string, files: number): number {
  const names = readdirSync(folder)
  if (names.length !== files) throw new Error(`${names.length} files came instead of ${files}`)
  return names.reduce((total, name) => total + statSync(path.join(folder, name)).size, 0)
}

/** Writes a file into the run's folder; its path. */
export function inFolder(folder: string, name: string, content: string): string {
  const file = path.join(folder, name)
  writeFileSync(file, content, { mode: 0o600 })
  return file
}

/** The authority's certificate as a file. */
export function authorityFile(folder: string, { ca }: Login): string | undefined {
  return ca === undefined ? undefined : inFolder(folder, 'ca.pem', ca)
}

// proc(5). User and system time of the children that have ended, in ticks of a hundredth of a second on Linux.
function cpuOfChildren(): number {
  if (process.platform !== 'linux') return 0
  const stat = readFileSync('/proc/self/stat', 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

function peakRss(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
