import assert from 'node:assert/strict'
import { casesOf } from './case.js'
import { rejects } from './expect.js'

export const makeDirectory = casesOf('mkdir', test => {
  test('makes a folder', async ({ fs, at }) => {
    assert.equal(await fs.mkdir(at('new')), undefined)
    assert.ok((await fs.stat(at('new'))).isDirectory())
    assert.deepEqual(await fs.readdir(at('new')), [])
  })

  test('takes a path that ends with a slash', async ({ fs, at }) => {
    await fs.mkdir(at('new') + '/')
    assert.ok((await fs.stat(at('new'))).isDirectory())
  })

  test('takes a mode', async ({ fs, at }) => {
    await fs.mkdir(at('octal'), 0o755)
    await fs.mkdir(at('option'), { mode: 0o755 })
    assert.ok((await fs.stat(at('octal'))).isDirectory())
    assert.ok((await fs.stat(at('option'))).isDirectory())
  })

  test('onto a folder is EEXIST', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await rejects(fs.mkdir(at('folder')), 'EEXIST')
  })

  test('onto a folder that holds something is EEXIST and keeps it', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await rejects(fs.mkdir(at('folder')), 'EEXIST')
    assert.deepEqual(await fs.readdir(at('folder')), ['file'])
  })

  test('onto a file is EEXIST', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.mkdir(at('file')), 'EEXIST')
  })

  test('a missing parent is ENOENT and makes nothing', async ({ fs, at, dir }) => {
    await rejects(fs.mkdir(at('missing', 'new')), 'ENOENT')
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a file as parent is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.mkdir(at('file', 'below')), 'ENOTDIR')
  })

  test('recursive returns the first folder it made', async ({ fs, at }) => {
    assert.equal(await fs.mkdir(at('a', 'b', 'c'), { recursive: true }), at('a'))
    assert.ok((await fs.stat(at('a', 'b', 'c'))).isDirectory())
    assert.equal(await fs.mkdir(at('a', 'b', 'd', 'e'), { recursive: true }), at('a', 'b', 'd'))
    assert.ok((await fs.stat(at('a', 'b', 'd', 'e'))).isDirectory())
  })

  test('recursive returns a path that one can go on with', async ({ fs, at }) => {
    assert.equal(await fs.mkdir(at('a', 'b') + '/', { recursive: true }), at('a'))
    assert.equal(await fs.mkdir(at('c', '.', 'd', '..', 'e'), { recursive: true }), at('c'))
    assert.deepEqual((await fs.readdir(at('c'))).includes('e'), true)
  })

  test('recursive of one folder returns it', async ({ fs, at }) => {
    assert.equal(await fs.mkdir(at('one'), { recursive: true }), at('one'))
  })

  test('recursive onto a folder returns undefined', async ({ fs, at }) => {
    await fs.mkdir(at('a', 'b'), { recursive: true })
    assert.equal(await fs.mkdir(at('a', 'b'), { recursive: true }), undefined)
    assert.equal(await fs.mkdir(at('a'), { recursive: true }), undefined)
  })

  test('recursive onto a file is EEXIST', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.mkdir(at('file'), { recursive: true }), 'EEXIST')
  })

  test('recursive through a file is ENOTDIR and keeps it', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.mkdir(at('file', 'a'), { recursive: true }), 'ENOTDIR')
    await rejects(fs.mkdir(at('file', 'a', 'b', 'c'), { recursive: true }), 'ENOTDIR')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('recursive twenty levels down', async ({ fs, at }) => {
    const levels = Array.from({ length: 20 }, (_, level) => `level ${level}`)
    assert.equal(await fs.mkdir(at(...levels), { recursive: true }), at('level 0'))
    assert.ok((await fs.stat(at(...levels))).isDirectory())
  })

  test('mkdtemp makes a new folder whose name begins with the prefix', async ({ fs, at, dir }) => {
    const [one, two] = [await fs.mkdtemp(at('prefix-')), await fs.mkdtemp(at('prefix-'))]
    for (const made of [one, two]) {
      assert.match(made.slice(dir.length), /^\/prefix-[A-Za-z0-9]{6}$/)
      assert.deepEqual(await fs.readdir(made), [])
    }
    assert.notEqual(one, two)
  })

  test('mkdtemp of a folder and a slash makes one in it', async ({ fs, dir }) => {
    const made = await fs.mkdtemp(dir + '/')
    assert.match(made.slice(dir.length), /^\/[A-Za-z0-9]{6}$/)
    assert.ok((await fs.stat(made)).isDirectory())
  })

  test('mkdtemp with encoding buffer returns a Buffer', async ({ fs, at }) => {
    const made = await fs.mkdtemp(at('prefix-'), 'buffer')
    assert.ok(Buffer.isBuffer(made))
    assert.ok((await fs.stat(made)).isDirectory())
    assert.ok(Buffer.isBuffer(await fs.mkdtemp(at('prefix-'), { encoding: 'buffer' })))
  })

  test('mkdtemp in a missing folder is ENOENT', async ({ fs, at }) => {
    await rejects(fs.mkdtemp(at('missing', 'prefix-')), 'ENOENT')
  })

  test('mkdtemp below a file is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.mkdtemp(at('file', 'prefix-')), 'ENOTDIR')
  })
})
