import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs'
import path from 'node:path'
import { memoryFolder } from './memory-folder.js'

/** The clients' side: what is uploaded from, and downloaded to. */
export interface LocalFiles extends AsyncDisposable {
  folder: string
}

// Gigabytes of memory must not stay, however this process goes: its end of the pipe closes then. Twice, for a run that was
// cut short may still write.
const guard = 'read -r ended; rm -rf -- "$1"; [ -n "$ended" ] || { sleep 1; rm -rf -- "$1"; }'

/** Makes the folder, with a file of so many bytes in it, which compress badly. It goes with this process at the latest. */
export function localFiles(big: number): LocalFiles {
  const folder = mkdtempSync(path.join(memoryFolder(), 'ftp-vfs-bench-'))
  const watcher = spawn('sh', ['-c', guard, 'sh', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const removed = once(watcher, 'exit')
  const chunk = randomBytes(2 ** 20)
  const file = openSync(path.join(folder, 'big'), 'w')
  for (let left = big; left > 0; left -= chunk.length) writeSync(file, chunk, 0, Math.min(left, chunk.length))
  closeSync(file)
  return {
    folder,
    async [Symbol.asyncDispose]() {
      watcher.stdin.end('ended\n')
      await removed
    },
  }
}
