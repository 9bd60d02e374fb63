import { once } from 'node:events'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { appendFile } from '../../lib/calls/append-file.js'
import * as by from '../../lib/calls/by-descriptor.js'
import { CallRunner } from '../../lib/calls/call-runner.js'
import { createReadStream } from '../../lib/calls/create-read-stream.js'
import { createWriteStream } from '../../lib/calls/create-write-stream.js'
import { open } from '../../lib/calls/open.js'
import { readFile } from '../../lib/calls/read-file.js'
import { writeFile } from '../../lib/calls/write-file.js'
import { Descriptors } from '../../lib/node/descriptors.js'
import { FtpVfs } from '../../lib/index.js'
import { remoteOn } from '../remote/remote-on.js'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js'

const none = 2 ** 30 + 1000

async function callsOn(t: Test): Promise<{ calls: CallRunner; server: ScriptedServer }> {
  const server = await startScriptedServer({ files: { '/f': '0123456789' } })
  const remote = remoteOn(t, server.url)
  t.teardown(() => server.stop())
  return { calls: new CallRunner(remote), server }
}

t.test('numbers begin at 2^30, and are not used again while a file is open', t => {
  const files = new Descriptors<string>()
  const [a, b] = [files.add('a'), files.add('b')]
  t.same([a, b], [2 ** 30, 2 ** 30 + 1])
  files.delete(a)
  t.equal(files.add('c'), 2 ** 30 + 2)
  t.equal(files.get(b, 'read'), 'b')
  t.throws(() => files.get(a, 'read'), { code: 'EBADF', message: 'EBADF: bad file descriptor, read' })
  t.equal(files.size, 2)
  t.end()
})

t.test('the calls by number', async t => {
  const { calls, server } = await callsOn(t)
  const { fd } = await open(calls, '/f', 'r+')
  const buffer = Buffer.alloc(4)
  t.same(await by.read(calls, fd, buffer, 0, 4, null), { bytesRead: 4, buffer })
  t.match(await by.read(calls, fd), { bytesRead: 6 })
  t.same(await by.write(calls, fd, 'ab', 2), { bytesWritten: 2, buffer: 'ab' })
  t.same(await by.writev(calls, fd, [buffer], 6), { bytesWritten: 4, buffers: [buffer] })
  t.same(await by.readv(calls, fd, [buffer], 0), { bytesRead: 4, buffers: [buffer] })
  t.equal(String(buffer), '01ab')
  t.equal(await by.fsync(calls, fd), undefined)
  t.equal(String(server.files.get('/f')?.content), '01ab450123')
  await by.ftruncate(calls, fd, 5)
  await by.futimes(calls, fd, 1_600_000_000, 1_600_000_000)
  await by.fchmod(calls, fd, 0o600)
  t.match(await by.fstat(calls, fd), { size: 5, mtimeMs: 1_600_000_000_000 })
  t.match(await failureOf(by.fchown(calls, fd, 1, 1)), { code: 'ENOTSUP' })
  await writeFile(calls, fd, 'end')
  await appendFile(calls, fd, '!')
  await by.fdatasync(calls, fd)
  t.equal(String(server.files.get('/f')?.content), '01ab4\0\0\0\0\0end!')
  t.equal(await readFile(calls, fd, 'utf8'), '')
  const closed = by.close(calls, fd)
  t.match(await failureOf(by.close(calls, fd)), { code: 'EBADF', syscall: 'close' })
  await closed
})

t.test('a number that is not open is EBADF, with the name of the call', async t => {
  const { calls } = await callsOn(t)
  const works: [syscall: string, work: () => Promise<unknown>][] = [
    ['close', () => by.close(calls, none)],
    ['fchmod', () => by.fchmod(calls, none, 0o600)],
    ['fchown', () => by.fchown(calls, none, 1, 1)],
    ['fdatasync', () => by.fdatasync(calls, none)],
    ['fstat', () => by.fstat(calls, none)],
    ['fsync', () => by.fsync(calls, none)],
    ['ftruncate', () => by.ftruncate(calls, none)],
    ['futime', () => by.futimes(calls, none, 1, 1)],
    ['read', () => by.read(calls, 5)],
    ['read', () => by.readv(calls, none, [])],
    ['read', () => readFile(calls, none)],
    ['write', () => by.write(calls, none, 'x')],
    ['write', () => by.writev(calls, none, [])],
    ['write', () => writeFile(calls, none, 'x')],
  ]
  for (const [syscall, work] of works) {
    const message = `EBADF: bad file descriptor, ${syscall}`
    t.match(await failureOf(work()), { code: 'EBADF', syscall, message })
  }
})

t.test('what can be no argument is thrown at once', async t => {
  const { calls } = await callsOn(t)
  for (const fd of ['x', null, undefined] as never[]) {
    t.throws(() => void by.fstat(calls, fd), { code: 'ERR_INVALID_ARG_TYPE' })
    t.throws(() => void by.read(calls, fd), { code: 'ERR_INVALID_ARG_TYPE' })
  }
  t.throws(() => void by.close(calls, -1), {
    message: 'The value of "fd" is out of range. It must be >= 0 && <= 2147483647. Received -1',
  })
  t.throws(() => void by.read(calls, none, 'x'), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => void by.read(calls, none, { buffer: 1 }), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => void by.read(calls, none, Buffer.alloc(1), 0, 1, 1.5), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => void by.read(calls, none, Buffer.alloc(1), 0, 1, 'x'), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => void by.write(calls, none, 1 as never), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => void by.write(calls, none, Buffer.alloc(1), { length: -1 }), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => void by.readv(calls, none, [1] as never), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => void by.ftruncate(calls, none, 1.5), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => void by.futimes(calls, none, {} as never, 1), { message: /^The "atime" argument/ })
  t.throws(() => void by.fchmod(calls, none, 'x'), { code: 'ERR_INVALID_ARG_VALUE' })
  t.throws(() => void by.fchown(calls, none, 1, 2 ** 32), { code: 'ERR_OUT_OF_RANGE' })
})

t.test('streams of a number', async t => {
  const { calls, server } = await callsOn(t)
  const { fd } = await open(calls, '/f', 'r+')
  const reader = createReadStream(calls, '', { fd, start: 7, autoClose: false })
  t.equal(Buffer.concat(await reader.toArray()).toString(), '789')
  const writer = createWriteStream(calls, '', { fd, start: 8 })
  writer.cork()
  writer.write('a')
  writer.end('b')
  await once(writer, 'close')
  t.equal(String(server.files.get('/f')?.content), '01234567ab')
  t.match(await failureOf(createReadStream(calls, '', { fd }).toArray()), { code: 'EBADF' })
})

t.test('vfs and vfs.fs have the same open files, and handles of vfs.fs pass over the owner', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': 'text' } })
  const handle = await vfs.open('/f')
  t.match(await promisify(vfs.fs.read)(handle.fd, Buffer.alloc(4), 0, 4, 0), { bytesRead: 4 })
  await promisify(vfs.fs.close)(handle.fd)
  t.equal(handle.fd, -1)
  await using lenient = await vfs.fs.promises.open('/f')
  t.equal(await lenient.chown(1, 1), undefined)
})

t.test('the methods of FtpVfs take no numbers', async t => {
  const vfs = new FtpVfs({ host: '127.0.0.1' })
  const number = none as never
  t.match(await failureOf(vfs.readFile(number)), { code: 'ERR_INVALID_ARG_TYPE' })
  t.match(await failureOf(vfs.writeFile(number, 'x')), { code: 'ERR_INVALID_ARG_TYPE' })
  t.match(await failureOf(vfs.appendFile(number, 'x')), { code: 'ERR_INVALID_ARG_TYPE' })
})
