import assert from 'node:assert/strict'
import { casesOf } from './case.js'
import { rejects } from './expect.js'
import { refuses } from './streams.js'

/** What a path on an FTP server is beyond a path of Node. */
export const ftpPaths = casesOf('FTP paths', test => {
  for (const [title, char] of [
    ['CR', '\r'],
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['NUL', '\0'],
  ] as const) {
    test(`${title} is ERR_INVALID_ARG_VALUE, and nothing happens`, async ({ fs, at, dir, outside, out }) => {
      await fs.writeFile(at('file'), 'kept')
      const path = at(`file${char}DELE ${at('file')}`)
      for (const given of [path, Buffer.from(path), at(`folder${char}`, 'file')]) {
        await rejects(fs.writeFile(given, 'x'), 'ERR_INVALID_ARG_VALUE')
        await rejects(fs.readFile(given), 'ERR_INVALID_ARG_VALUE')
        await rejects(fs.stat(given), 'ERR_INVALID_ARG_VALUE')
        await rejects(fs.mkdir(given), 'ERR_INVALID_ARG_VALUE')
        await rejects(fs.mkdir(given, { recursive: true }), 'ERR_INVALID_ARG_VALUE')
        await rejects(fs.readdir(given), 'ERR_INVALID_ARG_VALUE')
        await rejects(fs.unlink(given), 'ERR_INVALID_ARG_VALUE')
        await rejects(fs.rm(given, { recursive: true, force: true }), 'ERR_INVALID_ARG_VALUE')
        await rejects(fs.rename(given, at('new')), 'ERR_INVALID_ARG_VALUE')
        await rejects(fs.rename(at('file'), given), 'ERR_INVALID_ARG_VALUE')
        await rejects(fs.copyFile(at('file'), given), 'ERR_INVALID_ARG_VALUE')
        refuses(() => fs.createReadStream(given), 'ERR_INVALID_ARG_VALUE')
        refuses(() => fs.createWriteStream(given), 'ERR_INVALID_ARG_VALUE')
      }
      await rejects(fs.mkdtemp(at(`prefix${char}`)), 'ERR_INVALID_ARG_VALUE')
      assert.deepEqual(await outside.readdir(out(dir)), ['file'])
      assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'kept')
    })
  }

  test('.. stops at the root', async ({ fs, dir, at, outside, out }) => {
    const up = '/..'.repeat(dir.split('/').length + 3)
    assert.deepEqual((await fs.readdir(dir + up)).sort(), (await fs.readdir('/')).sort())
    await fs.writeFile(dir + up + at('file'), 'x')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'x')
    assert.equal(await fs.readFile(Buffer.from(`/..${at('file')}`), 'utf8'), 'x')
    assert.equal(await fs.realpath(dir + up), '/')
  })

  test('a path without a leading slash begins at the root', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file').slice(1), 'x')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'x')
    assert.equal(await fs.readFile(`../${at('file').slice(1)}`, 'utf8'), 'x')
  })

  test('a file: URL begins at the root', async ({ fs, at, outside, out }) => {
    await fs.writeFile(new URL(`file://${at('file')}`), 'x')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'x')
  })
})
