import type * as nodeFs from 'node:fs'

/** The bytes of each file below a folder, by its path from there, and null for each folder; `but`: those left out. */
export function treeOf(
  fs: typeof nodeFs,
  root: string,
  { but }: { but?: RegExp } = {},
): Record<string, string | null> {
  const tree: Record<string, string | null> = {}
  const read = (below: string): void => {
    for (const name of fs.readdirSync(`${root}/${below}`).sort()) {
      const path = below + name
      if (but?.test(`${path}/`)) continue
      const folder = fs.statSync(`${root}/${path}`).isDirectory()
      tree[path] = folder ? null : fs.readFileSync(`${root}/${path}`, 'latin1')
      if (folder) read(`${path}/`)
    }
  }
  read('')
  return tree
}
