import t from 'tap'
import { FtpVfs } from '../lib/index.js'
import { startEmbeddedServer } from './support/embedded-server.js'
import { forServers } from './support/for-servers.js'
import { recordControl } from './support/recording-proxy.js'
import { startScriptedServer } from './support/scripted-server.js'

interface Login {
  host: string
  port: number
  user: string
  password: string
}

/** The commands of one session during `work`, without its login: a list of flights. */
async function spoken(server: Login, work: (vfs: FtpVfs) => Promise<unknown>): Promise<string[][]> {
  await using proxy = await recordControl(server)
  const { host, user, password } = server
  await using vfs = new FtpVfs({ host, port: proxy.port, user, password, connections: 1 })
  await vfs.mkdir('/a')
  const before = proxy.flights.length
  await work(vfs)
  return proxy.flights.slice(before)
}

t.test(
  'a small file on an idle session is one write of EPSV, STOR and the facts before and after, where the server allows it',
  async t => {
    const looks = ['SIZE /a/b.txt', 'MDTM /a/b.txt']
    await t.test('one after the other on an unknown server', async t => {
      await using server = await startEmbeddedServer()
      const flights = await spoken(server, vfs => vfs.writeFile('/a/b.txt', 'x'))
      // The reply to SYST shows that no stray reply precedes it.
      t.same(flights, [[...looks, 'EPSV', 'SYST'], ['STOR /a/b.txt'], ['SIZE /a/b.txt']])
    })
    await forServers(
      t,
      'all in one write',
      async (t, server) => {
        const flights = await spoken(server, vfs => vfs.writeFile('/a/b.txt', 'x'))
        t.same(flights, [[...looks, 'STOR /a/b.txt', ...looks, 'EPSV']])
      },
      { only: ['vsftpd', 'proftpd', 'pure-ftpd'] },
    )
  },
)

t.test('connect proves the credentials', async t => {
  await using server = await startEmbeddedServer()
  const { host, port, user } = server
  await using right = new FtpVfs(server.url)
  await right.connect()
  t.equal(right.stats().sessions, 1)
  await using wrong = new FtpVfs({ host, port, user, password: 'not-the-password' })
  const error = await wrong.connect().catch((error: Error) => error)
  t.match(error, { code: 'ERR_FTP_LOGIN', cause: { code: 530 } })
  t.notMatch(String(error), /not-the-password/)
})

t.test(
  'stats count the bytes of all data connections, also broken ones and those of lost sessions',
  async t => {
    await using server = await startScriptedServer({
      // A known server: an unknown one has to prove first that it obeys REST.
      greeting: '220 (vsFTPd 3.0.3)',
      files: { '/f': 'x'.repeat(1000) },
      cut: { command: 'RETR', after: 400 },
    })
    await using vfs = new FtpVfs(server.url, { connections: 1 })
    t.match(vfs.stats(), { bytesSent: 0, bytesReceived: 0 })
    await vfs.writeFile('/g', 'y'.repeat(300))
    t.match(vfs.stats(), { bytesSent: 300, bytesReceived: 0 })
    // Another session resumes after the last byte.
    t.equal((await vfs.readFile('/f')).length, 1000)
    t.match(vfs.stats(), { opened: 2, bytesSent: 300, bytesReceived: 1000 })
    await vfs.readdir('/')
    t.ok(vfs.stats().bytesReceived > 1000, 'listings count, too')
  },
)

t.test('the first call opens the first connection', async t => {
  await using server = await startScriptedServer()
  await using vfs = new FtpVfs(server.url)
  t.equal(server.connections, 0)
  await vfs.stat('/')
  t.equal(server.connections, 1)
})

t.test('with mandatory TLS, a server without TLS gets nothing of the login', async t => {
  await using server = await startScriptedServer()
  await using vfs = new FtpVfs(`ftpes://me:secret@127.0.0.1:${server.port}/`)
  await t.rejects(vfs.stat('/'), {
    code: 'ERR_FTP_TLS',
    message: 'The server refused TLS: 500 AUTH not understood',
    cause: { name: 'FtpReplyError', code: 500 },
  })
  t.same(
    server.commands.map(({ line }) => line).filter(line => line !== 'QUIT'),
    ['AUTH TLS'],
  )
})

t.test('a closed FtpVfs refuses all calls', async t => {
  await using server = await startEmbeddedServer()
  const vfs = new FtpVfs(server.url)
  await vfs.writeFile('/a', 'x')
  await vfs.close()
  await vfs.close()
  await t.rejects(vfs.stat('/a'), { code: 'ERR_FTP_CLOSED' })
  await t.rejects(vfs.opendir('/'), { code: 'ERR_FTP_CLOSED' })
  t.throws(() => vfs.createReadStream('/a'), { code: 'ERR_FTP_CLOSED' })
  t.throws(() => vfs.createWriteStream('/a'), { code: 'ERR_FTP_CLOSED' })
})

t.test('the cause of an error is the reply of the server', async t => {
  await using server = await startEmbeddedServer()
  await using vfs = new FtpVfs(server.url)
  await t.rejects(vfs.readFile('/missing'), {
    code: 'ENOENT',
    message: "ENOENT: no such file or directory, open '/missing'",
    cause: { name: 'FtpReplyError', code: 550 },
  })
})

t.test('a missing command is ENOTSUP, and the error names it', async t => {
  await using server = await startScriptedServer({
    files: { '/a': 'x' },
    on: { MFMT: ctx => ctx.reply('500 What?'), SITE: ctx => ctx.reply('502 No.') },
  })
  await using vfs = new FtpVfs(server.url)
  await t.rejects(vfs.utimes('/a', 0, 0), {
    code: 'ENOTSUP',
    message: /, utime '\/a' \(the server has no MFMT\)$/,
  })
  await t.rejects(vfs.chmod('/a', 0o600), { code: 'ENOTSUP', message: /the server has no SITE CHMOD/ })
})

t.test('paths with line breaks or NUL are refused, and nothing is sent', async t => {
  await using server = await startScriptedServer()
  await using vfs = new FtpVfs(server.url)
  for (const path of ['/a\r\nDELE /b', '/a\nb', '/a\0b']) {
    await t.rejects(vfs.readFile(path), { code: 'ERR_INVALID_ARG_VALUE' })
    t.throws(() => vfs.createWriteStream(path), { code: 'ERR_INVALID_ARG_VALUE' })
  }
  t.equal(server.connections, 0)
})

t.test('absolutePath: / is the folder of the URL, below the root or the login directory', async t => {
  await using server = await startEmbeddedServer({ home: '/home/me' })
  await server.fs.promises.mkdir('/home/me/in', { recursive: true })
  await server.fs.promises.mkdir('/in')
  const { host, port, user, password } = server
  for (const [absolutePath, folder] of [
    [false, '/home/me/in'],
    [true, '/in'],
  ] as const) {
    await using vfs = new FtpVfs({ host, port, user, password, path: '/in', absolutePath })
    await vfs.writeFile('/../../file', 'x')
    t.same(await server.fs.promises.readdir(folder), ['file'])
  }
})

t.test('useCwdNames sends bare names in the right folder', async t => {
  await using server = await startScriptedServer({
    files: { '/a': null, '/b': null, '/a/x': '1', '/b/x': '2' },
  })
  await using vfs = new FtpVfs(server.url, { useCwdNames: true, connections: 1 })
  t.equal(await vfs.readFile('/a/x', 'utf8'), '1')
  t.equal(await vfs.readFile('/b/x', 'utf8'), '2')
  await vfs.writeFile('/b/y', '3')
  await vfs.rename('/b/y', '/a/y')
  await vfs.unlink('/a/x')
  t.same([...server.files.keys()].sort(), ['/', '/a', '/a/y', '/b', '/b/x'].sort())
  const named = server.commands.map(({ line }) => line).filter(line => /^(RETR|STOR|SIZE|DELE)/.test(line))
  t.notMatch(named.join('\n'), '/', 'only CWD gets a path')
})
