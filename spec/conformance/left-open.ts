import assert from 'node:assert/strict'
import type { Test } from 'tap'
import { someTurns } from './streams.js'

/** Sockets and listeners that keep this process alive; those of standard input and output are pipes. */
const openSockets = (): string[] =>
  process.getActiveResourcesInfo().filter(resource => resource.startsWith('TCP'))

/** The last test of a target on a server: `stop` closes all, and then no socket keeps the process alive. */
export async function leavesNothingOpen(t: Test, stop: () => Promise<void>): Promise<void> {
  await t.test('nothing is left open', async t => {
    await stop()
    for (let tries = 0; openSockets().length > 0 && tries < 100; tries++) {
      await new Promise(resolve => setTimeout(resolve, 10))
      await someTurns()
    }
    assert.deepEqual(openSockets(), [])
    t.pass('no socket')
  })
}
