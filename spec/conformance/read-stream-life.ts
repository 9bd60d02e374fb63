import assert from 'node:assert/strict'
import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { bytes, MIB } from './bytes.js'
import { casesOf } from './case.js'
import { hasCode, isAborted, rejection, rejects } from './expect.js'
import { closed, collect, failureOf, firstChunk, record, someTurns, until } from './streams.js'

const EVENTS = ['open', 'ready', 'data', 'end', 'error', 'close']

/** How a read stream begins and ends: events, errors, signals, and what else may go on meanwhile. */
export const readStreamLife = casesOf('createReadStream', test => {
  test('events: open, ready, data, end, close', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const stream = fs.createReadStream(at('file'))
    const seen = record(stream, EVENTS)
    await closed(stream)
    assert.deepEqual(seen, ['open', 'ready', 'data', 'end', 'close'])
  })

  test('events of an empty file: open, ready, end, close', async ({ fs, at }) => {
    await fs.writeFile(at('empty'), '')
    const stream = fs.createReadStream(at('empty'))
    const seen = record(stream, EVENTS)
    await closed(stream)
    assert.deepEqual(seen, ['open', 'ready', 'end', 'close'])
  })

  test('opens before anybody reads; pending says so', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const stream = fs.createReadStream(at('file'))
    assert.equal(stream.pending, true)
    await once(stream, 'ready')
    assert.equal(stream.pending, false)
    assert.equal((await collect(stream)).toString(), 'x')
  })

  test('a missing file: error ENOENT and close, though nobody reads', async ({ fs, at }) => {
    const stream = fs.createReadStream(at('missing'))
    const seen = record(stream, ['open', 'ready', 'end', 'error', 'close'])
    const error = await failureOf(stream)
    hasCode(error, 'ENOENT')
    assert.deepEqual(seen, ['error', 'close'])
    assert.equal(stream.pending, true)
  })

  test('a file on the way is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(collect(fs.createReadStream(at('file', 'below'))), 'ENOTDIR')
  })

  test('a folder is EISDIR', async ({ fs, dir }) => {
    await rejects(collect(fs.createReadStream(dir)), 'EISDIR')
  })

  test('a missing file with a range is ENOENT', async ({ fs, at }) => {
    await rejects(collect(fs.createReadStream(at('missing'), { start: 5, end: 10 })), 'ENOENT')
  })

  test('pipeline and for await reject with the error', async ({ fs, at }) => {
    const missing = (): ReturnType<typeof fs.createReadStream> => fs.createReadStream(at('missing'))
    await rejects(pipeline(missing(), fs.createWriteStream(at('to'))), 'ENOENT')
    await rejects(collect(missing()), 'ENOENT')
  })

  test('emitClose false: no close event, but closed', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const stream = fs.createReadStream(at('file'), { emitClose: false })
    const seen = record(stream, ['end', 'close'])
    stream.resume()
    await until(() => stream.closed)
    await someTurns()
    assert.deepEqual(seen, ['end'])
  })

  test('autoClose false: no close before destroy', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const stream = fs.createReadStream(at('file'), { autoClose: false })
    const seen = record(stream, ['end', 'close'])
    stream.resume()
    await once(stream, 'end')
    await someTurns()
    assert.equal(stream.destroyed, false)
    stream.destroy()
    await closed(stream)
    assert.deepEqual(seen, ['end', 'close'])
  })

  test('a signal that is aborted already', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const stream = fs.createReadStream(at('file'), { signal: AbortSignal.abort() })
    const seen = record(stream, ['data', 'end', 'error', 'close'])
    isAborted(await failureOf(stream))
    assert.deepEqual(seen, ['error', 'close'])
  })

  test('a signal that aborts after the first chunk, and the fs goes on', async ({ fs, at }) => {
    const data = bytes(3 * MIB)
    await fs.writeFile(at('big'), data)
    const controller = new AbortController()
    const stream = fs.createReadStream(at('big'), { signal: controller.signal })
    await firstChunk(stream)
    controller.abort()
    isAborted(await failureOf(stream))
    assert.ok(data.equals(await fs.readFile(at('big'))))
  })

  test('destroy before it is open: close, no error', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const stream = fs.createReadStream(at('file'))
    const seen = record(stream, ['data', 'end', 'error', 'close'])
    stream.destroy()
    await closed(stream)
    assert.deepEqual(seen, ['close'])
  })

  test('destroy after the first chunk: close, no end, and the fs goes on', async ({ fs, at }) => {
    const data = bytes(3 * MIB)
    await fs.writeFile(at('big'), data)
    for (let round = 0; round < 5; round++) {
      const stream = fs.createReadStream(at('big'))
      const seen = record(stream, ['end', 'error', 'close'])
      await firstChunk(stream)
      stream.destroy()
      await closed(stream)
      assert.deepEqual(seen, ['close'])
      assert.equal((await fs.stat(at('big'))).size, data.length)
    }
    assert.ok(data.equals(await fs.readFile(at('big'))))
  })

  test('destroy with an error: that error, then close', async ({ fs, at }) => {
    await fs.writeFile(at('big'), bytes(MIB))
    const stream = fs.createReadStream(at('big'))
    const seen = record(stream, ['end', 'error', 'close'])
    await firstChunk(stream)
    const reason = new Error('enough')
    stream.destroy(reason)
    assert.equal(await failureOf(stream), reason)
    assert.deepEqual(seen, ['error', 'close'])
  })

  test('leaving for await early destroys the stream, and the fs goes on', async ({ fs, at }) => {
    const data = bytes(3 * MIB)
    await fs.writeFile(at('big'), data)
    const stream = fs.createReadStream(at('big'))
    for await (const chunk of stream) {
      assert.ok((chunk as Buffer).length > 0)
      break
    }
    assert.equal(stream.destroyed, true)
    await closed(stream)
    assert.ok(data.equals(await fs.readFile(at('big'))))
  })

  test('a stream that stands still lets others work, then goes on', async ({ fs, at }) => {
    const data = bytes(3 * MIB)
    await fs.writeFile(at('big'), data)
    await fs.writeFile(at('small'), 'x')
    const stream = fs.createReadStream(at('big'))
    const first = (await firstChunk(stream)) as Buffer
    for (let i = 0; i < 5; i++) {
      await fs.stat(at('big'))
      assert.equal(await fs.readFile(at('small'), 'utf8'), 'x')
    }
    assert.ok(data.equals(Buffer.concat([first, await collect(stream)])))
  })

  test('each chunk may ask the fs before the next is taken', async ({ fs, at }) => {
    const data = bytes(MIB)
    await fs.writeFile(at('big'), data)
    const chunks: Buffer[] = []
    for await (const chunk of fs.createReadStream(at('big'))) {
      chunks.push(chunk as Buffer)
      assert.equal((await fs.stat(at('big'))).size, data.length)
    }
    assert.ok(data.equals(Buffer.concat(chunks)))
  })

  test('twelve streams may be open before the first is read', async ({ fs, at }) => {
    const files = Array.from({ length: 12 }, (_, i) => ({
      path: at(`file ${i}`),
      data: bytes(100_000, i + 1),
    }))
    for (const { path, data } of files) await fs.writeFile(path, data)
    const streams = files.map(({ path }) => fs.createReadStream(path))
    await Promise.all(streams.map(stream => once(stream, 'ready')))
    for (const [i, stream] of streams.entries()) assert.ok(files[i]?.data.equals(await collect(stream)))
  })

  test('the same file by several streams at once', async ({ fs, at }) => {
    const data = bytes(200_000)
    await fs.writeFile(at('file'), data)
    const reads = Array.from({ length: 6 }, (_, i) =>
      collect(fs.createReadStream(at('file'), { start: i * 1000 })),
    )
    for (const [i, read] of (await Promise.all(reads)).entries())
      assert.ok(data.subarray(i * 1000).equals(read))
  })

  test('after an error the fs goes on', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    for (let i = 0; i < 5; i++) await rejection(collect(fs.createReadStream(at('missing'))))
    assert.equal((await collect(fs.createReadStream(at('file')))).toString(), 'x')
  })
})
