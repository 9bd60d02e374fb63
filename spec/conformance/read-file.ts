import assert from 'node:assert/strict'
import { bytes, MIB } from './bytes.js'
import { casesOf } from './case.js'
import { isAborted, rejection, rejects } from './expect.js'

export const readFile = casesOf('readFile', test => {
  test('gives a Buffer of the bytes', async ({ fs, at }) => {
    const data = Buffer.from([0, 10, 13, 13, 10, 26, 127, 128, 255, 255, 244])
    await fs.writeFile(at('file'), data)
    const read = await fs.readFile(at('file'))
    assert.ok(Buffer.isBuffer(read))
    assert.deepEqual(read, data)
    assert.deepEqual(await fs.readFile(at('file'), null), data)
    assert.deepEqual(await fs.readFile(at('file'), {}), data)
  })

  test('gives a string when an encoding is named', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'grüße €')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'grüße €')
    assert.equal(await fs.readFile(at('file'), { encoding: 'utf8' }), 'grüße €')
    assert.equal(await fs.readFile(at('file'), 'hex'), Buffer.from('grüße €').toString('hex'))
    assert.equal(await fs.readFile(at('file'), 'base64'), Buffer.from('grüße €').toString('base64'))
    assert.equal(
      await fs.readFile(at('file'), { encoding: 'latin1' }),
      Buffer.from('grüße €').toString('latin1'),
    )
  })

  test('keeps line ends and a byte order mark', async ({ fs, at }) => {
    await fs.writeFile(at('file'), '\ufeffone\r\ntwo\nthree\r')
    assert.equal(await fs.readFile(at('file'), 'utf8'), '\ufeffone\r\ntwo\nthree\r')
  })

  test('an empty file', async ({ fs, at }) => {
    await fs.writeFile(at('empty'), '')
    assert.deepEqual(await fs.readFile(at('empty')), Buffer.alloc(0))
    assert.equal(await fs.readFile(at('empty'), 'utf8'), '')
  })

  test('3 MiB, byte for byte', async ({ fs, at, outside, out }) => {
    const data = bytes(3 * MIB)
    await outside.writeFile(out(at('big')), data)
    assert.ok(data.equals(await fs.readFile(at('big'))))
  })

  test('multi-byte characters of a long text stay whole', async ({ fs, at }) => {
    const text = '€ß😀x'.repeat(60_000)
    await fs.writeFile(at('text'), text)
    assert.ok((await fs.readFile(at('text'), 'utf8')) === text)
  })

  test('takes the flag r', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    assert.equal(await fs.readFile(at('file'), { encoding: 'utf8', flag: 'r' }), 'x')
  })

  test('sees what was written last', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'old')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'old')
    await outside.writeFile(out(at('file')), 'newer')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'newer')
  })

  test('a file behind a link', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'x')
    await outside.symlink('file', out(at('link')))
    assert.equal(await fs.readFile(at('link'), 'utf8'), 'x')
  })

  test('a missing file is ENOENT', async ({ fs, at }) => {
    await rejects(fs.readFile(at('missing')), 'ENOENT')
    await rejects(fs.readFile(at('missing'), 'utf8'), 'ENOENT')
    await rejects(fs.readFile(at('missing', 'file')), 'ENOENT')
  })

  test('a file on the way is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.readFile(at('file', 'below')), 'ENOTDIR')
  })

  test('a folder is EISDIR', async ({ fs, dir }) => {
    await rejects(fs.readFile(dir), 'EISDIR')
  })

  test('a signal that is aborted already', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    isAborted(await rejection(fs.readFile(at('file'), { signal: AbortSignal.abort() })))
  })

  test('a signal that aborts on the way, and the fs goes on', async ({ fs, at }) => {
    const data = bytes(3 * MIB)
    await fs.writeFile(at('big'), data)
    const controller = new AbortController()
    const reading = rejection(fs.readFile(at('big'), { signal: controller.signal }))
    controller.abort()
    isAborted(await reading)
    assert.ok(data.equals(await fs.readFile(at('big'))))
  })

  test('the reason of the abort is the cause of the error', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const reason = new Error('enough')
    const error = await rejection(fs.readFile(at('file'), { signal: AbortSignal.abort(reason) }))
    isAborted(error)
    assert.equal(error.cause, reason)
  })

  test('a signal that never aborts changes nothing', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const { signal } = new AbortController()
    assert.equal(await fs.readFile(at('file'), { encoding: 'utf8', signal }), 'x')
  })

  test('an unknown encoding is ERR_INVALID_ARG_VALUE', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.readFile(at('file'), 'nonsense' as 'utf8'), 'ERR_INVALID_ARG_VALUE')
    await rejects(fs.readFile(at('file'), { encoding: 'nonsense' as 'utf8' }), 'ERR_INVALID_ARG_VALUE')
  })

  test('an unknown flag is ERR_INVALID_ARG_VALUE', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.readFile(at('file'), { flag: 'nonsense' }), 'ERR_INVALID_ARG_VALUE')
  })
})
