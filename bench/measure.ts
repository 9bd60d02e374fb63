import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** What a piece of work took of this process, or of programs. */
export interface Measured {
  seconds: number
  /** User and system time. */
  cpuSeconds: number
  /** The most memory that was resident at any time during the work, in bytes. */
  peakRss: number
  /** What was resident when it began: Node and the library. Not known of programs. */
  baseRss?: number
  /** What went before: the login on every connection. A program's is part of its seconds. */
  loginSeconds?: number
  /** Whole programs were measured. */
  program?: true
}

/** Does the work, which may say how many milliseconds of it count, and tells what it took. */
export async function measure(work: () => Promise<number | void>): Promise<Measured> {
  const baseRss = process.memoryUsage.rss()
  forgetPeak()
  const cpu = process.cpuUsage()
  const start = performance.now()
  const seconds = ((await work()) ?? performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { seconds, cpuSeconds: (user + system) / 1e6, peakRss: peakRss(), baseRss }
}

// proc(5). The peak that getrusage tells (process.resourceUsage) cannot be reset, so that loading counts too; and in
// a child process it begins with the memory of the parent on Linux.
function forgetPeak(): void {
  if (existsSync('/proc/self/clear_refs')) writeFileSync('/proc/self/clear_refs', '5')
}

function peakRss(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'latin1') : ''
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(status)
  return (peak ? Number(peak[1]) : process.resourceUsage().maxRSS) * 1024
}
