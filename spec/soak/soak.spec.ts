import type { Server } from 'node:net'
import t, { type Test } from 'tap'
import { skipReason } from '../support/for-servers.js'
import { realServerNames } from '../support/real-servers.js'
import { close, listen } from '../support/port-range.js'
import { modes, type Mode } from './mode.js'
import type { Attempt, Operation } from './operation.js'
import { wrong } from './report.js'
import { run } from './run.js'
import { file } from './tree.js'
import type { SubjectName } from './subject.js'

// A short one each: `npm run test:soak` goes on until each fault has met each operation.

const seed = 12

async function soak(
  t: Test,
  server: SubjectName,
  mode: Mode,
  amount: { operations: number; seconds: number },
) {
  const { findings } = await run({ server, mode, seed, ...amount, stages: 1, workers: 3, every: 20 })
  t.equal(wrong(findings), '')
  t.ok(findings.count > 0, `${findings.count} operations`)
}

for (const mode of ['plain', 'atomicUploads'] as const) {
  void t.test(`the embedded server, ${mode}: nothing is lost, wrong or left`, t =>
    soak(t, 'embedded', mode, { operations: 100, seconds: 5 }),
  )
}

const bad: Record<string, { attempt: Partial<Attempt>; wrong: RegExp }> = {
  'a write that says that it is done': {
    attempt: { run: async () => {}, changes: new Map([['/w4200-0/a', file(Buffer.from('new'))]]) },
    wrong: /it resolved, and at \/w4200-0\/a there is nothing, not a file of 3 bytes/,
  },
  'a call that changes what it does not name': {
    attempt: { run: vfs => vfs.writeFile('/w4200-0/b', 'x') },
    wrong: /there is a file of 1 bytes at \/w4200-0\/b, not nothing/,
  },
  'a call that rejects without a fault': {
    attempt: { run: async () => Promise.reject(new Error('no reason')) },
    wrong: /it was rejected without a fault: Error no reason/,
  },
  'a call that never ends': { attempt: { run: () => new Promise(() => {}) }, wrong: /it hung for/ },
  'a temporary file that is left': {
    attempt: { run: vfs => vfs.writeFile('/w4200-0/.ftp-vfs-0123456789ab-a', 'x') },
    wrong: /there is a file of 1 bytes at \/w4200-0\/\.ftp-vfs-0123456789ab-a/,
  },
  'a socket that is left': {
    attempt: { run: async () => void left.push(await listen('127.0.0.1')) },
    wrong: /left open in this process: 1 TCPServerWrap/,
  },
}

const left: Server[] = []

for (const [name, { attempt, wrong: expected }] of Object.entries(bad)) {
  void t.test(`finds ${name}`, async t => {
    t.teardown(() => Promise.all(left.splice(0).map(close)))
    const whole: Attempt = { words: name, bytes: 0, run: async () => {}, ...attempt }
    const operation: Operation = { name, data: [], prepare: async () => whole }
    const amount = { operations: 1, stages: 1, workers: 1, every: Infinity, limit: 200 }
    const { findings } = await run({ server: 'embedded', mode: 'plain', seed: 42, ...amount }, [operation])
    t.match(wrong(findings), expected)
  })
}

for (const server of realServerNames) {
  const skip = (await skipReason(server)) ?? false
  for (const mode of modes) {
    const name = `${server}, ${mode}: nothing is lost, wrong or left`
    void t.test(skip ? `${name}: ${skip}` : name, { skip }, t =>
      soak(t, server, mode, { operations: 200, seconds: 4 }),
    )
  }
}
