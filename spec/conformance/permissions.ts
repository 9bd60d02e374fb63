import assert from 'node:assert/strict'
import { casesOf, type Define, type Env } from './case.js'
import { rejects } from './expect.js'
import { collect } from './streams.js'

/** Runs with the mode of a path changed from outside, and sets it back, so that the folder can be cleared away. */
async function withMode(
  { outside, out }: Env,
  path: string,
  mode: number,
  run: () => Promise<void>,
): Promise<void> {
  const before = (await outside.stat(out(path))).mode & 0o7777
  await outside.chmod(out(path), mode)
  try {
    await run()
  } finally {
    await outside.chmod(out(path), before)
  }
}

/** What permission bits forbid is EACCES. */
export const permissions = casesOf('permissions', define => {
  const test: Define = (title, run) => define(title, run, { skip: target => target.permissionsIgnored })

  test('reading an unreadable file is EACCES', async env => {
    const { fs, at } = env
    await fs.writeFile(at('file'), 'x')
    await withMode(env, at('file'), 0o000, async () => {
      await rejects(fs.readFile(at('file')), 'EACCES')
      await rejects(collect(fs.createReadStream(at('file'))), 'EACCES')
      await rejects(fs.copyFile(at('file'), at('to')), 'EACCES')
    })
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('the stats of an unreadable file are no secret', async env => {
    const { fs, at } = env
    await fs.writeFile(at('file'), 'seven..')
    await withMode(env, at('file'), 0o000, async () => {
      assert.equal((await fs.stat(at('file'))).size, 7)
    })
  })

  test('writing a read-only file is EACCES and keeps it', async env => {
    const { fs, at } = env
    await fs.writeFile(at('file'), 'kept')
    await withMode(env, at('file'), 0o444, async () => {
      await rejects(fs.writeFile(at('file'), 'x'), 'EACCES')
      await rejects(fs.appendFile(at('file'), 'x'), 'EACCES')
    })
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'kept')
  })

  test('changing a read-only folder is EACCES and changes nothing', async env => {
    const { fs, at } = env
    await fs.mkdir(at('folder', 'sub'), { recursive: true })
    await fs.writeFile(at('folder', 'file'), 'x')
    await withMode(env, at('folder'), 0o555, async () => {
      await rejects(fs.writeFile(at('folder', 'new'), 'x'), 'EACCES')
      await rejects(fs.mkdir(at('folder', 'new')), 'EACCES')
      await rejects(fs.mkdtemp(at('folder', 'new-')), 'EACCES')
      await rejects(fs.unlink(at('folder', 'file')), 'EACCES')
      await rejects(fs.rmdir(at('folder', 'sub')), 'EACCES')
      await rejects(fs.rename(at('folder', 'file'), at('folder', 'renamed')), 'EACCES')
      await rejects(fs.rename(at('folder', 'file'), at('moved')), 'EACCES')
      assert.deepEqual((await fs.readdir(at('folder'))).sort(), ['file', 'sub'])
    })
  })

  test('listing an unreadable folder is EACCES', async env => {
    const { fs, at } = env
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await withMode(env, at('folder'), 0o300, () =>
      rejects(fs.readdir(at('folder')), 'EACCES').then(() => undefined),
    )
  })

  test('what lies in a folder one may not enter is EACCES', async env => {
    const { fs, at } = env
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await withMode(env, at('folder'), 0o000, async () => {
      await rejects(fs.stat(at('folder', 'file')), 'EACCES')
      await rejects(fs.readFile(at('folder', 'file')), 'EACCES')
      await rejects(fs.writeFile(at('folder', 'file'), 'y'), 'EACCES')
      await rejects(fs.unlink(at('folder', 'file')), 'EACCES')
      await rejects(fs.readdir(at('folder')), 'EACCES')
    })
  })

  test('rm of a tree with an unremovable part is EACCES', async env => {
    const { fs, at } = env
    await fs.mkdir(at('tree', 'locked'), { recursive: true })
    await fs.writeFile(at('tree', 'locked', 'file'), 'x')
    await withMode(env, at('tree', 'locked'), 0o555, () =>
      rejects(fs.rm(at('tree'), { recursive: true }), 'EACCES').then(() => undefined),
    )
    assert.equal(await fs.readFile(at('tree', 'locked', 'file'), 'utf8'), 'x')
  })
})
