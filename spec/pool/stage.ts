import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { FtpVfs, type FtpVfsOptions } from '../../lib/index.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { forServers } from '../support/for-servers.js'
import { startScriptedServer } from '../support/scripted-server.js'

/** A server for a scenario, and a look at its files that does not go through the library. */
export interface Stage {
  url: string
  /** The bytes of a file there; throws when there is none. */
  stored(path: string): Buffer
}

/** Runs a scenario on a scripted server, on the embedded one, and where they are tested, on the real ones. */
export async function onEachServer(
  t: Test,
  name: string,
  scenario: (t: Test, stage: Stage) => Promise<void>,
): Promise<void> {
  await t.test(`${name} (scripted)`, async t => {
    const server = await startScriptedServer()
    t.teardown(() => server.stop())
    await scenario(t, { url: server.url, stored: path => server.files.get(path)!.content as Buffer })
  })
  await t.test(`${name} (ftp-srv)`, async t => {
    const server = await startEmbeddedServer()
    t.teardown(() => server.stop())
    await scenario(t, { url: server.url, stored: path => server.volume.readFileSync(path) as Buffer })
  })
  await forServers(t, name, async (t, { url, root }) => {
    await scenario(t, { url, stored: path => readFileSync(join(root, path)) })
  })
}

/** An FtpVfs that is destroyed at the end of the test; before, it must be closed without a session in use. */
export function open(t: Test, url: string, options: FtpVfsOptions): FtpVfs {
  const vfs = new FtpVfs(url, { retryDelay: 10, ...options })
  t.teardown(() => vfs.destroy())
  return vfs
}

/** Counts what the data connections of this process have read, while `work` goes on. */
export async function bytesReceived(work: () => Promise<void>): Promise<number> {
  const sockets: Socket[] = []
  const onSocket = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket)
  subscribe('net.client.socket', onSocket)
  try {
    await work()
  } finally {
    unsubscribe('net.client.socket', onSocket)
  }
  return sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0)
}

/** Numbers from 0 to 1 that look random, the same ones on every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff
}

/** Watches the data connections that this process opens until the end of the test. */
export function socketsOf(t: Pick<Test, 'teardown'>): { open(): Promise<string[]> } {
  const sockets: Socket[] = []
  const onSocket = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket)
  subscribe('net.client.socket', onSocket)
  t.teardown(() => unsubscribe('net.client.socket', onSocket))
  return {
    /** Those that are open; a socket that has just been closed has a few turns to go. */
    async open() {
      for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate)
      return sockets.filter(socket => !socket.closed).map(socket => `to port ${socket.remotePort}`)
    },
  }
}
