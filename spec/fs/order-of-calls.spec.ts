import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { FtpVfs, FtpVfsOptions } from '../../lib/index.js'
import { gate, until } from '../pool/pool-on.js'
import { scriptedVfs, type ScriptedVfs } from '../remote/scripted-vfs.js'

const closed = { code: 'ERR_FTP_CLOSED' }

/** An FtpVfs that has begun to upload `/slow`, and resumes when the gate opens. */
async function whileUploading(
  t: Test,
  options: FtpVfsOptions = {},
): Promise<ScriptedVfs & { open: () => void; upload: Promise<void> }> {
  const { opened, open } = gate()
  const scripted = await scriptedVfs(
    t,
    {
      files: { '/slow': 'as it was', '/folder': null },
      on: { STOR: ctx => (ctx.path === '/slow' ? opened.then(() => ctx.next()) : ctx.next()) },
    },
    { connections: 2, ...options },
  )
  t.teardown(open)
  const upload = scripted.vfs.writeFile('/slow', 'as it will be')
  await until(() => scripted.sent().includes('STOR /slow'))
  return { ...scripted, open, upload }
}

t.test('a call that waits for its turn', async t => {
  await t.test('holds no session, and sends nothing', async t => {
    const { vfs, open, upload, sent } = await whileUploading(t)
    const waiting = Array.from({ length: 10 }, () => vfs.readFile('/slow', 'utf8'))
    await vfs.stat('/folder')
    t.match(vfs.stats(), { busy: 1, waiting: 0 })
    t.notOk(sent().some(line => line.startsWith('RETR')))
    open()
    await upload
    t.same(await Promise.all(waiting), Array<string>(10).fill('as it will be'))
  })

  await t.test('gives up when it is aborted, and frees calls that waited only for it', async t => {
    const { vfs, open, upload } = await whileUploading(t)
    const abort = new AbortController()
    const first = vfs.writeFile('/slow', 'never', { signal: abort.signal })
    const read = vfs.readFile('/slow', 'utf8')
    abort.abort()
    await t.rejects(first, { name: 'AbortError' })
    open()
    await upload
    t.equal(await read, 'as it will be')
  })

  await t.test('has not waited for a session: queueTimeout does not count', async t => {
    const { vfs, open, upload } = await whileUploading(t, { queueTimeout: 50 })
    const stats = vfs.stat('/slow')
    await sleep(100)
    open()
    await upload
    t.equal((await stats).size, 13)
  })

  await t.test('is rejected by close, although the call before it is finished', async t => {
    const { vfs, open, upload, content } = await whileUploading(t)
    const waiting: Promise<unknown>[] = [vfs.stat('/slow'), vfs.rename('/slow', '/new'), vfs.stat('/new')]
    const rejected = Promise.all(waiting.map(call => t.rejects(() => call, closed)))
    const closing = vfs.close()
    await rejected
    open()
    await Promise.all([upload, closing])
    t.equal(content('/slow'), 'as it will be')
  })

  await t.test('is finished by close when it is a write stream that has ended', async t => {
    const { vfs, open, upload, content } = await whileUploading(t)
    const stream = vfs.createWriteStream('/slow').end('by a stream')
    const closing = vfs.close()
    open()
    await Promise.all([upload, once(stream, 'close'), closing])
    t.equal(stream.errored, null)
    t.equal(content('/slow'), 'by a stream')
  })

  await t.test('is rejected by destroy at once', async t => {
    const { vfs, upload } = await whileUploading(t)
    const waiting: Promise<unknown>[] = [
      upload,
      vfs.stat('/slow'),
      vfs.opendir('/slow'),
      vfs.writeFile('/slow', 'never'),
    ]
    const rejected = waiting.map(call => t.rejects(() => call, closed))
    const stream = vfs.createWriteStream('/slow').on('error', () => {})
    stream.end('never')
    vfs.destroy()
    await Promise.all(rejected)
    if (!stream.closed) await new Promise(resolve => stream.once('close', resolve))
    t.match(stream.errored, closed)
  })
})

t.test('files are written in parallel although each makes their folder again', async t => {
  const { opened, open } = gate()
  const { vfs, server } = await scriptedVfs(
    t,
    { on: { STOR: ctx => (ctx.path === '/a/b/0' ? opened.then(() => ctx.next()) : ctx.next()) } },
    { connections: 3 },
  )
  const store = async (vfs: FtpVfs, name: string): Promise<void> => {
    await vfs.mkdir('/a/b', { recursive: true })
    await vfs.writeFile(`/a/b/${name}`, 'x')
  }
  const slow = store(vfs, '0')
  await until(() => server.commands.some(({ line }) => line === 'STOR /a/b/0'))
  // Neither the folder nor any other file waits for the stalled one.
  await Promise.all(['1', '2', '3', '4'].map(name => store(vfs, name)))
  let listed = false
  const names = vfs.readdir('/a/b').then(found => {
    listed = true
    return found
  })
  await vfs.stat('/a')
  t.notOk(listed, 'a listing does')
  open()
  await slow
  t.equal((await names).length, 5)
})

t.test('streams that are never destroyed block no other call', async t => {
  const { vfs, content } = await scriptedVfs(t, { files: { '/f': 'old' } })
  const options = { autoClose: false }

  await t.test('one that could not be stored', async t => {
    const failed = vfs.createWriteStream('/missing/f', options).on('error', () => {})
    failed.end('x')
    await once(failed, 'error')
    await t.rejects(vfs.readFile('/missing/f'), { code: 'ENOENT' })
    failed.destroy()
  })
  await t.test('one that could not be opened', async t => {
    const failed = vfs.createWriteStream('/f', { ...options, flags: 'wx' }).on('error', () => {})
    failed.end('x')
    await once(failed, 'error')
    t.equal(await vfs.readFile('/f', 'utf8'), 'old')
    failed.destroy()
    failed.destroy()
  })
  await t.test('one that is stored, and left open', async t => {
    const stored = vfs.createWriteStream('/f', options)
    stored.end('new')
    await once(stored, 'finish')
    t.equal(await vfs.readFile('/f', 'utf8'), 'new')
    stored.destroy()
    stored.end()
    await vfs.writeFile('/f', 'newer')
    t.equal(content('/f'), 'newer')
  })
  await t.test('one that is destroyed before it is open', async t => {
    vfs.createReadStream('/f').destroy()
    vfs.createWriteStream('/f', { flags: 'r+' }).destroy()
    await vfs.writeFile('/f', 'newest')
    t.equal(content('/f'), 'newest')
  })
})
