import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Question } from '../../lib/pool/question.js'
import { Call } from '../../lib/pool/call.js'
import type { Lease } from '../../lib/pool/lease.js'
import { Pool, type PoolOptions } from '../../lib/pool/pool.js'
import { command } from '../../lib/wire/session/command.js'
import { Log } from '../../lib/wire/log.js'
import { startScriptedServer, type Script, type ScriptedServer } from '../support/scripted-server.js'

/** What a test leaves out of the options of a pool. */
export const usual: Omit<PoolOptions, 'port'> = {
  host: '127.0.0.1',
  user: 'user',
  password: 'password',
  encryptionMode: 'None',
  dataConnectionType: 'AutoPassive',
  sslProtocols: {},
  acceptSpecifiedSslHash: [],
  acceptAnySslCertificate: false,
  connections: 4,
  idleTimeout: 60_000,
  shortTimeout: 10_000,
  readWriteTimeout: 10_000,
  retries: 3,
  retryDelay: 10,
  useCwdNames: false,
  encoding: 'utf8',
  loginRelative: false,
}

export const silent = new Log({
  logToConsole: false,
  logPrivateInfoToConsole: false,
  host: '127.0.0.1',
  user: 'user',
  password: 'password',
})

/** A pool on a scripted server. Both end with the test. */
export async function poolOn(
  t: Pick<Test, 'teardown'>,
  script: Script = {},
  options: Partial<PoolOptions> = {},
): Promise<{ pool: Pool; server: ScriptedServer }> {
  const server = await startScriptedServer(script)
  const pool = new Pool({ ...usual, port: server.port, ...options }, silent)
  t.teardown(async () => {
    pool.destroy()
    await server.stop()
  })
  return { pool, server }
}

/** What the replies to a question said: their codes, and whether it was asked before and the answer was lost. */
export interface Told {
  codes: number[]
  again: boolean
}

/** A question of one command for each line. */
export function question(...lines: string[]): Question<Told> {
  return {
    commands: () => lines.map(line => command(line)),
    answer: (replies, _, again) => ({ codes: replies.map(({ code }) => code), again }),
  }
}

/** Asks as a call of the user does. */
export function ask(pool: Pool, ...lines: string[]): Promise<Told> {
  return pool.runCall(undefined, aborted, call => pool.ask(call, question(...lines)))
}

/** So many leases at once, each on a session of its own. */
export function leases(pool: Pool, count: number): Promise<Lease[]> {
  return Promise.all(Array.from({ length: count }, () => pool.acquire(new Call(), 'transfer')))
}

export const aborted = (): Error => new Error('aborted')

/** Resolves when it is so; the test's own time limit ends a wait that is in vain. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5)
}

/** A handler's promise that the test resolves. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>(resolve => (open = resolve))
  return { opened, open }
}
