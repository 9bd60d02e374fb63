import type fs from 'node:fs'
import path from 'node:path'
import { paths, smallSize } from './scenarios.js'

/** What lies on the server before anything is measured. */
export interface ServerFiles {
  small: number
  entries: number
  /** Bytes of the big files; 0: not there. */
  big: number
  memory: number
}

type Fs = Pick<
  typeof fs,
  'mkdirSync' | 'writeFileSync' | 'truncateSync' | 'rmSync' | 'statSync' | 'chownSync'
>

/** Lays the files out below `root`. */
export function layFiles(fs: Fs, root: string, { small, entries, big, memory }: ServerFiles): void {
  const write = (file: string, bytes: string | Buffer) => fs.writeFileSync(path.join(root, file), bytes)
  for (const folder of ['small', paths.folder]) fs.mkdirSync(path.join(root, folder))
  for (const file of paths.small(small)) write(file, Buffer.alloc(smallSize, 'x'))
  for (const file of paths.entries(entries)) write(file, '')
  for (const [file, bytes] of [
    [paths.big, big],
    [paths.memory, memory],
  ] as const) {
    if (bytes === 0) continue
    write(file, '')
    fs.truncateSync(path.join(root, file), bytes)
  }
  renewUploads(fs, root)
}

/** Empties the folder for uploads, so that a run neither replaces files nor finds the disk full of them. */
export function renewUploads(fs: Fs, root: string): void {
  const folder = path.join(root, paths.uploads)
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder)
  const { uid, gid } = fs.statSync(root)
  fs.chownSync(folder, uid, gid)
}
