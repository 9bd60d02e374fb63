import t, { type Test } from 'tap'
import { forServers } from '../../support/for-servers.js'
import type { Cut, Handler } from '../../support/scripted-server.js'
import { FtpVfs } from '../../../lib/index.js'
import { failureOf, greetings, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

const files = { '/f': 'old', '/g': 'other', '/d': null, '/full/x': 'x' }

/** The reply to this command is lost; the command takes effect. */
const lost = (command: string): Cut => ({ command, what: 'control' })
/** The command is lost with its reply. */
const unheard = (command: string, nth = 1): Cut => ({ command, nth })

const paths = ({ server }: ScriptedVfs): string[] => [...server.files.keys()].sort()
const times = ({ sent }: ScriptedVfs, verb: string): number =>
  sent().filter(line => line.startsWith(`${verb} `)).length

for (const [title, cut] of [
  ['a reply that is lost', lost],
  ['a command that is lost', unheard],
] as const) {
  t.test(`${title}: the change takes place once and succeeds`, async t => {
    const on = (t: Test, command: string): Promise<ScriptedVfs> =>
      scriptedVfs(t, { files, cut: cut(command) })

    await t.test('DELE', async t => {
      const server = await on(t, 'DELE')
      await server.vfs.unlink('/f')
      t.same(paths(server), ['/', '/d', '/full', '/full/x', '/g'])
    })

    await t.test('RMD', async t => {
      const server = await on(t, 'RMD')
      await server.vfs.rmdir('/d')
      t.same(paths(server), ['/', '/f', '/full', '/full/x', '/g'])
    })

    await t.test('MKD', async t => {
      const server = await on(t, 'MKD')
      await server.vfs.mkdir('/new')
      t.ok(server.server.files.has('/new'))
    })

    await t.test('MKD of a folder in a folder', async t => {
      const server = await on(t, 'MKD')
      t.equal(await server.vfs.mkdir('/d/a/b', { recursive: true }), '/d/a')
      t.ok(server.server.files.has('/d/a/b'))
    })

    await t.test('MFMT and SITE CHMOD', async t => {
      const { vfs, server } = await scriptedVfs(t, { files, cut: [cut('MFMT'), cut('SITE')] })
      await vfs.utimes('/f', 0, 1_600_000_000)
      await vfs.chmod('/f', 0o600)
      t.match(server.files.get('/f'), { modified: new Date(1_600_000_000_000), mode: 0o600 })
    })
  })
}

t.test('a refusal after a lost reply is still one', async t => {
  const server = await scriptedVfs(t, { files, cut: unheard('RMD') })
  t.match(await failureOf(server.vfs.rmdir('/full')), { code: 'ENOTEMPTY' })
})

t.test('what is lost at each attempt is an error, which says that it may have been done', async t => {
  const cut = [1, 2, 3].map(nth => unheard('MKD', nth))
  const server = await scriptedVfs(t, { cut }, { retries: 2, retryDelay: 1 })
  const error = await failureOf(server.vfs.mkdir('/new'))
  t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', message: /; it may have been done \(tried 3 times\)$/ })
  t.equal(times(server, 'MKD'), 3)
})

t.test('and how often it was tried, once', async t => {
  const drop: Handler = ctx => ctx.connection.drop('both')
  const on = { MLST: drop, MKD: drop }
  const server = await scriptedVfs(t, { on }, { retries: 2, retryDelay: 1 })
  const error = await failureOf(server.vfs.mkdir('/new'))
  t.match(error, { attempts: 3, message: /\(tried 3 times\); it may have been done$/ })
})

t.test('mkdir recursive is one flight, however deep', async t => {
  const on = await scriptedVfs(t, { files })
  await on.vfs.connect()
  const before = on.server.flights.length
  t.equal(await on.vfs.mkdir('/d/a/b/c', { recursive: true }), '/d/a')
  t.equal(on.server.flights.length, before + 1)
  t.equal(await on.vfs.mkdir('/d/a/b/c', { recursive: true }), undefined)
  t.match(await failureOf(on.vfs.mkdir('/f/a', { recursive: true })), { code: 'ENOTDIR' })
  t.match(await failureOf(on.vfs.mkdir('/f', { recursive: true })), { code: 'EEXIST' })
})

t.test('a command that the server does not know', async t => {
  const on = {
    MFMT: (ctx: { reply(text: string): void }) => ctx.reply('502 MFMT?'),
    SITE: (ctx: { reply(text: string): void }) => ctx.reply('500 SITE?'),
  }

  await t.test('is ENOTSUP that names it, and is not sent again', async t => {
    const server = await scriptedVfs(t, { files, on })
    for (let round = 0; round < 2; round++) {
      const time = await failureOf(server.vfs.utimes('/f', 0, 0))
      t.match(time, { code: 'ENOTSUP', syscall: 'utime', path: '/f' })
      t.match(time.message, /the server has no MFMT/)
      t.match((await failureOf(server.vfs.chmod('/f', 0o600))).message, /the server has no SITE CHMOD/)
    }
    t.equal(times(server, 'MFMT'), 1)
    t.equal(times(server, 'SITE'), 1)
  })

  await t.test('a parameter that it does not like is no such thing', async t => {
    const { vfs, server } = await scriptedVfs(t, {
      files,
      on: { MFMT: ctx => (ctx.n === 1 ? ctx.reply('501 /f/below: Not a directory') : ctx.next()) },
    })
    t.match(await failureOf(vfs.utimes('/f/below', 0, 0)), { code: 'ENOTDIR' })
    await vfs.utimes('/f', 0, 1_600_000_000)
    t.equal(server.files.get('/f')!.modified.getTime(), 1_600_000_000_000)
  })

  await t.test('vsftpd takes the time with MDTM', async t => {
    const { vfs, sent } = await scriptedVfs(t, {
      greeting: greetings.vsftpd,
      files,
      on: { MDTM: ctx => ctx.reply('213 File modification time set.') },
    })
    await vfs.utimes('/f', 0, 1_600_000_000.9)
    t.same(sent(), ['EPSV', 'MDTM 20200913122640 /f'])
  })

  await t.test('nor does vsftpd know one for the time of a folder', async t => {
    const { vfs } = await scriptedVfs(t, {
      greeting: greetings.vsftpd,
      files,
      on: { MDTM: ctx => ctx.reply('550 Could not set file modification time.') },
    })
    const error = await failureOf(vfs.utimes('/d', 0, 0))
    t.match(error, { code: 'ENOTSUP', syscall: 'utime', path: '/d', cause: { code: 550 } })
    t.match(await failureOf(vfs.utimes('/f', 0, 0)), { code: 'EACCES' })
    t.match(await failureOf(vfs.utimes('/none', 0, 0)), { code: 'ENOENT' })
  })
})

await forServers(t, 'renaming and removing', async (t, { url }) => {
  await using vfs = new FtpVfs(url, { connections: 2 })
  await vfs.mkdir('/a/b', { recursive: true })
  await vfs.writeFile('/a/f', '1')
  await vfs.writeFile('/a/b/f', '2')
  await vfs.rename('/a/f', '/a/b/f')
  t.equal(await vfs.readFile('/a/b/f', 'utf8'), '1')
  await vfs.rename('/a/b', '/c')
  t.same(await vfs.readdir('/c'), ['f'])
  t.match(await failureOf(vfs.rmdir('/c')), { code: 'ENOTEMPTY' })
  t.match(await failureOf(vfs.rename('/a', '/c')), { code: 'ENOTEMPTY' })
  t.match(await failureOf(vfs.rename('/c', '/c/d')), { code: 'EINVAL' })
  t.match(await failureOf(vfs.rename('/c/f', '/a')), { code: 'EISDIR' })
  t.match(await failureOf(vfs.rename('/a', '/c/f')), { code: 'ENOTDIR' })
  t.match(await failureOf(vfs.rename('/a', '/none/a')), { code: 'ENOENT', dest: '/none/a' })
  await vfs.utimes('/c/f', 0, 1_600_000_000)
  t.equal((await vfs.stat('/c/f')).mtimeMs, 1_600_000_000_000)
  await vfs.unlink('/c/f')
  await vfs.rmdir('/c')
  t.same(await vfs.readdir('/'), ['a'])
})
