import t from 'tap'
import { posix } from 'node:path'
import { scriptedVfs } from '../remote/scripted-vfs.js'
import type { Handler } from '../support/script.js'

// The transcript: `LIST -a`, and the listing of the folder `-a`; without one, that of nothing.
const takesForName: Handler = ctx => {
  const path = posix.resolve(ctx.connection.cwd, ctx.argument)
  const entry = ctx.server.files.get(path)
  if (!entry) return ctx.send([])
  const names = entry.content === 'dir' ? [...ctx.server.files.keys()] : [path]
  const shown = names.filter(each => each === path || (posix.dirname(each) === path && each !== path))
  const lines = shown.flatMap(each => {
    if (each === path && entry.content === 'dir') return []
    const isFolder = ctx.server.files.get(each)!.content === 'dir'
    return [`${isFolder ? 'd' : '-'}rw-r--r-- 1 0 0 1 Jan 01 2020 ${posix.basename(each)}\r\n`]
  })
  return ctx.send(lines)
}

for (const [title, files] of [
  ['a folder', { '/d/-a/inside': 'x', '/d/a': 'x', '/e/b': 'x' }],
  ['a file', { '/d/-a': 'x', '/d/a': 'x', '/e/b': 'x' }],
] as const) {
  for (const first of ['/d', '/e']) {
    await t.test(`${title} named -a, where LIST takes -a for a name; ${first} is listed first`, async t => {
      const { vfs } = await scriptedVfs(t, { files, mlst: false, on: { LIST: takesForName } })
      await vfs.readdir(first)
      t.same((await vfs.readdir('/d')).sort(), ['-a', 'a'])
      const seen: string[] = []
      for await (const { name } of await vfs.opendir('/d')) seen.push(name)
      t.same(seen.sort(), ['-a', 'a'])
      t.same(await vfs.readdir('/e'), ['b'])
    })
  }
}
