import { promisify } from 'node:util'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startEmbeddedServer } from '../support/embedded-server.js'

const server = await startEmbeddedServer()
const vfs = new FtpVfs(server.url, { connections: 2 })
const { fs } = vfs
t.teardown(async () => {
  await vfs.close()
  await server.stop()
})

const open = promisify(fs.open)
const close = promisify(fs.close)

t.test('descriptors of vfs.fs', async t => {
  await t.test('are larger than those of the process', async t => {
    const fds = await Promise.all(['/a', '/b'].map(path => open(path, 'w')))
    t.ok(fds.every(fd => fd >= 2 ** 30))
    t.not(fds[0], fds[1])
    for (const fd of fds) await close(fd)
    t.same((await vfs.readdir('/')).sort(), ['a', 'b'])
  })

  await t.test('read and write as those of Node', async t => {
    const fd = await open('/file', 'w+')
    t.same(await promisify(fs.write)(fd, Buffer.from('0123456789'), 0, 10, 0), {
      bytesWritten: 10,
      buffer: Buffer.from('0123456789'),
    })
    t.same(await promisify(fs.writev)(fd, [Buffer.from('ab'), Buffer.from('c')], 10), {
      bytesWritten: 3,
      buffers: [Buffer.from('ab'), Buffer.from('c')],
    })
    t.same(await promisify(fs.read)(fd, Buffer.alloc(4), 0, 4, 8), {
      bytesRead: 4,
      buffer: Buffer.from('89ab'),
    })
    const { bytesRead, buffers } = await promisify(fs.readv)(fd, [Buffer.alloc(2), Buffer.alloc(1)], 0)
    t.same({ bytesRead, buffers }, { bytesRead: 3, buffers: [Buffer.from('01'), Buffer.from('2')] })
    await promisify(fs.ftruncate)(fd, 5)
    t.equal((await promisify(fs.fstat)(fd)).size, 5)
    await promisify(fs.fsync)(fd)
    t.equal(await vfs.readFile('/file', 'utf8'), '01234')
    await close(fd)
    const failed = await close(fd).catch((error: unknown) => error)
    t.match(failed, { code: 'EBADF', syscall: 'close' })
  })

  await t.test('call back with the number of bytes and the buffer', async t => {
    await vfs.writeFile('/file', 'bytes')
    const fd = await open('/file', 'r')
    const buffer = Buffer.alloc(3)
    const got = await new Promise(resolve => fs.read(fd, buffer, 0, 3, 1, (...got) => resolve(got)))
    t.same(got, [null, 3, Buffer.from('yte')])
    t.equal((got as unknown[])[2], buffer)
    await close(fd)
  })

  await t.test('work in place of a path, in callback functions only', async t => {
    await vfs.writeFile('/file', 'bytes')
    const fd = await open('/file', 'r+')
    t.equal(await promisify(fs.readFile)(fd, 'utf8'), 'bytes')
    await promisify(fs.appendFile)(fd, ' and more')
    await t.rejects(fs.promises.readFile(fd as never), { code: 'ERR_INVALID_ARG_TYPE' })
    await close(fd)
    t.equal(await vfs.readFile('/file', 'utf8'), 'bytes and more')
  })

  await t.test('close without a callback, too', async t => {
    const fd = await open('/file', 'r')
    fs.close(fd)
    await t.rejects(promisify(fs.fstat)(fd), { code: 'EBADF' })
  })
})
