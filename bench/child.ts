import { fork, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** A program in a process of its own, so that its CPU and memory are its own. */
export interface Child {
  /** Sends it a message and resolves with its answer. One at a time. Rejects with what failed there. */
  ask<Answer>(question: unknown): Promise<Answer>
  /** Ends it; resolves when it is gone. */
  stop(): Promise<void>
}

interface Answer {
  value?: unknown
  failure?: string
}

/**
 * Starts a program, of this folder or built (`.js`), with the command `within` in front of it. It ends when this process
 * does, at the latest.
 */
export function startChild(
  program: string,
  { within = [], nodeArguments = [] }: { within?: readonly string[]; nodeArguments?: string[] } = {},
): Child {
  const typeScript = program.endsWith('.ts')
  const [execPath, ...execArgv] = [
    ...within,
    process.execPath,
    ...nodeArguments,
    ...(typeScript ? ['--import', import.meta.resolve('tsx')] : []),
  ] as [string, ...string[]]
  const file = typeScript ? fileURLToPath(new URL(program, import.meta.url)) : program
  const child = fork(file, { execPath, execArgv })
  const exited = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`${path.basename(program)} ended: ${signal ?? `code ${code}`}`)),
    )
  })
  exited.catch(() => {})
  return {
    async ask<Value>(question: unknown) {
      const answered = once(child, 'message') as Promise<[Answer]>
      child.send(question as Serializable)
      const [{ value, failure }] = await Promise.race([answered, exited])
      if (failure !== undefined) throw new Error(failure)
      return value as Value
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exited.catch(() => {})
    },
  }
}

/** The other side: answers each message, until the parent hangs up. */
export function answer<Question>(work: (question: Question) => Promise<unknown>): void {
  process.on('message', question => {
    void work(question as Question).then(
      value => process.send!({ value } satisfies Answer),
      (error: unknown) => process.send!({ failure: reason(error) } satisfies Answer),
    )
  })
  process.once('disconnect', () => process.exit())
  // Ctrl-C reaches all processes at once, but it is the parent that ends them.
  process.on('SIGINT', () => {})
}

function reason(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error && !message.includes(cause.message)
    ? `${message} (${cause.message})`
    : message
}
