import assert from 'node:assert/strict'
import { bytes } from './bytes.js'
import { casesOf } from './case.js'
import { isAborted, rejection, rejects } from './expect.js'

export const appendFile = casesOf('appendFile', test => {
  test('makes a file that is not there', async ({ fs, at }) => {
    assert.equal(await fs.appendFile(at('new'), 'first'), undefined)
    assert.equal(await fs.readFile(at('new'), 'utf8'), 'first')
  })

  test('adds to the end of a file', async ({ fs, at }) => {
    await fs.writeFile(at('log'), 'one\n')
    await fs.appendFile(at('log'), 'two\n')
    await fs.appendFile(at('log'), 'three\n')
    assert.equal(await fs.readFile(at('log'), 'utf8'), 'one\ntwo\nthree\n')
  })

  test('takes a Buffer and a Uint8Array', async ({ fs, at }) => {
    await fs.appendFile(at('bytes'), Buffer.from([0, 13, 10, 255]))
    await fs.appendFile(at('bytes'), new Uint8Array([0xff, 0xf4, 0]))
    assert.deepEqual(await fs.readFile(at('bytes')), Buffer.from([0, 13, 10, 255, 0xff, 0xf4, 0]))
  })

  test('takes a string and its encoding', async ({ fs, at }) => {
    await fs.appendFile(at('encoded'), 'c3a9', 'hex')
    await fs.appendFile(at('encoded'), 'é', { encoding: 'latin1' })
    await fs.appendFile(at('encoded'), 'é')
    assert.deepEqual(await fs.readFile(at('encoded')), Buffer.from([0xc3, 0xa9, 0xe9, 0xc3, 0xa9]))
  })

  test('adding nothing keeps what is there', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'kept')
    await fs.appendFile(at('file'), '')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'kept')
  })

  test('adding nothing to a missing file makes an empty one', async ({ fs, at }) => {
    await fs.appendFile(at('new'), '')
    assert.equal((await fs.stat(at('new'))).size, 0)
  })

  test('adds many bytes whole', async ({ fs, at }) => {
    const [head, tail] = [bytes(70_000, 1), bytes(200_000, 2)]
    await fs.writeFile(at('big'), head)
    await fs.appendFile(at('big'), tail)
    assert.ok(Buffer.concat([head, tail]).equals(await fs.readFile(at('big'))))
  })

  test('a missing parent is ENOENT', async ({ fs, at }) => {
    await rejects(fs.appendFile(at('missing', 'file'), 'x'), 'ENOENT')
  })

  test('a file as parent is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.appendFile(at('file', 'below'), 'x'), 'ENOTDIR')
  })

  test('a folder is EISDIR', async ({ fs, dir }) => {
    await rejects(fs.appendFile(dir, 'x'), 'EISDIR')
  })

  test('a signal that is aborted already changes nothing', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'kept')
    const options = { signal: AbortSignal.abort() }
    isAborted(await rejection(fs.appendFile(at('file'), ' more', options as object)))
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'kept')
  })
})
