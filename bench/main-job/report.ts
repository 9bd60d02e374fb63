import type { Writable } from 'node:stream'
import { SingleBar } from 'cli-progress'
import Table from 'cli-table3'

/** What a step did. */
export interface Row {
  step: string
  files: number
  bytes: number
  seconds: number
  /** The most connections that were at work at the same time. */
  connections: number
}

/** Where a step's progress goes. */
export interface Progress {
  begin(step: string, files: number, bytes: number): void
  advance(files: number, bytes: number): void
  end(row: Row): void
  /** The step failed. */
  stop(): void
}

/** A bar on a terminal, a line for each step that is done elsewhere. */
export function progress(output: Writable & { isTTY?: boolean }): Progress {
  return output.isTTY ? bars(output) : lines(output)
}

function bars(output: Writable): Progress {
  const format = '{step} [{bar}] {percentage} % {files}'
  const bar = new SingleBar({
    format,
    stream: output,
    barsize: 30,
    clearOnComplete: true,
  })
  let byBytes = false
  let done = 0
  const files = () => ({ files: count(done) })
  return {
    begin(step, totalFiles, bytes) {
      // Of many files those that are done say more than the bytes that are on their way.
      byBytes = totalFiles === 1 && bytes > 0
      done = 0
      bar.start(byBytes ? bytes : totalFiles, 0, { step: step.padEnd(20), ...files() })
    },
    advance(moreFiles, bytes) {
      done += moreFiles
      bar.increment(byBytes ? bytes : moreFiles, files())
    },
    end: row => {
      bar.stop()
      output.write(`${sentence(row)}\n`)
    },
    stop: () => bar.stop(),
  }
}

function lines(output: Writable): Progress {
  return { begin() {}, advance() {}, end: row => void output.write(`${sentence(row)}\n`), stop() {} }
}

function sentence({ step, files, bytes, seconds }: Row): string {
  return [step, files ? count(files) : '', bytes ? size(bytes) : '', `${seconds.toFixed(2)} s`]
    .filter(Boolean)
    .join(', ')
}

function count(files: number): string {
  return files === 1 ? '1 file' : `${files} files`
}

export function table(rows: Row[]): string {
  const result = new Table({
    head: ['Step', 'Files', 'Bytes', 'Seconds', 'Connections'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  for (const { step, files, bytes, seconds, connections } of rows) {
    result.push([step, files || '', bytes ? bytes.toLocaleString('en') : '', seconds.toFixed(2), connections])
  }
  return result.toString()
}

export function size(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
