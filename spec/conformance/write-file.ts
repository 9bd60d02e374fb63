import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { bytes, MIB } from './bytes.js'
import { casesOf } from './case.js'
import { isAborted, rejection, rejects } from './expect.js'

export const writeFile = casesOf('writeFile', test => {
  test('a string', async ({ fs, at, outside, out }) => {
    assert.equal(await fs.writeFile(at('file'), 'grüße €\r\n'), undefined)
    assert.deepEqual(await outside.readFile(out(at('file'))), Buffer.from('grüße €\r\n'))
  })

  test('a string and its encoding', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('hex'), '00ff0d0a', 'hex')
    await fs.writeFile(at('latin1'), 'é', { encoding: 'latin1' })
    await fs.writeFile(at('utf16le'), 'é', 'utf16le')
    await fs.writeFile(at('null'), 'é', null)
    assert.deepEqual(await outside.readFile(out(at('hex'))), Buffer.from([0, 255, 13, 10]))
    assert.deepEqual(await outside.readFile(out(at('latin1'))), Buffer.from([0xe9]))
    assert.deepEqual(await outside.readFile(out(at('utf16le'))), Buffer.from([0xe9, 0]))
    assert.deepEqual(await outside.readFile(out(at('null'))), Buffer.from('é'))
  })

  test('a Buffer of every byte', async ({ fs, at, outside, out }) => {
    const data = Buffer.from(Array.from({ length: 512 }, (_, i) => i & 255))
    await fs.writeFile(at('file'), data)
    assert.deepEqual(await outside.readFile(out(at('file'))), data)
  })

  test('typed arrays and a DataView: the bytes they show, no others', async ({ fs, at, outside, out }) => {
    const { buffer } = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])
    const views = {
      Uint8Array: new Uint8Array(buffer, 1, 3),
      Uint16Array: new Uint16Array(buffer, 2, 2),
      Float64Array: new Float64Array(buffer),
      DataView: new DataView(buffer, 3, 4),
    }
    for (const [name, view] of Object.entries(views)) await fs.writeFile(at(name), view)
    assert.deepEqual(await outside.readFile(out(at('Uint8Array'))), Buffer.from([2, 3, 4]))
    assert.deepEqual(await outside.readFile(out(at('Uint16Array'))), Buffer.from([3, 4, 5, 6]))
    assert.deepEqual(await outside.readFile(out(at('Float64Array'))), Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]))
    assert.deepEqual(await outside.readFile(out(at('DataView'))), Buffer.from([4, 5, 6, 7]))
  })

  test('an iterable of strings and of bytes', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('array'), ['one,', 'two,', 'three'])
    await fs.writeFile(at('set'), new Set([Buffer.from('a'), new Uint8Array([98, 99])]))
    await fs.writeFile(
      at('generator'),
      (function* () {
        yield 'é'
        yield Buffer.from([0])
      })(),
    )
    assert.equal(await outside.readFile(out(at('array')), 'utf8'), 'one,two,three')
    assert.equal(await outside.readFile(out(at('set')), 'utf8'), 'abc')
    assert.deepEqual(await outside.readFile(out(at('generator'))), Buffer.from('é\0'))
  })

  test('the encoding counts for the strings of an iterable', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), ['6162', '63'], 'hex')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'abc')
  })

  test('an empty iterable makes an empty file', async ({ fs, at }) => {
    await fs.writeFile(at('file'), [])
    assert.equal((await fs.stat(at('file'))).size, 0)
  })

  test('an async iterable that takes its time', async ({ fs, at, outside, out }) => {
    await fs.writeFile(
      at('file'),
      (async function* () {
        for (const part of ['one ', 'two ', 'three']) {
          await new Promise(setImmediate)
          yield part
        }
      })(),
    )
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'one two three')
  })

  test('a stream', async ({ fs, at, outside, out }) => {
    const parts = [bytes(100_000, 1), bytes(200_000, 2)]
    await fs.writeFile(at('file'), Readable.from(parts))
    assert.ok(Buffer.concat(parts).equals(await outside.readFile(out(at('file')))))
  })

  test('a read stream of the same fs', async ({ fs, at, outside, out }) => {
    const data = bytes(300_000)
    await fs.writeFile(at('from'), data)
    await fs.writeFile(at('to'), fs.createReadStream(at('from')))
    assert.ok(data.equals(await outside.readFile(out(at('to')))))
  })

  test('an async iterable that asks the same fs', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('a'), 'A')
    await fs.writeFile(at('b'), 'B')
    await fs.writeFile(
      at('both'),
      (async function* () {
        for (const name of ['a', 'b']) yield await fs.readFile(at(name))
      })(),
    )
    assert.equal(await outside.readFile(out(at('both')), 'utf8'), 'AB')
  })

  test('nothing at all makes an empty file', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('string'), '')
    await fs.writeFile(at('buffer'), Buffer.alloc(0))
    assert.equal((await outside.stat(out(at('string')))).size, 0)
    assert.equal((await outside.stat(out(at('buffer')))).size, 0)
  })

  test('3 MiB, byte for byte', async ({ fs, at, outside, out }) => {
    const data = bytes(3 * MIB)
    await fs.writeFile(at('big'), data)
    assert.ok(data.equals(await outside.readFile(out(at('big')))))
  })

  test('a longer file is replaced, not patched', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'something long')
    await fs.writeFile(at('file'), 'short')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'short')
    await fs.writeFile(at('file'), '')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), '')
  })

  test('flag w replaces', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'old and long', { flag: 'w' })
    await fs.writeFile(at('file'), 'new', { flag: 'w' })
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'new')
  })

  test('flag wx makes a new file', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'new', { flag: 'wx' })
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'new')
  })

  test('flag wx onto a file or a folder is EEXIST and changes nothing', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'old')
    await fs.mkdir(at('folder'))
    await rejects(fs.writeFile(at('file'), 'new', { flag: 'wx' }), 'EEXIST')
    await rejects(fs.writeFile(at('folder'), 'new', { flag: 'wx' }), 'EEXIST')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'old')
  })

  test('flag a adds to the end, and makes a new file', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'one ', { flag: 'a' })
    await fs.writeFile(at('file'), 'two', { flag: 'a' })
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'one two')
  })

  test('flag ax makes a new file, and onto a file is EEXIST', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'one', { flag: 'ax' })
    await rejects(fs.writeFile(at('file'), 'two', { flag: 'ax' }), 'EEXIST')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'one')
  })

  test('an unknown flag is ERR_INVALID_ARG_VALUE and makes nothing', async ({ fs, at, dir }) => {
    await rejects(fs.writeFile(at('file'), 'x', { flag: 'nonsense' }), 'ERR_INVALID_ARG_VALUE')
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('an unknown encoding is ERR_INVALID_ARG_VALUE', async ({ fs, at }) => {
    await rejects(fs.writeFile(at('file'), 'x', 'nonsense' as 'utf8'), 'ERR_INVALID_ARG_VALUE')
  })

  test('data of another type is ERR_INVALID_ARG_TYPE and makes nothing', async ({ fs, at, dir }) => {
    for (const data of [1, true, null, undefined, {}, Symbol('data')]) {
      await rejects(fs.writeFile(at('file'), data as string), 'ERR_INVALID_ARG_TYPE')
    }
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a missing parent is ENOENT', async ({ fs, at }) => {
    await rejects(fs.writeFile(at('missing', 'file'), 'x'), 'ENOENT')
    await rejects(fs.writeFile(at('missing', 'file'), ''), 'ENOENT')
    await rejects(fs.writeFile(at('missing', 'file'), 'x', { flag: 'wx' }), 'ENOENT')
  })

  test('a file as parent is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.writeFile(at('file', 'below'), 'x'), 'ENOTDIR')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('a folder is EISDIR', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await rejects(fs.writeFile(at('folder'), 'x'), 'EISDIR')
    assert.deepEqual(await fs.readdir(at('folder')), [])
  })

  test('a path that ends with a slash is EISDIR', async ({ fs, at, dir }) => {
    await rejects(fs.writeFile(at('new') + '/', 'x'), 'EISDIR')
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('through a link, into the file behind it', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'old')
    await outside.symlink('file', out(at('link')))
    await fs.writeFile(at('link'), 'new')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'new')
    assert.ok((await outside.lstat(out(at('link')))).isSymbolicLink())
  })

  test('a signal that is aborted already makes nothing', async ({ fs, at, dir }) => {
    isAborted(await rejection(fs.writeFile(at('file'), 'x', { signal: AbortSignal.abort() })))
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a signal that aborts between two parts of the data', async ({ fs, at }) => {
    const controller = new AbortController()
    const { signal } = controller
    async function* source(): AsyncGenerator<string> {
      yield 'one'
      controller.abort()
      yield 'two'
    }
    isAborted(await rejection(fs.writeFile(at('file'), source(), { signal })))
    await fs.writeFile(at('other'), 'the fs goes on')
  })

  test('a signal that aborts on the way of a big Buffer', async ({ fs, at }) => {
    const controller = new AbortController()
    const writing = rejection(fs.writeFile(at('big'), bytes(3 * MIB), { signal: controller.signal }))
    controller.abort()
    isAborted(await writing)
    await fs.writeFile(at('other'), 'the fs goes on')
  })

  test('a source that throws midway rejects with that very error', async ({ fs, at }) => {
    const broken = new Error('the source broke')
    const source = (async function* () {
      yield bytes(100_000)
      throw broken
    })()
    assert.equal(await rejection(fs.writeFile(at('file'), source)), broken)
    await fs.writeFile(at('other'), 'the fs goes on')
  })

  test('a source that throws at once rejects with that very error', async ({ fs, at }) => {
    const broken = new Error('the source broke')
    const source: Iterable<string> = {
      [Symbol.iterator]: () => ({
        next: () => {
          throw broken
        },
      }),
    }
    assert.equal(await rejection(fs.writeFile(at('file'), source)), broken)
  })

  test('a stream that is destroyed midway rejects with its error', async ({ fs, at }) => {
    const broken = new Error('the stream broke')
    let reads = 0
    const source = new Readable({
      read() {
        if (reads++ === 0) this.push(bytes(1000))
        else this.destroy(broken)
      },
    })
    assert.equal(await rejection(fs.writeFile(at('file'), source)), broken)
  })

  test('a failed write closes the generator it read from', async ({ fs, at }) => {
    let closed = false
    function* source(): Generator<string> {
      try {
        for (;;) yield 'x'.repeat(1000)
      } finally {
        closed = true
      }
    }
    const controller = new AbortController()
    const counting = (async function* () {
      let parts = 0
      for (const part of source()) {
        if (++parts === 3) controller.abort()
        yield part
      }
    })()
    isAborted(await rejection(fs.writeFile(at('file'), counting, { signal: controller.signal })))
    assert.ok(closed)
  })
})
