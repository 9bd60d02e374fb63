import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Creates a local folder until the end of the test. Returns a function for paths in it. */
export async function localFolder(t: Test): Promise<(name?: string) => string> {
  const folder = await mkdtemp(join(tmpdir(), 'ftp-vfs-local-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return (name = '') => join(folder, name)
}
