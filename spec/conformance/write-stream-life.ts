import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { bytes, MIB } from './bytes.js'
import { casesOf } from './case.js'
import { hasCode, isAborted, rejection } from './expect.js'
import { closed, failureOf, record, someTurns, until } from './streams.js'

const EVENTS = ['open', 'ready', 'finish', 'error', 'close']

/** How a write stream begins and ends: events, errors, signals, and what else may go on meanwhile. */
export const writeStreamLife = casesOf('createWriteStream', test => {
  test('events: open, ready, finish, close', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('file'))
    const seen = record(stream, EVENTS)
    stream.end('x')
    await closed(stream)
    assert.deepEqual(seen, ['open', 'ready', 'finish', 'close'])
  })

  test('opens before anybody writes; pending says so', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('file'))
    assert.equal(stream.pending, true)
    await once(stream, 'ready')
    assert.equal(stream.pending, false)
    stream.end('x')
    await once(stream, 'finish')
  })

  test('a missing folder: error ENOENT and close, never finish', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('missing', 'file'))
    const seen = record(stream, ['finish', 'error', 'close'])
    stream.end('x')
    hasCode(await failureOf(stream), 'ENOENT')
    assert.deepEqual(seen, ['error', 'close'])
  })

  test('a missing folder: the error comes before anything is written', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('missing', 'file'))
    const seen = record(stream, EVENTS)
    hasCode(await failureOf(stream), 'ENOENT')
    assert.deepEqual(seen, ['error', 'close'])
  })

  test('flags wx onto a file: the error comes before anything is written', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'old')
    const stream = fs.createWriteStream(at('file'), { flags: 'wx' })
    const seen = record(stream, EVENTS)
    hasCode(await failureOf(stream), 'EEXIST')
    assert.deepEqual(seen, ['error', 'close'])
  })

  test('a file as parent is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const stream = fs.createWriteStream(at('file', 'below'))
    stream.end('x')
    hasCode(await failureOf(stream), 'ENOTDIR')
  })

  test('a folder is EISDIR', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    const stream = fs.createWriteStream(at('folder'))
    stream.end('x')
    hasCode(await failureOf(stream), 'EISDIR')
    assert.deepEqual(await fs.readdir(at('folder')), [])
  })

  test('a pipeline into a missing folder rejects with ENOENT', async ({ fs, at }) => {
    const error = await rejection(
      pipeline(Readable.from([bytes(1000)]), fs.createWriteStream(at('missing', 'file'))),
    )
    hasCode(error, 'ENOENT')
  })

  test('emitClose false: no close event, but closed', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('file'), { emitClose: false })
    const seen = record(stream, ['finish', 'close'])
    stream.end('x')
    await until(() => stream.closed)
    await someTurns()
    assert.deepEqual(seen, ['finish'])
  })

  test('autoClose false: no close before destroy', async ({ fs, at, outside, out }) => {
    const stream = fs.createWriteStream(at('file'), { autoClose: false })
    const seen = record(stream, ['finish', 'close'])
    stream.end('x')
    await once(stream, 'finish')
    await someTurns()
    assert.equal(stream.destroyed, false)
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'x')
    stream.destroy()
    await closed(stream)
    assert.deepEqual(seen, ['finish', 'close'])
  })

  test('close finishes the stream and calls back', async ({ fs, at, outside, out }) => {
    const stream = fs.createWriteStream(at('file'))
    stream.write('x')
    await new Promise<void>((resolve, reject) => stream.close(error => (error ? reject(error) : resolve())))
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'x')
  })

  test('a signal that is aborted already', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('file'), { signal: AbortSignal.abort() })
    const seen = record(stream, ['finish', 'error', 'close'])
    isAborted(await failureOf(stream))
    assert.deepEqual(seen, ['error', 'close'])
  })

  test('a signal that aborts midway, and the fs goes on', async ({ fs, at }) => {
    const controller = new AbortController()
    const stream = fs.createWriteStream(at('file'), { signal: controller.signal })
    const seen = record(stream, ['finish', 'error', 'close'])
    await new Promise(resolve => stream.write(bytes(300_000), resolve))
    controller.abort()
    isAborted(await failureOf(stream))
    assert.deepEqual(seen, ['error', 'close'])
    await fs.writeFile(at('file'), 'again')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'again')
  })

  test('destroy with an error midway: that error, then close, never finish', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('file'))
    const seen = record(stream, ['finish', 'error', 'close'])
    await new Promise(resolve => stream.write(bytes(300_000), resolve))
    const reason = new Error('enough')
    stream.destroy(reason)
    assert.equal(await failureOf(stream), reason)
    await someTurns()
    assert.deepEqual(seen, ['error', 'close'])
    await fs.writeFile(at('file'), 'again')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'again')
  })

  test('destroy without an error: close, never finish', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('file'))
    const seen = record(stream, ['finish', 'error', 'close'])
    stream.write('x')
    stream.destroy()
    await closed(stream)
    assert.deepEqual(seen, ['close'])
    await fs.writeFile(at('other'), 'the fs goes on')
  })

  test('destroy right after end: never finish', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('file'))
    const seen = record(stream, ['finish', 'close'])
    stream.end(bytes(300_000))
    stream.destroy()
    await closed(stream)
    assert.deepEqual(seen, ['close'])
  })

  test('a pipeline whose source fails rejects with that very error, never finish', async ({ fs, at }) => {
    const broken = new Error('the source broke')
    async function* source(): AsyncGenerator<Buffer> {
      yield bytes(300_000)
      await Promise.resolve()
      throw broken
    }
    const stream = fs.createWriteStream(at('file'))
    const seen = record(stream, ['finish', 'close'])
    assert.equal(await rejection(pipeline(source, stream)), broken)
    await until(() => stream.closed)
    await someTurns()
    assert.deepEqual(seen, ['close'])
  })

  test('a stream left open lets others work, then ends well', async ({ fs, at, outside, out }) => {
    const stream = fs.createWriteStream(at('open'))
    const [head, tail] = [bytes(200_000, 1), bytes(200_000, 2)]
    await new Promise(resolve => stream.write(head, resolve))
    for (let i = 0; i < 5; i++) {
      await fs.writeFile(at('other'), String(i))
      assert.equal(await fs.readFile(at('other'), 'utf8'), String(i))
      await fs.stat(at('other'))
    }
    stream.end(tail)
    await once(stream, 'finish')
    assert.ok(Buffer.concat([head, tail]).equals(await outside.readFile(out(at('open')))))
  })

  test('twelve streams may be open before the first is ended', async ({ fs, at, outside, out }) => {
    const files = Array.from({ length: 12 }, (_, i) => ({
      path: at(`file ${i}`),
      data: bytes(50_000, i + 1),
    }))
    const streams = files.map(({ path }) => fs.createWriteStream(path))
    for (const part of [0, 1]) {
      for (const [i, stream] of streams.entries()) {
        await new Promise(resolve =>
          stream.write(files[i]!.data.subarray(part * 25_000, (part + 1) * 25_000), resolve),
        )
      }
    }
    const finished = streams.map(stream => once(stream, 'finish'))
    for (const stream of streams) stream.end()
    await Promise.all(finished)
    for (const { path, data } of files) assert.ok(data.equals(await outside.readFile(out(path))))
  })

  test('after an error the fs goes on', async ({ fs, at }) => {
    for (let i = 0; i < 5; i++) {
      const stream = fs.createWriteStream(at('missing', 'file'))
      stream.end('x')
      await failureOf(stream)
    }
    await pipeline(Readable.from(['x']), fs.createWriteStream(at('file')))
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('a big file is overwritten by a small one', async ({ fs, at, outside, out }) => {
    await pipeline(Readable.from([bytes(MIB)]), fs.createWriteStream(at('file')))
    await pipeline(Readable.from(['small']), fs.createWriteStream(at('file')))
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'small')
  })
})
