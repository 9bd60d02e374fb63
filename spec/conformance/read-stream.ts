import assert from 'node:assert/strict'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { bytes, MIB } from './bytes.js'
import { casesOf } from './case.js'
import { collect, refuses } from './streams.js'

/** What of a file a stream gives: the bytes, their range, their encoding. */
export const readStream = casesOf('createReadStream', test => {
  test('gives the bytes as Buffers', async ({ fs, at }) => {
    const data = Buffer.from([0, 10, 13, 13, 10, 26, 127, 128, 255, 255, 244])
    await fs.writeFile(at('file'), data)
    for await (const chunk of fs.createReadStream(at('file'))) assert.ok(Buffer.isBuffer(chunk))
    assert.deepEqual(await collect(fs.createReadStream(at('file'))), data)
  })

  test('3 MiB, byte for byte', async ({ fs, at, outside, out }) => {
    const data = bytes(3 * MIB)
    await outside.writeFile(out(at('big')), data)
    assert.ok(data.equals(await collect(fs.createReadStream(at('big')))))
  })

  test('an empty file gives nothing', async ({ fs, at }) => {
    await fs.writeFile(at('empty'), '')
    assert.equal((await collect(fs.createReadStream(at('empty')))).length, 0)
  })

  const ranges: [options: { start?: number; end?: number }, text: string][] = [
    [{ start: 0, end: 3 }, '0123'],
    [{ start: 2, end: 5 }, '2345'],
    [{ start: 4, end: 4 }, '4'],
    [{ start: 0, end: 0 }, '0'],
    [{ start: 7 }, '789'],
    [{ end: 2 }, '012'],
    [{ start: 9 }, '9'],
    [{ start: 8, end: 100 }, '89'],
    [{ start: 0, end: Infinity }, '0123456789'],
    [{ start: 10 }, ''],
    [{ start: 11 }, ''],
    [{ start: 1000, end: 2000 }, ''],
  ]
  for (const [options, text] of ranges) {
    test(`start ${options.start ?? '-'} end ${options.end ?? '-'} of ten bytes: '${text}'`, async ({
      fs,
      at,
    }) => {
      await fs.writeFile(at('file'), '0123456789')
      assert.equal((await collect(fs.createReadStream(at('file'), options))).toString(), text)
    })
  }

  test('a range of an empty file gives nothing', async ({ fs, at }) => {
    await fs.writeFile(at('empty'), '')
    assert.equal((await collect(fs.createReadStream(at('empty'), { start: 0, end: 5 }))).length, 0)
  })

  test('a range in the middle of 3 MiB', async ({ fs, at, outside, out }) => {
    const data = bytes(3 * MIB)
    await outside.writeFile(out(at('big')), data)
    const [start, end] = [1_000_003, 1_500_001]
    const range = await collect(fs.createReadStream(at('big'), { start, end }))
    assert.ok(data.subarray(start, end + 1).equals(range))
    assert.deepEqual(
      await collect(fs.createReadStream(at('big'), { start, end: start + 9 })),
      data.subarray(start, start + 10),
    )
  })

  test('an encoding gives strings, and keeps characters whole across chunks', async ({ fs, at }) => {
    const text = 'a€ß😀'.repeat(50)
    await fs.writeFile(at('text'), text)
    for (const options of ['utf8', { encoding: 'utf8', highWaterMark: 5 }] as const) {
      let read = ''
      for await (const chunk of fs.createReadStream(at('text'), options)) {
        assert.equal(typeof chunk, 'string')
        read += String(chunk)
      }
      assert.equal(read, text)
    }
  })

  test('encoding hex and base64 go on across chunks', async ({ fs, at }) => {
    const data = bytes(1000)
    await fs.writeFile(at('file'), data)
    for (const encoding of ['hex', 'base64'] as const) {
      let read = ''
      for await (const chunk of fs.createReadStream(at('file'), { encoding, highWaterMark: 7 }))
        read += String(chunk)
      assert.equal(read, data.toString(encoding))
    }
  })

  test('setEncoding after the fact', async ({ fs, at }) => {
    await fs.writeFile(at('text'), 'grüße')
    const stream = fs.createReadStream(at('text'))
    stream.setEncoding('utf8')
    let read = ''
    for await (const chunk of stream) read += String(chunk)
    assert.equal(read, 'grüße')
  })

  test('highWaterMark bounds the chunks', async ({ fs, at }) => {
    const data = bytes(10_000)
    await fs.writeFile(at('file'), data)
    const stream = fs.createReadStream(at('file'), { highWaterMark: 1000 })
    assert.equal(stream.readableHighWaterMark, 1000)
    const chunks: Buffer[] = []
    stream.on('data', chunk => chunks.push(chunk as Buffer))
    await once(stream, 'end')
    assert.ok(Math.max(...chunks.map(chunk => chunk.length)) <= 1000)
    assert.ok(data.equals(Buffer.concat(chunks)))
  })

  test('highWaterMark is 64 KiB by default', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const stream = fs.createReadStream(at('file'))
    assert.equal(stream.readableHighWaterMark, 64 * 1024)
    await collect(stream)
  })

  test('bytesRead counts what was read', async ({ fs, at }) => {
    await fs.writeFile(at('file'), bytes(100_000))
    const whole = fs.createReadStream(at('file'))
    assert.equal(whole.bytesRead, 0)
    await collect(whole)
    assert.equal(whole.bytesRead, 100_000)
    const range = fs.createReadStream(at('file'), { start: 10, end: 19, encoding: 'hex' })
    for await (const chunk of range) void chunk
    assert.equal(range.bytesRead, 10)
  })

  test('path is the path as it was given', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    for (const path of [at('file'), Buffer.from(at('file'))]) {
      const stream = fs.createReadStream(path)
      assert.deepEqual(stream.path, path)
      assert.equal((await collect(stream)).toString(), 'x')
    }
  })

  test('takes a file: URL', async ({ fs, at }) => {
    await fs.writeFile(at('a b'), 'x')
    const stream = fs.createReadStream(pathToFileURL(at('a b')))
    assert.equal(stream.path, at('a b'))
    assert.equal((await collect(stream)).toString(), 'x')
  })

  test('takes the flag r, and null for its options', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    assert.equal((await collect(fs.createReadStream(at('file'), { flags: 'r' }))).toString(), 'x')
    assert.equal((await collect(fs.createReadStream(at('file'), null as unknown as object))).toString(), 'x')
  })

  const invalid: [title: string, options: object, code: string][] = [
    ['start after end', { start: 3, end: 1 }, 'ERR_OUT_OF_RANGE'],
    ['a negative start', { start: -1 }, 'ERR_OUT_OF_RANGE'],
    ['a negative end', { end: -1 }, 'ERR_OUT_OF_RANGE'],
    ['a broken start', { start: 1.5 }, 'ERR_OUT_OF_RANGE'],
    ['a start that is a string', { start: '1' }, 'ERR_INVALID_ARG_TYPE'],
    ['an end that is a string', { end: '1' }, 'ERR_INVALID_ARG_TYPE'],
    ['an unknown encoding', { encoding: 'nonsense' }, 'ERR_INVALID_ARG_VALUE'],
    ['a highWaterMark that is a string', { highWaterMark: 'much' }, 'ERR_INVALID_ARG_VALUE'],
    ['a signal that is none', { signal: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ]
  for (const [title, options, code] of invalid) {
    test(`${title} throws ${code}`, async ({ fs, at }) => {
      await fs.writeFile(at('file'), 'x')
      refuses(() => fs.createReadStream(at('file'), options), code)
    })
  }
})
