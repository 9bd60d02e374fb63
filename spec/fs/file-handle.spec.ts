import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { bytes, failureOf, MIB, scriptedVfs } from '../remote/scripted-vfs.js'
import { openFiles } from '../support/open-files.js'
import { startScriptedServer } from '../support/scripted-server.js'

const data = bytes(2 * MIB)

/** The open temporary files of this process, which have no name any more. Linux lists them. */
function temporaryFiles(directory: string): string[] {
  if (process.platform !== 'linux') return []
  return openFiles(directory)
}

t.test('writes are stored at close, and invisible to others before', async t => {
  const { vfs, content, sent } = await scriptedVfs(t, { files: { '/old': 'old' } })
  const [made, changed] = await Promise.all([vfs.open('/new', 'w'), vfs.open('/old', 'r+')])
  await Promise.all([made.write('x'), changed.write('NEW', 3)])
  t.notOk(sent().some(line => /^(STOR|APPE)/.test(line)))
  t.equal(await vfs.readFile('/old', 'utf8'), 'old')
  t.match(await failureOf(vfs.stat('/new')), { code: 'ENOENT' })
  await Promise.all([made.close(), changed.close()])
  t.same([content('/new'), content('/old')], ['x', 'oldNEW'])
  t.equal(vfs.stats().busy, 0)
})

t.test('a failed close has the error of the upload, and still frees the file', async t => {
  const { vfs } = await scriptedVfs(t, { sizeLies: () => 3 })
  const handle = await vfs.open('/f', 'w')
  // More than memory holds: the temporary file must be gone at the end.
  await handle.write(data)
  t.match(await failureOf(handle.close()), { code: 'ERR_FTP_UPLOAD_VERIFY', actual: 3 })
  t.equal(handle.fd, -1)
  t.equal(await handle.close(), undefined)
  const refused = await vfs.open('/f', 'w')
  t.match(await failureOf(pipeline(Readable.from(['x']), refused.createWriteStream())), {
    code: 'ERR_FTP_UPLOAD_VERIFY',
  })
  t.equal(refused.fd, -1)
})

t.test('the refusal of an upload names the path, and the reply is its cause', async t => {
  const { vfs, server } = await scriptedVfs(t)
  server.on['STOR'] = ctx => ctx.reply('552 Quota exceeded')
  const handle = await vfs.open('/f', 'w')
  const error = await failureOf(handle.close())
  t.match(error, { code: 'ENOSPC', syscall: 'close', path: '/f', cause: { code: 552 } })
})

t.test('an upload that failed at sync is repeated at close', async t => {
  const { vfs, server, content } = await scriptedVfs(t)
  const handle = await vfs.open('/f', 'w')
  await handle.write('x')
  server.on['STOR'] = ctx => ctx.reply('452 Disk full')
  t.match(await failureOf(handle.sync()), { code: 'ENOSPC', syscall: 'fsync', path: '/f' })
  delete server.on['STOR']
  await handle.close()
  t.equal(content('/f'), 'x')
})

t.test('two closes at once have one outcome', async t => {
  const { vfs, content } = await scriptedVfs(t)
  const handle = await vfs.open('/f', 'w')
  void handle.write('x')
  const closed = handle.close()
  t.equal(handle.close(), closed)
  t.match(await failureOf(handle.stat()), { code: 'EBADF', message: 'file closed' })
  await closed
  t.equal(content('/f'), 'x')
})

t.test('calls that are not awaited run in order, which Node does not promise', async t => {
  const { vfs, content } = await scriptedVfs(t, { files: { '/f': '0123456789' } })
  const handle = await vfs.open('/f', 'r+')
  const buffer = Buffer.alloc(2)
  const works = [
    ...['a', 'b', 'c'].map(each => handle.write(each)),
    handle.read(buffer),
    handle.writeFile('de'),
    handle.truncate(8),
    handle.write('f'),
  ]
  await handle.close()
  await Promise.all(works)
  t.equal(String(buffer), '34')
  t.equal(content('/f'), 'abc34def')
})

t.test('opening waits for earlier calls on the path, and later ones for a close', async t => {
  const { vfs } = await scriptedVfs(t)
  void vfs.writeFile('/f', 'first')
  const handle = await vfs.open('/f', 'r+')
  t.equal(await handle.readFile('utf8'), 'first')
  await handle.write('FIRST', 0)
  const closed = handle.close()
  const renamed = vfs.rename('/f', '/g')
  await Promise.all([closed, renamed])
  t.equal(await vfs.readFile('/g', 'utf8'), 'FIRST')
})

t.test('a lost connection', async t => {
  await t.test('is no error for reads', async t => {
    const { vfs } = await scriptedVfs(t, {
      files: { '/f': data },
      cut: { command: 'RETR', after: 300_000 },
    })
    await using handle = await vfs.open('/f')
    t.ok(data.equals(await handle.readFile()))
  })

  await t.test('is no error for the upload, which is repeated', async t => {
    const { vfs, server } = await scriptedVfs(t, { cut: { command: 'STOR', after: 300_000 } })
    const handle = await vfs.open('/f', 'w')
    await handle.write(data)
    await handle.close()
    t.ok(data.equals(server.files.get('/f')?.content as Buffer))
  })
})

t.test('close of the FtpVfs', async t => {
  await t.test('ends open handles; one with pending writes reports them at its close', async t => {
    const { vfs, server } = await scriptedVfs(t, { files: { '/f': data } })
    const [reader, writer] = await Promise.all([vfs.open('/f'), vfs.open('/g', 'w')])
    await reader.read()
    await writer.write('x')
    await vfs.close()
    t.match(await failureOf(reader.read()), { code: 'ERR_FTP_CLOSED' })
    t.match(await failureOf(writer.write('y')), { code: 'ERR_FTP_CLOSED' })
    t.equal(await reader.close(), undefined)
    t.match(await failureOf(writer.close()), { code: 'ERR_FTP_CLOSED' })
    t.same([reader.fd, writer.fd], [-1, -1])
    t.notOk(server.files.has('/g'))
    t.match(await failureOf(vfs.open('/f')), { code: 'ERR_FTP_CLOSED' })
  })

  await t.test('finishes a close and a call that have begun, and a stream that has ended', async t => {
    const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'read' } })
    const [closing, reading, streaming] = await Promise.all([
      vfs.open('/g', 'w'),
      vfs.open('/f'),
      vfs.open('/h', 'w'),
    ])
    void closing.write('x')
    const closed = closing.close()
    const read = reading.readFile('utf8')
    const stream = streaming.createWriteStream()
    stream.end('y')
    const finished = once(stream, 'finish')
    await new Promise(setImmediate)
    await Promise.all([vfs.close(), closed, finished])
    t.same([content('/g'), content('/h'), await read], ['x', 'y', 'read'])
  })

  await t.test('ends streams over a handle, and a write that waits for its source', async t => {
    const { vfs, server } = await scriptedVfs(t, { files: { '/f': data } })
    const [one, two, three, four] = await Promise.all([
      vfs.open('/f'),
      vfs.open('/f'),
      vfs.open('/g', 'w'),
      vfs.open('/h', 'w'),
    ])
    const reading = failureOf(
      once(
        one.createReadStream().on('readable', () => {}),
        'never',
      ),
    )
    const web = two.readableWebStream().getReader()
    await web.read()
    const writing = failureOf(once(three.createWriteStream(), 'never'))
    const waiting = failureOf(four.writeFile(new Readable({ read() {} })))
    await vfs.close()
    for (const failure of [reading, failureOf(web.read()), writing, waiting]) {
      t.match(await failure, { code: 'ERR_FTP_CLOSED' })
    }
    t.notOk(server.files.has('/g'))
  })

  await t.test(
    'with streams that are not listened to: what one was to write is lost, and is told',
    async t => {
      const server = await startScriptedServer({ files: { '/f': data } })
      t.teardown(() => server.stop())
      const vfs = new FtpVfs(server.url)
      const [one, two, three] = await Promise.all([
        vfs.open('/f'),
        vfs.open('/lost', 'w'),
        vfs.open('/ended', 'w'),
      ])
      const reading = one.createReadStream()
      const writing = two.createWriteStream()
      writing.write('a few bytes')
      const ended = three.createWriteStream()
      ended.end('all')
      t.match(await failureOf(vfs.close()), { code: 'ERR_FTP_CLOSED', syscall: 'write', path: '/lost' })
      t.same([reading.destroyed, writing.destroyed, ended.writableFinished], [true, true, true])
      t.same([...server.files.keys()].sort(), ['/', '/ended', '/f'])
    },
  )

  await t.test('does not wait for a file that is being opened', async t => {
    const { vfs, server } = await scriptedVfs(t, { files: { '/f': 'x' } })
    let answer = (): void => {}
    const asked = new Promise<void>(resolve => {
      server.on['MLST'] = async ctx => {
        resolve()
        await new Promise<void>(go => (answer = go))
        await ctx.next()
      }
    })
    const opening = Promise.allSettled(['r', 'w', 'a', 'r+'].map(flags => vfs.open('/f', flags)))
    await asked
    const closed = vfs.close()
    server.on['MLST'] = ctx => ctx.next()
    answer()
    await closed
    t.ok((await opening).some(({ status }) => status === 'rejected'))
  })

  await t.test('destroy ends everything at once', async t => {
    const { vfs, server } = await scriptedVfs(t, { files: { '/f': data } })
    const [reader, writer, closing] = await Promise.all([
      vfs.open('/f'),
      vfs.open('/g', 'w'),
      vfs.open('/h', 'w'),
    ])
    await Promise.all([writer.write(data), closing.write('x')])
    const reading = failureOf(reader.readFile())
    let stored = (): void => {}
    server.on['STOR'] = async ctx => {
      await new Promise<void>(resolve => (stored = resolve))
      await ctx.next()
    }
    const failed = failureOf(closing.close())
    await new Promise(setImmediate)
    vfs.destroy()
    stored()
    for (const failure of [reading, failed, failureOf(writer.close())]) {
      t.match(await failure, { code: 'ERR_FTP_CLOSED' })
    }
  })

  await t.test('destroy leaves nothing of a close that waits for its turn', async t => {
    const { vfs, server, spoolDirectory } = await scriptedVfs(t)
    const handle = await vfs.open('/f', 'w')
    await handle.write(data)
    server.on['STOR'] = () => vfs.destroy()
    const failures = [failureOf(vfs.writeFile('/f', 'before')), failureOf(handle.close())]
    for (const failure of failures) t.match(await failure, { code: 'ERR_FTP_CLOSED' })
    t.same(temporaryFiles(spoolDirectory), [])
  })
})

t.test('streams over a handle', async t => {
  await t.test('a destroyed stream keeps what it has written, as in Node', async t => {
    const { vfs, content } = await scriptedVfs(t)
    const handle = await vfs.open('/f', 'w')
    const stream = handle.createWriteStream()
    await new Promise(resolve => stream.write('x', resolve))
    stream.destroy()
    await once(stream, 'close')
    t.equal(content('/f'), 'x')
    t.equal(handle.fd, -1)
  })

  await t.test('autoClose false: stored at finish, and closed with the handle', async t => {
    const { vfs, content } = await scriptedVfs(t)
    const handle = await vfs.open('/f', 'w')
    const stream = handle.createWriteStream({ autoClose: false })
    stream.end('x')
    await once(stream, 'finish')
    t.equal(content('/f'), 'x')
    t.not(handle.fd, -1)
    await handle.close()
    t.ok(stream.destroyed)
  })

  await t.test('autoClose false: a failure while the handle closes does not keep it open', async t => {
    const { vfs, server } = await scriptedVfs(t)
    server.on['STOR'] = ctx => ctx.reply('552 Quota exceeded')
    const handle = await vfs.open('/f', 'w')
    const stream = handle.createWriteStream({ autoClose: false })
    const failed = failureOf(once(stream, 'finish'))
    stream.write('x')
    t.match(await failureOf(handle.close()), { code: 'ENOSPC', syscall: 'close' })
    t.match(await failed, { code: 'ENOSPC', syscall: 'fsync' })
    t.same([handle.fd, stream.destroyed], [-1, true])
  })

  await t.test('invalid options', async t => {
    const { vfs } = await scriptedVfs(t, { files: { '/f': 'x' } })
    const handle = await vfs.open('/f')
    t.throws(() => handle.createReadStream({ start: 2, end: 1 }), { code: 'ERR_OUT_OF_RANGE' })
    t.throws(() => handle.readableWebStream({ type: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' })
    t.throws(() => handle.readableWebStream({ autoClose: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' })
    t.throws(() => vfs.createReadStream('', { fd: {} as never }), { code: 'ERR_INVALID_ARG_TYPE' })
    await handle.close()
  })

  await t.test('a web stream closes the handle with autoClose, and has its errors', async t => {
    const { vfs } = await scriptedVfs(t, { files: { '/f': 'text' } })
    const handle = await vfs.open('/f')
    t.equal(await new Response(handle.readableWebStream({ autoClose: true }) as never).text(), 'text')
    t.equal(handle.fd, -1)
    const folder = await vfs.open('/')
    t.match(await failureOf(folder.readableWebStream().getReader().read()), { code: 'EISDIR' })
    await folder.close()
  })

  await t.test('a web stream that is read while the handle closes ends', async t => {
    const { vfs } = await scriptedVfs(t, { files: { '/f': 'text' } })
    const handle = await vfs.open('/f')
    const read = handle.readableWebStream().getReader().read()
    await new Promise(process.nextTick)
    await handle.close()
    t.match(await read, { done: true })
  })
})

t.test('readFile and writeFile end at a signal, and the handle stays usable', async t => {
  const { vfs, server, content } = await scriptedVfs(t, { files: { '/f': 'text' } })
  const handle = await vfs.open('/f', 'r+')
  let release = (): void => {}
  server.on['RETR'] = async ctx => {
    await new Promise<void>(resolve => (release = resolve))
    await ctx.next()
  }
  const controller = new AbortController()
  const { signal } = controller
  const read = failureOf(handle.readFile({ signal }))
  const written = failureOf(handle.writeFile(new Readable({ read() {} }), { signal }))
  controller.abort()
  t.match(await read, { name: 'AbortError' })
  t.match(await written, { name: 'AbortError' })
  delete server.on['RETR']
  release()
  await handle.writeFile('TEXT', { flush: true })
  t.equal(content('/f')?.endsWith('TEXT'), true)
  await handle.close()
})

t.test('FTP cannot change the owner of a file', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': 'x' } })
  await using handle = await vfs.open('/f')
  t.match(await failureOf(handle.chown(1, 1)), { code: 'ENOTSUP', syscall: 'fchown', path: '/f' })
  t.match(await failureOf(handle.chown(-2, 1)), { code: 'ERR_OUT_OF_RANGE' })
})
