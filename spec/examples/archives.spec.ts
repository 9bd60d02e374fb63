import * as nodeFs from 'node:fs'
import { randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { extract, pack } from '../../examples/tar-fs.js'
import { unzip, zip } from '../../examples/yazl.js'
import type { FtpVfs } from '../../lib/index.js'
import { localFolder } from '../fs/local-folder.js'
import { onEveryServer } from './on-every-server.js'
import { treeOf } from './tree-of.js'

const here = await localFolder(t)
const files: Record<string, string | Buffer> = {
  'file.txt': 'some text\n',
  empty: '',
  'a b/ü.bin': randomBytes(300_000),
  'deep/er/than/that': 'x'.repeat(5000),
}
const time = new Date('2021-03-04T05:06:07Z')
for (const folder of ['a b', 'deep/er/than', 'bare']) {
  nodeFs.mkdirSync(here(`tree/${folder}`), { recursive: true })
}
for (const [name, content] of Object.entries(files)) {
  nodeFs.writeFileSync(here(`tree/${name}`), content)
  nodeFs.utimesSync(here(`tree/${name}`), time, time)
}
nodeFs.chmodSync(here('tree/file.txt'), 0o750)
nodeFs.chmodSync(here('tree/bare'), 0o700)
nodeFs.utimesSync(here('tree/bare'), time, time)
const local = { fs: nodeFs } as unknown as FtpVfs

/** The modes of all below a folder, and the times of the files, and of folders without any where `folders` says so. */
function attributesOf(fs: typeof nodeFs, root: string, { folders }: { folders: boolean }) {
  return Object.entries(treeOf(fs, root)).map(([path, content]) => {
    const { mode, mtimeMs } = fs.statSync(`${root}/${path}`)
    // The times of the others change with each file that is extracted into them.
    const timed = content !== null || (folders && path === 'bare')
    return `${path} ${(mode & 0o777).toString(8)} ${timed ? Math.floor(mtimeMs / 1000) : ''}`
  })
}

await onEveryServer('archives', async (t, { vfs, outside, at, server }) => {
  const archive = new PassThrough()
  await Promise.all([pack(local, here('tree'), archive), extract(vfs, archive, '/tree')])

  await t.test('tar-fs extracts bytes, modes and times', async t => {
    // vsftpd 3.0.3 sets the times of files alone.
    const times = { folders: server !== 'vsftpd' }
    t.same(treeOf(outside, at('/tree')), treeOf(nodeFs, here('tree')))
    t.same(attributesOf(outside, at('/tree'), times), attributesOf(nodeFs, here('tree'), times))
  })

  await t.test('tar-fs packs what comes out the same', async t => {
    const folder = await localFolder(t)
    outside.symlinkSync('file.txt', at('/tree/link'))
    const archive = new PassThrough()
    const [packed] = await Promise.all([buffer(archive), pack(vfs, '/tree', archive)])
    await extract(local, Readable.from([packed]), folder('tree'))
    t.equal(nodeFs.readlinkSync(folder('tree/link')), 'file.txt')
    nodeFs.unlinkSync(folder('tree/link'))
    // Without MLST a listing tells the time of a folder, to the day.
    const times = { folders: server === 'proftpd' || server === 'pure-ftpd' }
    t.same(treeOf(nodeFs, folder('tree')), treeOf(nodeFs, here('tree')))
    // The others make no links.
    if (server === 'proftpd') {
      await extract(vfs, Readable.from([packed]), '/again')
      t.ok((await vfs.lstat('/again/link')).isSymbolicLink())
      t.equal(await vfs.readFile('/again/link', 'utf8'), 'some text\n')
    }
    t.same(attributesOf(nodeFs, folder('tree'), times), attributesOf(nodeFs, here('tree'), times))
  })

  await t.test('yazl zips into a file there, and yauzl reads it there', async t => {
    const names = Object.keys(files)
    await zip(vfs, Object.fromEntries(names.map(name => [name, here(`tree/${name}`)])), '/archive.zip')
    const all = await unzip(vfs, '/archive.zip')
    t.same([...all.keys()].sort(), names.sort())
    for (const [name, content] of all) t.ok(content.equals(Buffer.from(files[name]!)), name)
    const before = vfs.stats().bytesReceived
    t.same([...(await unzip(vfs, '/archive.zip', name => name === 'file.txt')).keys()], ['file.txt'])
    t.ok(vfs.stats().bytesReceived - before < 200_000, 'one file does not cost the whole archive')
  })
})
