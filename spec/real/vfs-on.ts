import type { Test } from 'tap'
import { FtpVfs, type FtpVfsOptions } from '../../lib/index.js'

/** An FtpVfs that is closed when the test ends. */
export function open(t: Test, url: string, options: FtpVfsOptions = {}): FtpVfs {
  const vfs = new FtpVfs(url, { shortTimeout: 10_000, retryDelay: 50, ...options })
  t.teardown(() => vfs.close())
  return vfs
}

/** What a promise rejects with; one that resolves fails the test. */
export async function failure(promise: Promise<unknown>): Promise<NodeJS.ErrnoException> {
  try {
    await promise
  } catch (error) {
    return error as NodeJS.ErrnoException
  }
  throw new Error('It resolved, where a rejection was expected')
}

/** The codes of the warnings of this library that the process emits during the test. */
export function warnings(t: Test): string[] {
  const codes: string[] = []
  const take = ({ code = '' }: NodeJS.ErrnoException) => {
    if (code.startsWith('FTP_VFS_')) codes.push(code)
  }
  process.on('warning', take)
  t.teardown(() => void process.off('warning', take))
  return codes
}

/** Warnings are emitted in the next turn. */
export const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
