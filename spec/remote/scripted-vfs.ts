import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { FtpVfs, type FtpVfsOptions } from '../../lib/index.js'
import { startScriptedServer, type Script, type ScriptedServer } from '../support/scripted-server.js'

export interface ScriptedVfs {
  server: ScriptedServer
  vfs: FtpVfs
  /** The spool directory. The test fails unless it is empty at the end. */
  spoolDirectory: string
  /** The commands so far, without those of logins. */
  sent(): string[]
  /** The bytes of a file on the server, as text. */
  content(path: string): string | undefined
}

const ofLogin = /^(USER|PASS|TYPE|FEAT|SYST|PWD|OPTS|QUIT|NOOP)\b/

/** Greetings that make a scripted server pass for a recognised one. */
export const greetings = {
  vsftpd: '220 (vsFTPd 3.0.3)',
  proftpd: '220 ProFTPD Server ready',
  pureFtpd: '220 Welcome to Pure-FTPd',
}

/** As many attempts as scripts expect, without long pauses. */
export const fewRetries = { retries: 2, retryDelay: 10 }

/** An FtpVfs on a scripted server, by default with one connection, until the end of the test. */
export async function scriptedVfs(
  t: Test,
  script: Script = {},
  options: FtpVfsOptions = {},
): Promise<ScriptedVfs> {
  const server = await startScriptedServer(script)
  const spoolDirectory = await mkdtemp(join(tmpdir(), 'ftp-vfs-spec-'))
  const vfs = new FtpVfs(server.url, { ...fewRetries, connections: 1, spoolDirectory, ...options })
  t.teardown(async () => {
    await vfs.close()
    await server.stop()
    const left = await readdir(spoolDirectory)
    await rm(spoolDirectory, { recursive: true })
    if (left.length > 0) throw new Error(`left in the spool directory: ${left.join()}`)
  })
  return {
    server,
    vfs,
    spoolDirectory,
    sent: () => server.commands.map(({ line }) => line).filter(line => !ofLogin.test(line)),
    content: path => {
      const entry = server.files.get(path)
      return entry && entry.content !== 'dir' ? entry.content.toString('latin1') : undefined
    },
  }
}

/** The error that the work ends in. */
export async function failureOf(work: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await work
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('nothing failed')
}

/** Bytes that reveal their position: no part of them looks like another. */
export function bytes(length: number, seed = 1): Buffer {
  const buffer = Buffer.alloc(length)
  let state = seed
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    buffer[at] = state >>> 24
  }
  return buffer
}

/** The bytes in pieces, as a file on disk gives them. */
export function* pieces(data: Buffer, size = 64 * 1024): Generator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
}

export const MIB = 2 ** 20
