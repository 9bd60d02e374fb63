import type fs from 'node:fs'
import path from 'node:path'
import { smallBytes, type Work } from './amounts.js'
import { paths, treePaths } from './paths.js'

/** What lies on the server before anything is measured. */
export interface ServerFiles {
  /** Counts of small files, each with a folder of its own. */
  small: number[]
  entries: number
  tree: Work | undefined
  /** Bytes of the big files; 0: not there. */
  big: number
  slow: number
  memory: number
}

type Fs = Pick<
  typeof fs,
  'mkdirSync' | 'writeFileSync' | 'truncateSync' | 'rmSync' | 'statSync' | 'chownSync' | 'readdirSync'
>

/** Lays the files out below `root`. */
export function layFiles(fs: Fs, root: string, { small, entries, tree, ...big }: ServerFiles): void {
  const write = (file: string, bytes: string | Buffer) => fs.writeFileSync(path.join(root, file), bytes)
  for (const count of new Set(small)) {
    const files = paths.small(count)
    fs.mkdirSync(path.join(root, path.dirname(files[0]!)))
    for (const file of files) write(file, smallBytes)
  }
  fs.mkdirSync(path.join(root, paths.list))
  for (const file of paths.entries(entries)) write(file, '')
  if (tree) layTree(fs, root, paths.tree, tree)
  for (const name of ['big', 'slow', 'memory'] as const) {
    if (big[name] === 0) continue
    write(paths[name], '')
    fs.truncateSync(path.join(root, paths[name]), big[name])
  }
  renewUploads(fs, root)
}

/**
 * Empties the folder for uploads, so that a run neither replaces files nor finds the disk full of them, and lays the
 * tree that is to be removed.
 */
export function renewUploads(fs: Fs, root: string, tree?: Work): void {
  fs.rmSync(path.join(root, paths.uploads), { recursive: true, force: true })
  give(fs, root, paths.uploads)
  if (tree) layTree(fs, root, paths.doomedTree, tree)
}

/** What lies in the folder for uploads. */
export function uploaded(fs: Fs, root: string): { entries: number; bytes: number } {
  const stats = (fs.readdirSync(path.join(root, paths.uploads), { recursive: true }) as string[]).map(name =>
    fs.statSync(path.join(root, paths.uploads, name)),
  )
  return {
    entries: stats.length,
    bytes: stats.reduce((total, stat) => total + (stat.isFile() ? stat.size : 0), 0),
  }
}

function layTree(fs: Fs, root: string, top: string, work: Work): void {
  const { folders, files } = treePaths(top, work)
  for (const folder of [top, ...folders]) give(fs, root, folder)
  for (const file of files) fs.writeFileSync(path.join(root, file), '')
}

/** A folder that is the user's own. */
function give(fs: Fs, root: string, folder: string): void {
  const { uid, gid } = fs.statSync(root)
  fs.mkdirSync(path.join(root, folder))
  fs.chownSync(path.join(root, folder), uid, gid)
}
