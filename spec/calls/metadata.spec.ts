import t from 'tap'
import { CallRunner } from '../../lib/calls/call-runner.js'
import { chown } from '../../lib/calls/chown.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { FtpVfs } from '../../lib/index.js'
import { RemotePaths } from '../../lib/remote/paths.js'
import type { Remote } from '../../lib/remote/remote.js'
import { failureOf, greetings, scriptedVfs } from '../remote/scripted-vfs.js'
import { nextTurn, warnings } from '../real/vfs-on.js'
import type { Handler, Script } from '../support/scripted-server.js'

const unknown: Handler = ctx => ctx.reply('500 Unknown command')
const plain: Script = { files: { '/f': 'x' }, on: { MFMT: unknown, SITE: unknown } }

t.test('chown and lchown are ENOTSUP: FTP has no command for it', async t => {
  const { vfs, sent } = await scriptedVfs(t, plain)
  for (const call of ['chown', 'lchown'] as const) {
    t.match(await failureOf(vfs[call]('/f', 1, 1)), {
      code: 'ENOTSUP',
      syscall: call,
      path: '/f',
      message: /\(FTP has no command for the owner of a file\)$/,
    })
    t.match(await failureOf(vfs[call]('/f', -2, 1)), { code: 'ERR_OUT_OF_RANGE', message: /"uid"/ })
    t.match(await failureOf(vfs[call]('/f', 1, '1' as never)), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /"gid"/,
    })
  }
  t.same(sent(), [])
})

t.test('chmod and utimes are ENOTSUP where the server lacks the command', async t => {
  const { vfs, sent } = await scriptedVfs(t, plain)
  t.match(await failureOf(vfs.chmod('/f', 0o600)), { code: 'ENOTSUP', syscall: 'chmod', path: '/f' })
  t.match(await failureOf(vfs.utimes('/f', 1, 1)), { code: 'ENOTSUP', syscall: 'utime', path: '/f' })
  t.match(await failureOf(vfs.lutimes('/f', 1, 1)), { code: 'ENOTSUP', syscall: 'lutime' })
  t.match(await failureOf(vfs.lchmod('/f', 1)), { code: 'ENOTSUP', syscall: 'lchmod' })
  t.equal(sent().filter(line => /^(SITE|MFMT)/.test(line)).length, 2, 'what is lacking is asked for once')
})

t.test("unsupportedMetadata 'ignore': they do nothing, with one warning", async t => {
  const codes = warnings(t)
  const { vfs } = await scriptedVfs(t, plain, { unsupportedMetadata: 'ignore' })
  await vfs.chown('/f', 1, 1)
  await vfs.lchown('/f', 1, 1)
  await vfs.chmod('/f', 0o600)
  await vfs.lutimes('/f', 1, 1)
  await nextTurn()
  t.same(codes, ['FTP_VFS_UNSUPPORTED_METADATA'])
})

t.test('what else is refused is no matter of the option', async t => {
  const codes = warnings(t)
  const { vfs } = await scriptedVfs(
    t,
    { ...plain, on: { SITE: ctx => ctx.reply('550 Failed') } },
    { unsupportedMetadata: 'ignore' },
  )
  t.match(await failureOf(vfs.chmod('/missing', 0o600)), { code: 'ENOENT' })
  t.match(await failureOf(vfs.chmod('/f', 0o600)), { code: 'EACCES' })
  await nextTurn()
  t.same(codes, [])
})

t.test(
  'SITE CHMOD of ProFTPD gets a name in quotation marks that ends with a space: it would drop the space',
  async t => {
    const on = { SITE: (ctx: { reply(text: string): void }) => ctx.reply('200 done') }
    const names = ['/f "x" ', '/a b']
    const files = Object.fromEntries(names.map(name => [name, 'x']))
    for (const [greeting, lines] of [
      [greetings.proftpd, [String.raw`SITE CHMOD 600 "/f \"x\" "`, 'SITE CHMOD 600 /a b']],
      [greetings.vsftpd, ['SITE CHMOD 600 /f "x" ', 'SITE CHMOD 600 /a b']],
    ] as const) {
      const { vfs, sent } = await scriptedVfs(t, { greeting, files, on })
      for (const name of names) await vfs.chmod(name, 0o600)
      t.same(
        sent().filter(line => line.startsWith('SITE')),
        lines,
      )
    }
  },
)

t.test('of a link, lchmod and lutimes are ENOTSUP, or do nothing', async t => {
  await using server = await startEmbeddedServer()
  server.fs.writeFileSync('/file', 'x')
  server.fs.symlinkSync('file', '/link')
  await using vfs = new FtpVfs(server.url)
  await vfs.chmod('/file', 0o640)
  t.match(await failureOf(vfs.lchmod('/link', 0o600)), { code: 'ENOTSUP', syscall: 'lchmod', path: '/link' })
  t.match(await failureOf(vfs.lutimes('/link', 1, 1)), { code: 'ENOTSUP', syscall: 'lutime', path: '/link' })
  await using other = new FtpVfs(server.url, { unsupportedMetadata: 'ignore' })
  await other.lchmod('/link', 0o600)
  await other.lutimes('/link', 1, 1)
  t.equal((await vfs.stat('/file')).mtimeMs > 1_000, true)
  t.equal((await vfs.lstat('/file')).mode & 0o777, 0o640)
  await vfs.lchmod('/file', 0o600)
  t.equal((await vfs.lstat('/file')).mode & 0o777, 0o600)
})

t.test('calls that ignore share all else; an option that says throw is kept', async t => {
  const paths = new RemotePaths({ folder: '', absolute: true })
  const remote = { paths, pool: { log: { warn: () => {} } } } as unknown as Remote
  const calls = new CallRunner(remote)
  const ignoring = calls.ignoringMetadata()
  t.equal(ignoring.order, calls.order)
  t.equal(ignoring.paths, calls.paths)
  t.equal(ignoring.unsupportedMetadata, 'ignore')
  const throwing = new CallRunner(remote, calls.order, 'throw')
  t.equal(throwing.ignoringMetadata(), throwing)
  t.throws(() => chown(calls, '/f', 1.5, 1), { code: 'ERR_OUT_OF_RANGE' })
})
