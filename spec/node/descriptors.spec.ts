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

async function runnerOn(t: Test): Promise<{ runner: CallRunner; server: ScriptedServer }> {
  const server = await startScriptedServer({ files: { '/f': '0123456789' } })
  const remote = remoteOn(t, server.url)
  t.teardown(() => server.stop())
  return { runner: new CallRunner(remote), server }
}

t.test('numbers begin at 2^30, and every file gets a new one', t => {
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

t.test('calls by descriptor', async t => {
  const { runner, server } = await runnerOn(t)
  const { fd } = await open(runner, '/f', 'r+')
  const buffer = Buffer.alloc(4)
  t.same(await by.read(runner, fd, buffer, 0, 4, null), { bytesRead: 4, buffer })
  t.match(await by.read(runner, fd), { bytesRead: 6 })
  t.same(await by.write(runner, fd, 'ab', 2), { bytesWritten: 2, buffer: 'ab' })
  t.same(await by.writev(runner, fd, [buffer], 6), { bytesWritten: 4, buffers: [buffer] })
  t.same(await by.readv(runner, fd, [buffer], 0), { bytesRead: 4, buffers: [buffer] })
  t.equal(String(buffer), '01ab')
  t.equal(await by.fsync(runner, fd), undefined)
  t.equal(String(server.files.get('/f')?.content), '01ab450123')
  await by.ftruncate(runner, fd, 5)
  await by.futimes(runner, fd, 1_600_000_000, 1_600_000_000)
  await by.fchmod(runner, fd, 0o600)
  t.match(await by.fstat(runner, fd), { size: 5, mtimeMs: 1_600_000_000_000 })
  t.match(await failureOf(by.fchown(runner, fd, 1, 1)), { code: 'ENOTSUP' })
  await writeFile(runner, fd, 'end')
  await appendFile(runner, fd, '!')
  await by.fdatasync(runner, fd)
  t.equal(String(server.files.get('/f')?.content), '01ab4\0\0\0\0\0end!')
  t.equal(await readFile(runner, fd, 'utf8'), '')
  const closed = by.close(runner, fd)
  t.match(await failureOf(by.close(runner, fd)), { code: 'EBADF', syscall: 'close' })
  await closed
})

t.test('an unknown descriptor is EBADF, with the name of the call', async t => {
  const { runner } = await runnerOn(t)
  const works: [syscall: string, work: () => Promise<unknown>][] = [
    ['close', () => by.close(runner, none)],
    ['fchmod', () => by.fchmod(runner, none, 0o600)],
    ['fchown', () => by.fchown(runner, none, 1, 1)],
    ['fdatasync', () => by.fdatasync(runner, none)],
    ['fstat', () => by.fstat(runner, none)],
    ['fsync', () => by.fsync(runner, none)],
    ['ftruncate', () => by.ftruncate(runner, none)],
    ['futime', () => by.futimes(runner, none, 1, 1)],
    ['read', () => by.read(runner, 5)],
    ['read', () => by.readv(runner, none, [])],
    ['read', () => readFile(runner, none)],
    ['write', () => by.write(runner, none, 'x')],
    ['write', () => by.writev(runner, none, [])],
    ['write', () => writeFile(runner, none, 'x')],
  ]
  for (const [syscall, work] of works) {
    const message = `EBADF: bad file descriptor, ${syscall}`
    t.match(await failureOf(work()), { code: 'EBADF', syscall, message })
  }
})

t.test('an invalid argument throws at once', async t => {
  const { runner } = await runnerOn(t)
  for (const fd of ['x', null, undefined] as never[]) {
    t.throws(() => void by.fstat(runner, fd), { code: 'ERR_INVALID_ARG_TYPE' })
    t.throws(() => void by.read(runner, fd), { code: 'ERR_INVALID_ARG_TYPE' })
  }
  t.throws(() => void by.close(runner, -1), {
    message: 'The value of "fd" is out of range. It must be >= 0 && <= 2147483647. Received -1',
  })
  t.throws(() => void by.read(runner, none, 'x'), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => void by.read(runner, none, { buffer: 1 }), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => void by.read(runner, none, Buffer.alloc(1), 0, 1, 1.5), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => void by.read(runner, none, Buffer.alloc(1), 0, 1, 'x'), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => void by.write(runner, none, 1 as never), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => void by.write(runner, none, Buffer.alloc(1), { length: -1 }), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => void by.readv(runner, none, [1] as never), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => void by.ftruncate(runner, none, 1.5), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => void by.futimes(runner, none, {} as never, 1), { message: /^The "atime" argument/ })
  t.throws(() => void by.fchmod(runner, none, 'x'), { code: 'ERR_INVALID_ARG_VALUE' })
  t.throws(() => void by.fchown(runner, none, 1, 2 ** 32), { code: 'ERR_OUT_OF_RANGE' })
})

t.test('streams of a descriptor', async t => {
  const { runner, server } = await runnerOn(t)
  const { fd } = await open(runner, '/f', 'r+')
  const reader = createReadStream(runner, '', { fd, start: 7, autoClose: false })
  t.equal(Buffer.concat(await reader.toArray()).toString(), '789')
  const writer = createWriteStream(runner, '', { fd, start: 8 })
  writer.cork()
  writer.write('a')
  writer.end('b')
  await once(writer, 'close')
  t.equal(String(server.files.get('/f')?.content), '01234567ab')
  t.match(await failureOf(createReadStream(runner, '', { fd }).toArray()), { code: 'EBADF' })
})

t.test('vfs and vfs.fs share the open files, and handles of vfs.fs ignore the owner', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': 'text' } })
  const handle = await vfs.open('/f')
  t.match(await promisify(vfs.fs.read)(handle.fd, Buffer.alloc(4), 0, 4, 0), { bytesRead: 4 })
  await promisify(vfs.fs.close)(handle.fd)
  t.equal(handle.fd, -1)
  await using lenient = await vfs.fs.promises.open('/f')
  t.equal(await lenient.chown(1, 1), undefined)
})

t.test('the methods of FtpVfs accept no descriptors', async t => {
  const vfs = new FtpVfs({ host: '127.0.0.1' })
  const number = none as never
  t.match(await failureOf(vfs.readFile(number)), { code: 'ERR_INVALID_ARG_TYPE' })
  t.match(await failureOf(vfs.writeFile(number, 'x')), { code: 'ERR_INVALID_ARG_TYPE' })
  t.match(await failureOf(vfs.appendFile(number, 'x')), { code: 'ERR_INVALID_ARG_TYPE' })
})
