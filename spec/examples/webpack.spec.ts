import * as nodeFs from 'node:fs'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { build } from '../../examples/webpack.js'
import type { FtpVfs } from '../../lib/index.js'
import { localFolder } from '../fs/local-folder.js'
import { onEveryServer } from './on-every-server.js'
import { treeOf } from './tree-of.js'

const here = await localFolder(t)
nodeFs.writeFileSync(
  here('main.js'),
  `import { name } from './name.js'; globalThis.greeting = 'Hello ' + name`,
)
nodeFs.writeFileSync(here('name.js'), `export const name = 'world'`)
const configuration = (path: string) => ({
  mode: 'none' as const,
  context: here(),
  entry: { main: './main.js', name: './name.js' },
  devtool: 'source-map' as const,
  output: { path, filename: 'js/[name].[contenthash].js' },
})
await build({ fs: nodeFs } as unknown as FtpVfs, configuration(here('dist')))
const expected = treeOf(nodeFs, here('dist'))

await onEveryServer('webpack emits what it emits to the local disk', async (t, { vfs, outside, at }) => {
  await build(vfs, configuration('/public/dist'))
  const emitted = treeOf(outside, at('/public/dist'))
  t.same(emitted, expected)
  const sandbox = {}
  runInNewContext(emitted[Object.keys(emitted).find(name => /main.*js$/.test(name))!]!, sandbox)
  t.match(sandbox, { greeting: 'Hello world' })
  await build(vfs, configuration('/public/dist'))
  t.same(treeOf(outside, at('/public/dist')), expected, 'and over what is there')
})
