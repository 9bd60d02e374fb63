import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { failureOf } from '../remote/scripted-vfs.js'
import { startPlainFtpSrv } from '../support/plain-ftp-srv.js'

t.test('quotation marks, which are taken out of paths, reach no other file', async t => {
  const { url, root } = await startPlainFtpSrv(t)
  await using vfs = new FtpVfs(url, { connections: 2 })
  await writeFile(join(root, 'q'), 'kept')
  t.match(await failureOf(vfs.writeFile('/"q"', 'x')), { code: 'EINVAL' })
  t.match(await failureOf(vfs.unlink('/"q"')), { code: 'EINVAL' })
  t.same(await readdir(root), ['q'])
  t.equal(await readFile(join(root, 'q'), 'utf8'), 'kept')
})

// ftp-srv 4.6.3: LIST shows what links lead to, PWD tells what was entered, and DELE and RMD do the
// same: they remove files and empty folders.

t.test('rm recursive leaves alone what links lead to', async t => {
  const { url, root } = await startPlainFtpSrv(t)
  await using vfs = new FtpVfs(url, { connections: 2 })
  await mkdir(join(root, 'kept'))
  await writeFile(join(root, 'kept', 'file'), 'x')
  await mkdir(join(root, 'tree'))
  await symlink('../kept', join(root, 'tree', 'link'))
  t.match(await failureOf(vfs.rm('/tree', { recursive: true })), {
    code: 'ENOTSUP',
    message: /'\/tree\/link' may be a link/,
  })
  await symlink('kept', join(root, 'link'))
  t.match(await failureOf(vfs.rm('/link', { recursive: true })), { code: 'ENOTSUP' })
  t.same(await readdir(join(root, 'kept')), ['file'])
  t.same((await readdir(root)).sort(), ['kept', 'link', 'tree'])
})

t.test('rm recursive of a tree without links', async t => {
  const { url, root } = await startPlainFtpSrv(t)
  await using vfs = new FtpVfs(url, { connections: 2 })
  await mkdir(join(root, 'tree', 'sub', 'deep'), { recursive: true })
  for (const name of ['a', '.dot', 'sub/b', 'sub/deep/c']) await writeFile(join(root, 'tree', name), 'x')
  await vfs.rm('/tree', { recursive: true })
  t.same(await readdir(root), [])
})
