import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import { skipReason } from '../support/for-servers.js'
import { ftpUser } from '../support/ftp-user.js'
import { packages } from '../support/real-server-commands.js'
import { startServer } from '../support/real-servers.js'

t.test('AVBL, if FEAT lists it', async t => {
  const { vfs, sent } = await scriptedVfs(t, {
    features: ['MLST', 'AVBL'],
    files: { '/d/f': 'x' },
    on: { AVBL: ctx => ctx.reply('213 9007199254740993') },
  })
  const expected = { type: 0, bsize: 4096, files: 0, ffree: 0 }
  const blocks = Math.floor(Number('9007199254740993') / 4096)
  t.match(await vfs.statfs('/d'), { ...expected, blocks, bfree: blocks, bavail: blocks })
  t.match(await vfs.statfs('/d/f', { bigint: true }), { type: 0n, bsize: 4096n, bavail: BigInt(blocks) })
  t.same(
    sent().filter(line => line.startsWith('AVBL')),
    ['AVBL /d', 'AVBL /d'],
    'of a file, its folder',
  )
})

t.test('AVBL that fails or returns no number', async t => {
  let reply = '550 Permission denied'
  const { vfs } = await scriptedVfs(t, {
    features: ['MLST', 'AVBL'],
    files: { '/f': 'x' },
    on: { AVBL: ctx => ctx.reply(reply) },
  })
  t.match(await failureOf(vfs.statfs('/')), { code: 'EACCES', syscall: 'statfs', path: '/' })
  reply = '213 much'
  t.match(await failureOf(vfs.statfs('/')), { code: 'ENOTSUP' })
  t.match(await failureOf(vfs.statfs('/none')), { code: 'ENOENT', syscall: 'statfs', path: '/none' })
  t.match(await failureOf(vfs.statfs('/f/')), { code: 'ENOTDIR' })
})

const quota = (...lines: string[]) =>
  [
    '200-The current quota for this session are [current/limit]:',
    ' Name: me',
    ...lines,
    '200 Ask the admin',
  ].join('\r\n')

t.test('SITE QUOTA in the units of ProFTPD', async t => {
  let reply = ''
  const { vfs } = await scriptedVfs(t, { on: { SITE: ctx => ctx.reply(reply) } })
  const free = async (...lines: string[]) => {
    reply = quota(...lines)
    const { blocks, bfree, files, ffree } = await vfs.statfs('/')
    return [blocks, bfree, files, ffree]
  }
  t.same(await free('   Uploaded bytes:\t4096.00/12288.00', '   Uploaded files:\t2/10'), [3, 2, 10, 8])
  t.same(await free('   Uploaded Kb:\t\t4.50/12.00', '   Uploaded files:\tunlimited'), [3, 1, 0, 0])
  t.same(await free('   Uploaded Mb:\t\t0.00/1.00'), [256, 256, 0, 0])
  t.same(await free('   Uploaded Gb:\t\t2.00/1.00'), [2 ** 18, 0, 0, 0], 'a quota that is exceeded')
  for (const unlimited of [quota('   Uploaded bytes:\tunlimited'), '202 No quotas in effect']) {
    reply = unlimited
    t.match(await failureOf(vfs.statfs('/')), { code: 'ENOTSUP', message: /no limit for this user/ })
  }
})

t.test('ENOTSUP without AVBL and SITE QUOTA', async t => {
  const { vfs, sent } = await scriptedVfs(t)
  for (let times = 0; times < 2; times++) {
    const error = await failureOf(vfs.statfs('/'))
    t.match(error, {
      code: 'ENOTSUP',
      syscall: 'statfs',
      message: /\(the server has no AVBL and no SITE QUOTA\)$/,
    })
  }
  t.equal(sent().filter(line => line === 'SITE QUOTA').length, 1)
})

const reason = await skipReason('proftpd')
t.test(`the quota of a ProFTPD${reason ? `: ${reason}` : ''}`, reason ? { skip: reason } : {}, async t => {
  const folder = await mkdtemp(join(tmpdir(), 'ftp-vfs-quota-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const { name } = await ftpUser()
  const ftpquota = (...args: string[]) =>
    promisify(execFile)('perl', [join(packages, 'proftpd/usr/sbin/ftpquota'), ...args])
  for (const type of ['limit', 'tally']) {
    const table = join(folder, type)
    await ftpquota('--create-table', `--type=${type}`, `--table-path=${table}`)
    await chmod(table, 0o666)
  }
  const limits = ['--bytes-upload=81920', '--files-upload=10', '--limit-type=hard', '--quota-type=user']
  const record = ['--add-record', '--type=limit', `--name=${name}`, `--table-path=${join(folder, 'limit')}`]
  await ftpquota(...record, ...limits)
  const settings = [
    'LoadModule mod_quotatab.c',
    'LoadModule mod_quotatab_file.c',
    'QuotaEngine on',
    `QuotaLimitTable file:${join(folder, 'limit')}`,
    `QuotaTallyTable file:${join(folder, 'tally')}`,
  ]
  await chmod(folder, 0o755)
  await using server = await startServer('proftpd', { settings })
  await using vfs = new FtpVfs(server.url, { connections: 1 })
  t.match(await vfs.statfs('/'), { blocks: 20, bfree: 20, files: 10, ffree: 10 })
  await vfs.writeFile('/f', Buffer.alloc(8192))
  t.match(await vfs.statfs('/f'), { blocks: 20, bavail: 18, files: 10, ffree: 9 })
})
