import assert from 'node:assert/strict'
import { constants } from 'node:fs'
import { casesOf, type Env } from './case.js'
import { rejects } from './expect.js'

/** What is left of a file that held `0123456789` when it is opened with these flags, `ab` is written, and it is closed. */
async function written({ fs, at, outside, out }: Env, flags: string | number): Promise<string> {
  await fs.writeFile(at('file'), '0123456789')
  const handle = await fs.open(at('file'), flags)
  try {
    await handle.write('ab')
  } finally {
    await handle.close()
  }
  return outside.readFile(out(at('file')), 'utf8')
}

export const open = casesOf('open', test => {
  const { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY } = constants
  const results: [flags: string | number, title: string, left: string][] = [
    ['r+', 'r+', 'ab23456789'],
    ['rs+', 'rs+', 'ab23456789'],
    ['w', 'w', 'ab'],
    ['w+', 'w+', 'ab'],
    ['a', 'a', '0123456789ab'],
    ['as+', 'as+', '0123456789ab'],
    [O_WRONLY, 'O_WRONLY', 'ab23456789'],
    [O_RDWR | O_CREAT, 'O_RDWR | O_CREAT', 'ab23456789'],
    [O_WRONLY | O_TRUNC, 'O_WRONLY | O_TRUNC', 'ab'],
    [O_RDWR | O_APPEND, 'O_RDWR | O_APPEND', '0123456789ab'],
  ]
  for (const [flags, title, left] of results) {
    test(`${title} of a file, and two bytes are written`, async env => {
      assert.equal(await written(env, flags), left)
    })
  }

  test('w, w+, a, a+, wx and ax make a file, which is empty', async ({ fs, at, dir, outside, out }) => {
    const all = ['w', 'w+', 'a', 'a+', 'wx', 'ax+']
    await Promise.all(all.map(async flags => (await fs.open(at(flags), flags)).close()))
    assert.deepEqual((await outside.readdir(out(dir))).sort(), all.sort())
    assert.equal((await fs.stat(at('wx'))).size, 0)
  })

  test('r, r+ and O_WRONLY of a missing file are ENOENT, and make nothing', async ({ fs, at, dir }) => {
    for (const flags of ['r', 'r+', O_WRONLY]) {
      const error = await rejects(fs.open(at('missing'), flags), 'ENOENT')
      assert.equal(error.syscall, 'open')
      assert.equal(error.path, at('missing'))
    }
    await rejects(fs.open(at('missing', 'file'), 'w'), 'ENOENT')
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('wx: the file is there at once, and what others put there before the first write stays', async ({
    fs,
    at,
  }) => {
    await fs.writeFile(at('original'), '0123456789')
    const handle = await fs.open(at('swap'), 'wx')
    await rejects(fs.open(at('swap'), 'wx'), 'EEXIST')
    assert.equal((await fs.stat(at('swap'))).size, 0)
    await fs.copyFile(at('original'), at('swap'))
    await handle.write('AB', 2)
    await handle.close()
    assert.equal(await fs.readFile(at('swap'), 'utf8'), '01AB456789')
  })

  test('wx, wx+, ax and O_CREAT | O_EXCL of a file are EEXIST, and change nothing', async env => {
    for (const flags of ['wx', 'wx+', 'ax', O_WRONLY | O_CREAT | O_EXCL]) {
      await rejects(written(env, flags), 'EEXIST')
    }
    assert.equal(await env.outside.readFile(env.out(env.at('file')), 'utf8'), '0123456789')
  })

  test('a file as parent is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.open(at('file', 'below'), 'r'), 'ENOTDIR')
    await rejects(fs.open(at('file', 'below'), 'w'), 'ENOTDIR')
  })

  test('a folder can be opened for reading, and stat says so; reading it is EISDIR', async ({ fs, dir }) => {
    const handle = await fs.open(dir)
    assert.equal((await handle.stat()).isDirectory(), true)
    assert.equal((await rejects(handle.read(), 'EISDIR')).path, undefined)
    await handle.close()
  })

  test('a folder opened for writing is EISDIR', async ({ fs, dir }) => {
    for (const flags of ['r+', 'w', 'a']) await rejects(fs.open(dir, flags), 'EISDIR')
  })

  test('flags and modes that are none', async ({ fs, at, dir }) => {
    await rejects(fs.open(at('file'), 'rw'), 'ERR_INVALID_ARG_VALUE')
    await rejects(fs.open(at('file'), 1.5), 'ERR_OUT_OF_RANGE')
    await rejects(fs.open(at('file'), 'w', 'rw'), 'ERR_INVALID_ARG_VALUE')
    await rejects(fs.open(at('file'), 'w', -1), 'ERR_OUT_OF_RANGE')
    await rejects(fs.open(null as never), 'ERR_INVALID_ARG_TYPE')
    assert.deepEqual(await fs.readdir(dir), [])
  })
})
