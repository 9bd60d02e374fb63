import { Readable } from 'node:stream'
import t from 'tap'
import { fileData } from '../../lib/node/file-data.js'

async function text(data: unknown, encoding: BufferEncoding = 'utf8'): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of fileData(data, encoding)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

t.test('a string, in its encoding', async t => {
  t.equal(await text('é'), '\xc3\xa9')
  t.equal(await text('é', 'latin1'), '\xe9')
  t.equal(await text('e9', 'hex'), '\xe9')
  t.equal(await text(''), '')
})

t.test('bytes of any kind', async t => {
  const bytes = Buffer.from('abcdef')
  t.equal(await text(bytes), 'abcdef')
  t.equal(await text(bytes.subarray(1, 3)), 'bc')
  t.equal(await text(new Uint8Array([97, 98])), 'ab')
  t.equal(await text(new DataView(bytes.buffer, bytes.byteOffset + 2, 2)), 'cd')
  t.equal(await text(new Uint16Array([0x6261])), 'ab')
})

t.test('what gives such parts one after another', async t => {
  t.equal(await text(['a', Buffer.from('b'), new Uint8Array([99])]), 'abc')
  t.equal(await text(new Set(['a', 'b'])), 'ab')
  t.equal(await text(Readable.from(['a', 'b'])), 'ab')
  t.equal(
    await text(
      (async function* () {
        yield 'a'
        await Promise.resolve()
        yield Buffer.from('b')
      })(),
    ),
    'ab',
  )
  t.equal(await text([]), '')
})

t.test('anything else is an error before anything is taken', t => {
  for (const data of [undefined, null, 1, true, {}, () => {}, Symbol('x'), new ArrayBuffer(1)]) {
    t.throws(() => fileData(data, 'utf8'), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' })
  }
  t.end()
})

t.test('a part of another kind is an error, and the source is closed', async t => {
  let closed = false
  function* source(): Generator<unknown> {
    try {
      yield 'a'
      yield 1
    } finally {
      closed = true
    }
  }
  await t.rejects(text(source()), { code: 'ERR_INVALID_ARG_TYPE' })
  t.ok(closed)
})

t.test('who stops taking closes the source', async t => {
  const source = Readable.from(['a', 'b'])
  for await (const _ of fileData(source, 'utf8')) break
  t.ok(source.destroyed)
})
