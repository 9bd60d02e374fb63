import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import type { Stats, WriteStream } from 'node:fs'
import { bytes, MIB } from './bytes.js'
import { casesOf } from './case.js'
import { hasCode } from './expect.js'
import { closed, failureOf, record, refuses } from './streams.js'

/** Ends the stream with this data and waits for its finish. */
async function finish(stream: WriteStream, data?: string | Uint8Array): Promise<void> {
  const done = once(stream, 'finish')
  stream.end(data)
  await done
}

/** What a write stream makes of a file: its bytes, its flags, its encoding. */
export const writeStream = casesOf('createWriteStream', test => {
  test('writes what it is given, in order', async ({ fs, at, outside, out }) => {
    const stream = fs.createWriteStream(at('file'))
    stream.write('one ')
    stream.write(Buffer.from('two '))
    stream.write(new Uint8Array(Buffer.from('-three-')).subarray(1, 6))
    await finish(stream)
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'one two three')
  })

  test('at finish the file is whole', async ({ fs, at, outside, out }) => {
    const data = bytes(500_000)
    const stream = fs.createWriteStream(at('file'))
    const stats = new Promise<Stats>(resolve => {
      stream.on('finish', () => resolve(outside.stat(out(at('file')))))
    })
    stream.end(data)
    assert.equal((await stats).size, data.length)
    assert.ok(data.equals(await fs.readFile(at('file'))))
  })

  test('pipeline of 3 MiB, byte for byte', async ({ fs, at, outside, out }) => {
    const data = bytes(3 * MIB)
    const parts = Array.from({ length: 48 }, (_, i) => data.subarray(i * 65536, (i + 1) * 65536))
    await pipeline(Readable.from(parts), fs.createWriteStream(at('big')))
    assert.ok(data.equals(await outside.readFile(out(at('big')))))
  })

  test('a thousand small writes', async ({ fs, at, outside, out }) => {
    const stream = fs.createWriteStream(at('file'))
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}\n`)
    for (const line of lines) stream.write(line)
    await finish(stream)
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), lines.join(''))
  })

  test('corked writes', async ({ fs, at, outside, out }) => {
    const stream = fs.createWriteStream(at('file'))
    await new Promise(resolve => stream.write('a', resolve))
    stream.cork()
    for (const text of ['b', 'c', 'd']) stream.write(text)
    stream.uncork()
    await finish(stream)
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'abcd')
  })

  test('end without data makes an empty file', async ({ fs, at, outside, out }) => {
    await finish(fs.createWriteStream(at('file')))
    assert.equal((await outside.stat(out(at('file')))).size, 0)
  })

  test('end without data empties a file', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'old')
    await finish(fs.createWriteStream(at('file')))
    assert.equal((await outside.stat(out(at('file')))).size, 0)
  })

  test('flags w, the default, replaces', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'old and long')
    await finish(fs.createWriteStream(at('file')), 'new')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'new')
    await finish(fs.createWriteStream(at('file'), { flags: 'w' }), 'n')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'n')
  })

  test('flags wx makes a new file', async ({ fs, at, outside, out }) => {
    await finish(fs.createWriteStream(at('file'), { flags: 'wx' }), 'new')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'new')
  })

  for (const flags of ['wx', 'ax']) {
    test(`flags ${flags} onto a file is EEXIST and changes nothing`, async ({ fs, at, outside, out }) => {
      await fs.writeFile(at('file'), 'old')
      const stream = fs.createWriteStream(at('file'), { flags })
      const seen = record(stream, ['open', 'ready', 'finish', 'error', 'close'])
      stream.end('new')
      hasCode(await failureOf(stream), 'EEXIST')
      assert.deepEqual(seen, ['error', 'close'])
      assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'old')
    })
  }

  test('flags a adds to the end, and makes a new file', async ({ fs, at, outside, out }) => {
    await finish(fs.createWriteStream(at('file'), { flags: 'a' }), 'one ')
    await finish(fs.createWriteStream(at('file'), { flags: 'a' }), 'two')
    await finish(fs.createWriteStream(at('file'), { flags: 'a' }))
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'one two')
  })

  test('flags ax makes a new file', async ({ fs, at, outside, out }) => {
    await finish(fs.createWriteStream(at('file'), { flags: 'ax' }), 'new')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'new')
  })

  test('flags r+ writes over the head and keeps the rest', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'hello world')
    await finish(fs.createWriteStream(at('file'), { flags: 'r+' }), 'HE')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'HEllo world')
  })

  test('flags r+ and start write in the middle and keep the rest', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'hello world')
    await finish(fs.createWriteStream(at('file'), { flags: 'r+', start: 3 }), 'LO')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'helLO world')
  })

  test('flags r+ and start at the end add to it', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'hello')
    await finish(fs.createWriteStream(at('file'), { flags: 'r+', start: 5 }), ' world')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'hello world')
  })

  test('flags r+ and start write past the end', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'hello')
    await finish(fs.createWriteStream(at('file'), { flags: 'r+', start: 3 }), 'p, world')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'help, world')
  })

  test('flags r+ and start beyond the end leave zeros between', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'hello')
    await finish(fs.createWriteStream(at('file'), { flags: 'r+', start: 8 }), 'world')
    assert.deepEqual(await outside.readFile(out(at('file'))), Buffer.from('hello\0\0\0world'))
  })

  test('flags r+ and no data change nothing', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'hello')
    await finish(fs.createWriteStream(at('file'), { flags: 'r+' }))
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'hello')
  })

  test('flags r+ of 300,000 bytes in the middle of more', async ({ fs, at, outside, out }) => {
    const [old, patch] = [bytes(MIB, 1), bytes(300_000, 2)]
    await fs.writeFile(at('file'), old)
    await finish(fs.createWriteStream(at('file'), { flags: 'r+', start: 123_457 }), patch)
    const expected = Buffer.from(old)
    patch.copy(expected, 123_457)
    assert.ok(expected.equals(await outside.readFile(out(at('file')))))
  })

  test('flags r+ of a missing file is ENOENT and makes nothing', async ({ fs, at, dir }) => {
    const stream = fs.createWriteStream(at('missing'), { flags: 'r+' })
    stream.end('x')
    hasCode(await failureOf(stream), 'ENOENT')
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('flags w and start leave zeros before', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'old and long')
    await finish(fs.createWriteStream(at('file'), { start: 3 }), 'abc')
    assert.deepEqual(await outside.readFile(out(at('file'))), Buffer.from('\0\0\0abc'))
  })

  test('start 0 is as no start', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'old and long')
    await finish(fs.createWriteStream(at('file'), { start: 0 }), 'new')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'new')
  })

  test('encoding is how strings become bytes', async ({ fs, at, outside, out }) => {
    await finish(fs.createWriteStream(at('option'), { encoding: 'hex' }), '616263')
    await finish(fs.createWriteStream(at('string'), 'latin1'), 'é')
    const stream = fs.createWriteStream(at('each'))
    stream.write('c3a9', 'hex')
    stream.write('é', 'latin1')
    stream.write('é')
    await finish(stream)
    assert.equal(await outside.readFile(out(at('option')), 'utf8'), 'abc')
    assert.deepEqual(await outside.readFile(out(at('string'))), Buffer.from([0xe9]))
    assert.deepEqual(await outside.readFile(out(at('each'))), Buffer.from([0xc3, 0xa9, 0xe9, 0xc3, 0xa9]))
  })

  test('highWaterMark is where write says stop, and drain says go on', async ({ fs, at, outside, out }) => {
    const stream = fs.createWriteStream(at('file'), { highWaterMark: 10 })
    assert.equal(stream.writableHighWaterMark, 10)
    assert.equal(stream.write('123456789012'), false)
    await once(stream, 'drain')
    assert.equal(stream.write('3'), true)
    await finish(stream)
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), '1234567890123')
  })

  test('bytesWritten counts bytes, not characters', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('file'))
    assert.equal(stream.bytesWritten, 0)
    await finish(stream, 'grüße')
    assert.equal(stream.bytesWritten, 7)
    await closed(stream)
    const adding = fs.createWriteStream(at('file'), { flags: 'a' })
    await finish(adding, Buffer.alloc(1000))
    assert.equal(adding.bytesWritten, 1000)
  })

  test('path is the path as it was given', async ({ fs, at, outside, out }) => {
    for (const path of [at('string'), Buffer.from(at('buffer'))]) {
      const stream = fs.createWriteStream(path)
      assert.deepEqual(stream.path, path)
      await finish(stream, 'x')
    }
    assert.equal(await outside.readFile(out(at('buffer')), 'utf8'), 'x')
  })

  test('takes a file: URL', async ({ fs, at, outside, out }) => {
    const stream = fs.createWriteStream(pathToFileURL(at('a b')))
    assert.equal(stream.path, at('a b'))
    await finish(stream, 'x')
    assert.equal(await outside.readFile(out(at('a b')), 'utf8'), 'x')
  })

  test('flush true', async ({ fs, at, outside, out }) => {
    await finish(fs.createWriteStream(at('file'), { flush: true }), 'x')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'x')
  })

  const invalid: [title: string, options: object, code: string][] = [
    ['a negative start', { start: -1 }, 'ERR_OUT_OF_RANGE'],
    ['a broken start', { start: 1.5 }, 'ERR_OUT_OF_RANGE'],
    ['a start that is a string', { start: '1' }, 'ERR_INVALID_ARG_TYPE'],
    ['an unknown encoding', { encoding: 'nonsense' }, 'ERR_INVALID_ARG_VALUE'],
    ['a highWaterMark that is a string', { highWaterMark: 'much' }, 'ERR_INVALID_ARG_VALUE'],
    ['a signal that is none', { signal: 1 }, 'ERR_INVALID_ARG_TYPE'],
    ['a flush that is a string', { flush: 'yes' }, 'ERR_INVALID_ARG_TYPE'],
  ]
  for (const [title, options, code] of invalid) {
    test(`${title} throws ${code} and makes nothing`, async ({ fs, at, dir }) => {
      refuses(() => fs.createWriteStream(at('file'), options), code)
      assert.deepEqual(await fs.readdir(dir), [])
    })
  }

  test('unknown flags are ERR_INVALID_ARG_VALUE', async ({ fs, at }) => {
    const make = async (): Promise<void> => {
      const stream = fs.createWriteStream(at('file'), { flags: 'nonsense' })
      stream.end('x')
      throw await failureOf(stream)
    }
    await assert.rejects(make, { code: 'ERR_INVALID_ARG_VALUE' })
  })
})
