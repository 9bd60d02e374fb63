import t, { type Test } from 'tap'
import type { FtpVfsOptions } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import { FtpVfs } from '../../../lib/index.js'
import type { Script } from '../../support/scripted-server.js'
import { failureOf, greetings, scriptedVfs } from '../scripted-vfs.js'

const files = { '/d/a': 'x', '/d/.b': 'y', '/d/sub/c': null, '/empty': null }
const commands = ['MLSD', 'LIST -a', 'LIST', 'NLST'] as const

async function listed(
  t: Test,
  script: Script,
  options: FtpVfsOptions,
): Promise<{ names: string[]; sent: string[] }> {
  const { vfs, sent } = await scriptedVfs(t, { files, ...script }, options)
  const names = await vfs.readdir('/d')
  await vfs.readdir('/empty')
  await vfs.rm('/d', { recursive: true })
  return { names, sent: [...new Set(sent().filter(line => /^(LIST|MLSD|NLST|STAT \/d$)/.test(line)))] }
}

for (const listCommand of commands) {
  for (const greeting of ['220 scripted', greetings.vsftpd]) {
    await t.test(`${listCommand} is the only one that is sent; ${greeting}`, async t => {
      const { names, sent } = await listed(t, { greeting }, { listCommand })
      t.same(names, ['a', '.b', 'sub'])
      t.same(sent, [listCommand])
    })
  }

  await t.test(`${listCommand} that is refused is an error, and no other is sent`, async t => {
    const verb = listCommand.slice(0, 4)
    const { vfs, sent } = await scriptedVfs(
      t,
      { files, on: { [verb]: ctx => ctx.reply('502 Command not implemented') } },
      { listCommand },
    )
    t.match(await failureOf(vfs.readdir('/d')), { code: 'ENOTSUP' })
    t.same(
      sent().filter(line => /^(LIST|MLSD|NLST)/.test(line)),
      [listCommand],
    )
  })
}

await t.test('MLSD is sent where FEAT does not name it, too', async t => {
  const { vfs, sent } = await scriptedVfs(t, { files, features: ['SIZE'] }, { listCommand: 'MLSD' })
  t.same(await vfs.readdir('/d'), ['a', '.b', 'sub'])
  t.same(sent().slice(-1), ['MLSD'])
})

await forServers(t, 'the option on every server', async (t, { name, url }) => {
  for (const listCommand of commands) {
    await using vfs = new FtpVfs(url, { connections: 2, listCommand })
    if (listCommand === 'MLSD' && name === 'vsftpd') {
      t.match(await failureOf(vfs.readdir('/')), { code: 'ENOTSUP' })
      continue
    }
    await vfs.mkdir('/d/sub', { recursive: true })
    await vfs.writeFile('/d/a b', 'x')
    t.same((await vfs.readdir('/d')).sort(), ['a b', 'sub'], listCommand)
    t.same(await vfs.readdir('/d/sub'), [], listCommand)
    t.match(await failureOf(vfs.readdir('/none')), { code: 'ENOENT' })
    t.match(await failureOf(vfs.readdir('/d/a b')), { code: 'ENOTDIR' })
    await vfs.cp('/d', '/copy', { recursive: true })
    t.equal(await vfs.readFile('/copy/a b', 'utf8'), 'x')
    await vfs.rm('/copy', { recursive: true })
    await vfs.rm('/d', { recursive: true })
  }
})
