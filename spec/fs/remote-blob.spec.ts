import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { inspect } from 'node:util'
import t from 'tap'
import { bytes, failureOf, scriptedVfs } from '../remote/scripted-vfs.js'

const content = bytes(300_000)

await t.test('only requested bytes are read', async t => {
  const { vfs, sent } = await scriptedVfs(t, { files: { '/f': content } })
  const blob = await vfs.openAsBlob('/f', { type: 'image/png' })
  t.same(
    [blob.size, blob.type, String(Object.prototype.toString.call(blob))],
    [300_000, 'image/png', '[object Blob]'],
  )
  t.match(inspect(blob), /Blob/)
  const part = blob.slice(100, -100).slice(50, 60, 'Text/Plain')
  t.same([part.size, part.type], [10, 'text/plain'])
  t.notOk(sent().some(line => line.startsWith('RETR')))
  t.same(Buffer.from(await part.bytes()), content.subarray(150, 160))
  t.ok(sent().includes('REST 150'))
  t.same(Buffer.from(await blob.arrayBuffer()), content)
  t.equal(await blob.slice(-3).text(), new TextDecoder().decode(content.subarray(-3)))
  const before = sent().length
  t.same([blob.slice(5, 2).size, blob.slice(1e9).size, blob.slice(0, 1, 'ä').type], [0, 0, ''])
  t.equal((await blob.slice(9, 9).arrayBuffer()).byteLength, 0)
  t.equal(sent().length, before, 'of nothing nothing is asked')
})

await t.test('its stream is a byte stream, and ends when it is cancelled', async t => {
  const { vfs, sent } = await scriptedVfs(t, { files: { '/f': content } })
  const blob = await vfs.openAsBlob('/f')
  const stream = blob.stream()
  t.notOk(sent().some(line => line.startsWith('RETR')))
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  t.same(Buffer.concat(chunks), content)
  const reader = blob.slice(0, 5).stream().getReader({ mode: 'byob' })
  const first = await reader.read(new Uint8Array(3))
  t.same(Buffer.from(first.value!), content.subarray(0, 3))
  const second = await reader.read(new Uint8Array(9))
  t.same(Buffer.from(second.value!), content.subarray(3, 5))
  t.equal((await reader.read(new Uint8Array(9))).done, true)
  const cut = blob.stream().getReader()
  await cut.read()
  await cut.cancel()
  t.equal((await vfs.stat('/f')).size, 300_000, 'the only session is free')
  t.equal(vfs.stats().busy, 0)
})

await t.test('a file that has changed since, or is gone, cannot be read', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': 'one', '/g': 'one' } })
  const [changed, gone] = [await vfs.openAsBlob('/f'), await vfs.openAsBlob('/g')]
  await vfs.writeFile('/f', 'another')
  await vfs.unlink('/g')
  const message = 'The blob could not be read'
  const error = await failureOf(changed.text())
  t.match(error, { name: 'NotReadableError', message, cause: { code: 'ERR_FTP_FILE_CHANGED' } })
  t.ok(error instanceof DOMException)
  t.match(await failureOf(gone.stream().getReader().read()), {
    name: 'NotReadableError',
    cause: { code: 'ERR_FTP_FILE_CHANGED' },
  })
})

await t.test('a path that is no file is refused', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/d/f': '' } })
  const refused = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message: 'Unable to open file as blob' }
  t.match(await failureOf(vfs.openAsBlob('/none')), { ...refused, cause: { code: 'ENOENT' } })
  t.match(await failureOf(vfs.openAsBlob('/d')), { ...refused, cause: { code: 'EISDIR' } })
  t.match(await failureOf(vfs.openAsBlob('/d/f/')), { ...refused, cause: { code: 'ENOTDIR' } })
  for (const args of [[5], ['/d/f', 5], ['/d/f', { type: 5 }]] as unknown as ['/d/f'][]) {
    t.match(await failureOf(vfs.openAsBlob(...args)), { code: 'ERR_INVALID_ARG_TYPE' })
  }
})

await t.test('closing the FtpVfs ends what is being read', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': bytes(2 ** 20) } })
  const blob = await vfs.openAsBlob('/f')
  const reader = blob.stream().getReader()
  await reader.read()
  await vfs.close()
  const rest = async () => {
    for (;;) if ((await reader.read()).done) return
  }
  t.match(await failureOf(rest()), { name: 'NotReadableError', cause: { code: 'ERR_FTP_CLOSED' } })
  t.match(await failureOf(blob.text()), { cause: { code: 'ERR_FTP_CLOSED' } })
})

await t.test(
  'it works as the body of a Response and a fetch; consumers of Blob internals reject it',
  async t => {
    const { vfs } = await scriptedVfs(t, { files: { '/f': 'content' } })
    const blob = await vfs.openAsBlob('/f', { type: 'text/plain' })
    t.ok(blob instanceof Blob)
    const response = new Response(blob)
    t.equal(response.headers.get('content-type'), 'text/plain')
    t.equal(await response.text(), 'content')

    const received: string[] = []
    const server = createServer((request, reply) => {
      request.setEncoding('utf8').on('data', (chunk: string) => received.push(chunk))
      request.on('end', () => reply.end(request.headers['content-length']))
    }).listen(0, '127.0.0.1')
    t.teardown(() => server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const answer = await fetch(url, { method: 'POST', body: blob, headers: { connection: 'close' } })
    t.same([await answer.text(), received.join('')], ['7', 'content'])

    t.throws(() => new FormData().append('file', blob), TypeError)
    t.throws(() => new FormData().append('file', blob, 'name'), TypeError)
    t.throws(() => new Blob([blob]), TypeError)
    t.throws(() => URL.createObjectURL(blob), TypeError)
    t.throws(() => `${blob as unknown as string}`, TypeError)
    const whole = new FormData()
    whole.append('file', new Blob([await blob.arrayBuffer()]))
    t.equal(await (whole.get('file') as Blob).text(), 'content')
  },
)

await t.test('on a server that ignores REST, slices are cut out of a file that is fetched once', async t => {
  const { vfs, sent } = await scriptedVfs(t, {
    files: { '/f': content },
    on: { REST: ctx => ctx.reply('350 Restarting') },
  })
  const blob = await vfs.openAsBlob('/f')
  const slices = [100, 5, 200_000, 299_990].map(async start => {
    const slice = Buffer.from(await blob.slice(start, start + 10).arrayBuffer())
    t.ok(content.subarray(start, start + 10).equals(slice), String(start))
  })
  await Promise.all(slices)
  t.same(
    sent().filter(line => /^RE/.test(line)),
    ['REST 298976', 'RETR /f', 'RETR /f'],
  )
})

await t.test('a file that is longer than reported cannot be read', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': content }, sizeLies: () => 1000 })
  const blob = await vfs.openAsBlob('/f')
  t.match(await failureOf(blob.bytes()), { cause: { code: 'ERR_FTP_LONG_READ' } })
  t.same(Buffer.from(await blob.slice(0, 10).bytes()), content.subarray(0, 10))
})
