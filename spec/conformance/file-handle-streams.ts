import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { bytes } from './bytes.js'
import { casesOf, type Env } from './case.js'
import { rejection } from './expect.js'
import { closed, collect, record } from './streams.js'

type Handle = Awaited<ReturnType<Env['fs']['open']>>

async function opened({ fs, at }: Env, flags: string, content: string | Buffer): Promise<Handle> {
  await fs.writeFile(at('file'), content)
  return fs.open(at('file'), flags)
}

export const fileHandleStreams = casesOf('FileHandle', test => {
  test('createReadStream: all bytes, and the file is closed', async env => {
    const data = bytes(300_000)
    const handle = await opened(env, 'r', data)
    const stream = handle.createReadStream()
    assert.ok(data.equals(await collect(stream)))
    assert.equal(stream.bytesRead, 300_000)
    assert.equal(handle.fd, -1)
  })

  test('createReadStream: from the current position, or from a start to an end', async env => {
    const handle = await opened(env, 'r', '0123456789')
    await handle.read(Buffer.alloc(4))
    const stream = handle.createReadStream({ autoClose: false, encoding: 'latin1' })
    assert.deepEqual(await stream.toArray(), ['456789'])
    stream.destroy()
    await closed(stream)
    const again = await env.fs.open(env.at('file'))
    const part = again.createReadStream({ start: 2, end: 5, highWaterMark: 3 })
    assert.deepEqual((await part.toArray()).map(String), ['234', '5'])
  })

  test('createReadStream: autoClose false leaves the file open', async env => {
    const handle = await opened(env, 'r', '0123456789')
    const stream = handle.createReadStream({ autoClose: false, start: 8 })
    assert.deepEqual(String(await collectAll(stream)), '89')
    assert.equal((await handle.stat()).size, 10)
    await handle.close()
    assert.equal(stream.destroyed, true)
  })

  test('createReadStream of the fs takes a handle, and closes it', async env => {
    const handle = await opened(env, 'r', '0123456789')
    const stream = env.fs.createReadStream('', { fd: handle, start: 4 })
    assert.equal(String(await collect(stream)), '456789')
    assert.equal(handle.fd, -1)
  })

  test('createWriteStream: pipeline of many bytes, which are there at finish', async env => {
    const { at, outside, out } = env
    const data = bytes(300_000)
    const handle = await opened(env, 'w', 'old')
    const stream = handle.createWriteStream()
    const seen = record(stream, ['finish', 'close'])
    let size: number | undefined
    const told = once(stream, 'finish').then(async () => {
      size = (await outside.stat(out(at('file')))).size
    })
    await pipeline(Readable.from([data.subarray(0, 100_000), data.subarray(100_000)]), stream)
    await told
    assert.equal(size, data.length)
    assert.deepEqual(seen, ['finish', 'close'])
    assert.equal(stream.bytesWritten, 300_000)
    assert.equal(handle.fd, -1)
    assert.ok(data.equals(await outside.readFile(out(at('file')))))
  })

  test('createWriteStream: from a start on, corked', async env => {
    const { at, outside, out } = env
    const handle = await opened(env, 'r+', '0123456789')
    const stream = handle.createWriteStream({ start: 3, encoding: 'latin1' })
    stream.cork()
    stream.write('a')
    stream.write('b')
    stream.uncork()
    stream.end('\xe9')
    await closed(stream)
    assert.equal(await outside.readFile(out(at('file')), 'latin1'), '012ab\xe96789')
  })

  test('createWriteStream: the close of the handle ends a stream', async env => {
    const { at, outside, out } = env
    const handle = await opened(env, 'w', '')
    const stream = handle.createWriteStream()
    stream.write('x')
    await handle.close()
    if (!stream.closed) await once(stream, 'close')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'x')
  })

  test('createWriteStream of a handle that only reads: error EBADF, and closed', async env => {
    const handle = await opened(env, 'r', 'x')
    const stream = handle.createWriteStream()
    assert.equal((await rejection(pipeline(Readable.from(['y']), stream))).code, 'EBADF')
    assert.equal(handle.fd, -1)
  })

  test('readLines', async env => {
    const handle = await opened(env, 'r', 'one\ntwo\r\n\nfour')
    const lines: string[] = []
    for await (const line of handle.readLines()) lines.push(line)
    assert.deepEqual(lines, ['one', 'two', '', 'four'])
    await handle.close()
  })

  test('readableWebStream: a byte stream of all bytes, once', async env => {
    const data = bytes(200_000)
    const handle = await opened(env, 'r', data)
    const parts: Uint8Array[] = []
    const stream = handle.readableWebStream({ type: 'bytes' })
    for await (const part of stream) parts.push(part as Uint8Array)
    assert.ok(data.equals(Buffer.concat(parts)))
    assert.throws(() => handle.readableWebStream(), { code: 'ERR_INVALID_STATE' })
    await handle.close()
    assert.throws(() => handle.readableWebStream(), { code: 'ERR_INVALID_STATE' })
  })

  test('readableWebStream: a reader may bring its own buffer, and stop', async env => {
    const handle = await opened(env, 'r', '0123456789')
    const reader = handle.readableWebStream({ type: 'bytes' }).getReader({ mode: 'byob' })
    const { value } = await reader.read(new Uint8Array(4))
    assert.equal(Buffer.from(value as Uint8Array).toString(), '0123')
    await reader.cancel()
    assert.equal(await handle.readFile('utf8'), '456789')
    await handle.close()
  })

  test('readableWebStream: the close of the handle ends it', async env => {
    const handle = await opened(env, 'r', '0123456789')
    const reader = handle.readableWebStream({ type: 'bytes' }).getReader()
    await handle.close()
    assert.equal((await reader.read()).done, true)
  })
})

/** All bytes of a stream that is not destroyed at its end. */
async function collectAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  await once(stream, 'end')
  return Buffer.concat(parts)
}
