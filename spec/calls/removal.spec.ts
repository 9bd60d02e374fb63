import t from 'tap'
import type { Handler, Script } from '../support/script.js'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'

const tree = { files: { '/d/f': 'x', '/d/g': 'x' } }

t.test('rm with recursive tries again after a failure that may pass, up to maxRetries', async t => {
  let busy = 2
  const inUse: Handler = ctx =>
    ctx.path === '/d/f' && busy-- > 0 ? ctx.reply('450 File is in use') : ctx.next()
  const { vfs, server, sent } = await scriptedVfs(t, { ...tree, on: { DELE: inUse } }, { retries: 0 })
  await vfs.rm('/d', { recursive: true, maxRetries: 2, retryDelay: 1 })
  t.equal(server.files.has('/d'), false)
  t.equal(sent().filter(line => line === 'DELE /d/f').length, 3)
})

t.test('rm gives up after maxRetries', async t => {
  const { vfs, sent } = await scriptedVfs(
    t,
    { ...tree, on: { DELE: ctx => ctx.reply('450 File is in use') } },
    { retries: 0 },
  )
  const options = { recursive: true, maxRetries: 1, retryDelay: 1 }
  t.match(await failureOf(vfs.rm('/d', options)), { code: 'EBUSY', syscall: 'rm', path: '/d' })
  t.equal(sent().filter(line => line === 'DELE /d/f').length, 2)
  await failureOf(vfs.rm('/d/f', { maxRetries: 5, retryDelay: 1 }))
  t.equal(sent().filter(line => line === 'DELE /d/f').length, 3, 'only with recursive')
})

t.test('each entry of a tree has its own retries', async t => {
  const busy = new Map([
    ['/d/f', 2],
    ['/d/g', 2],
  ])
  const inUse: Handler = ctx => {
    const left = busy.get(ctx.path) ?? 0
    busy.set(ctx.path, left - 1)
    return left > 0 ? ctx.reply('450 File is in use') : ctx.next()
  }
  const script = { ...tree, on: { DELE: inUse } }
  const { vfs, server } = await scriptedVfs(t, script, { retries: 2, retryDelay: 1 })
  await vfs.rm('/d', { recursive: true })
  t.equal(server.files.has('/d'), false)
})

t.test('rm does not try again after a permanent failure', async t => {
  const { vfs, sent } = await scriptedVfs(t, {
    ...tree,
    on: { DELE: ctx => ctx.reply('550 Permission denied') },
  })
  t.match(await failureOf(vfs.rm('/d', { recursive: true, maxRetries: 5 })), { code: 'EACCES' })
  t.equal(sent().filter(line => line === 'DELE /d/f').length, 1)
})

t.test('a wait between two attempts ends with the FtpVfs', async t => {
  const script: Script = { ...tree, on: { DELE: ctx => ctx.reply('450 File is in use') } }
  const { vfs, server } = await scriptedVfs(t, script, { retries: 0 })
  const failure = failureOf(vfs.rm('/d', { recursive: true, maxRetries: 9, retryDelay: 60_000 }))
  while (!server.commands.some(({ line }) => line.startsWith('DELE'))) await vfs.stat('/')
  vfs.destroy()
  t.match(await failure, { code: 'ERR_FTP_CLOSED' })
})

t.test('rmdir with recursive removes the content', async t => {
  const { vfs, server } = await scriptedVfs(t, { files: { '/d/e/f': 'x', '/f': 'x' } })
  await vfs.rmdir('/d', { recursive: true })
  t.equal(server.files.has('/d'), false)
  t.match(await failureOf(vfs.rmdir('/f', { recursive: true })), { code: 'ENOTDIR', syscall: 'rmdir' })
  t.match(await failureOf(vfs.rmdir('/none', { recursive: true })), { code: 'ENOENT' })
})

t.test('invalid options of rm and rmdir', async t => {
  const { vfs, sent } = await scriptedVfs(t, tree)
  const table: [options: unknown, code: string, message: RegExp][] = [
    [null, 'ERR_INVALID_ARG_TYPE', /^The "options" argument must be of type object\. Received null$/],
    ['r', 'ERR_INVALID_ARG_TYPE', /"options" argument/],
    [{ recursive: 1 }, 'ERR_INVALID_ARG_TYPE', /^The "options\.recursive" property must be of type boolean/],
    [{ maxRetries: '1' }, 'ERR_INVALID_ARG_TYPE', /options\.maxRetries/],
    [{ maxRetries: -1 }, 'ERR_OUT_OF_RANGE', />= 0 && <= 4294967295\. Received -1$/],
    [{ retryDelay: 2 ** 31 }, 'ERR_OUT_OF_RANGE', />= 0 && <= 2147483647/],
  ]
  for (const [options, code, message] of table) {
    t.match(await failureOf(vfs.rm('/d', options as object)), { code, message })
    t.match(await failureOf(vfs.rmdir('/d', options as object)), { code, message })
  }
  t.match(await failureOf(vfs.rm('/d', { force: 'yes' as never })), { code: 'ERR_INVALID_ARG_TYPE' })
  t.same(sent(), [])
})
