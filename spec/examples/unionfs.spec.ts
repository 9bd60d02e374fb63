import { createFsFromVolume, Volume } from 'memfs'
import type { IFS } from 'unionfs'
import { inFrontOf } from '../../examples/unionfs.js'
import { onEveryServer } from './on-every-server.js'

await onEveryServer('unionfs: a local folder in front of the remote one', async (t, { vfs }) => {
  const local = createFsFromVolume(Volume.fromJSON({ '/both/local': 'local', '/both/same': 'local' }))
  const { mkdir, readFile, writeFile } = vfs.fs.promises
  await mkdir('/both')
  await mkdir('/remote')
  await writeFile('/both/same', 'remote')
  await writeFile('/both/remote', 'remote')
  const union = inFrontOf(vfs, local as unknown as IFS)

  t.equal(await union.promises.readFile('/both/same', 'utf8'), 'local')
  t.equal(await union.promises.readFile('/both/remote', 'utf8'), 'remote')
  t.same((await union.promises.readdir('/both')).sort(), ['local', 'remote', 'same'])
  t.ok((await union.promises.stat('/remote')).isDirectory())
  await t.rejects(union.promises.stat('/nowhere'), { code: 'ENOENT' })
  t.equal(
    await new Promise((resolve, reject) =>
      union.readFile('/both/remote', 'utf8', (error, text) => (error ? reject(error) : resolve(text))),
    ),
    'remote',
    'by callback',
  )

  await union.promises.writeFile('/remote/new', 'written where the folder is')
  t.equal(await readFile('/remote/new', 'utf8'), 'written where the folder is')
})
