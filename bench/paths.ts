import type { Work } from './amounts.js'

/** Paths on the server: laid out before the run, but for those below `/up`, which is empty then. */
export const paths = {
  uploads: '/up',
  big: '/big',
  slow: '/slow',
  memory: '/memory',
  list: '/list',
  tree: '/tree',
  /** Laid anew before each run that removes it. */
  doomedTree: '/up/tree',
  /** A folder for each count, for programs that take a folder as it is. */
  small: (count: number) => numbered(`/small-${count}/file-`, count),
  uploaded: (count: number) => numbered('/up/file-', count),
  entries: (count: number) => numbered('/list/entry-', count),
}

/** Folders and files below a folder: groups of a folder with nine in it, which makes three levels. */
export function treePaths(root: string, { folders, files }: Work): { folders: string[]; files: string[] } {
  const names = Array.from({ length: folders ?? 0 }, (_, index) => {
    const group = `${root}/group-${Math.floor(index / 10)}`
    return index % 10 === 0 ? group : `${group}/folder-${index % 10}`
  })
  return {
    folders: names,
    files: Array.from({ length: files }, (_, index) => `${names[index % names.length]}/file-${index}`),
  }
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}
