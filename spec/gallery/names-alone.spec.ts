import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'
import type { Handler, Script } from '../support/script.js'

const files = { '/d/a': '1234', '/d/total 0': 'x', '/d/sub/b': 'x', '/empty': null }
const missing: Handler = ctx => ctx.reply('502 Command not implemented.')
const listings = (sent: string[]): string[] => sent.filter(line => /^(LIST|MLSD|NLST)/.test(line))

/** The folder stands before each name. */
const withFolder: Handler = ctx =>
  ctx.send(
    [...ctx.server.files.keys()]
      .filter(path => path.startsWith(`${ctx.connection.cwd}/`))
      .filter(path => !path.slice(ctx.connection.cwd.length + 1).includes('/'))
      .map(path => `${path}\r\n`),
  )

/**
 * The transcript: `LIST -a`, `502`; `LIST`, `502`; `NLST`, the names. The trap: a name such as
 * `total 0` is no notice, and what a name is has to be asked for.
 */
const servers: Record<string, Script> = {
  'no LIST': { files, mlst: false, on: { LIST: missing } },
  'no LIST and no SIZE': { files, mlst: false, on: { LIST: missing, SIZE: missing } },
  'names with their folder': { files, mlst: false, on: { LIST: missing, NLST: withFolder } },
  'MLST alone': { files, on: { LIST: missing, MLSD: missing } },
}

for (const [title, script] of Object.entries(servers)) {
  await t.test(title, async t => {
    const { vfs, sent, server } = await scriptedVfs(t, script)
    const names = ['a', 'sub', 'total 0']
    t.same((await vfs.readdir('/d')).sort(), names)
    t.same(await vfs.readdir('/empty'), [])
    const typed = await vfs.readdir('/d', { withFileTypes: true })
    t.same(
      typed.filter(entry => entry.isDirectory()).map(({ name }) => name),
      ['sub'],
    )
    const opened: string[] = []
    for await (const { name } of await vfs.opendir('/d')) opened.push(name)
    t.same(opened.sort(), names)
    t.same((await vfs.readdir('/d', { recursive: true })).sort(), ['a', 'sub', 'sub/b', 'total 0'])
    const before = sent().length
    await vfs.readdir('/d')
    t.same(listings(sent().slice(before)), ['NLST'], 'LIST is not asked again')
    if (script.on!['SIZE']) return
    await vfs.cp('/d', '/copy', { recursive: true })
    t.ok(server.files.has('/copy/sub/b'))
    await vfs.rm('/d', { recursive: true })
    t.notOk(server.files.has('/d'))
  })
}

await t.test('a name with a slash that is not of this folder is an error', async t => {
  const NLST: Handler = ctx => ctx.send(['/other/a\r\n'])
  const { vfs } = await scriptedVfs(t, { files, mlst: false, on: { LIST: missing, NLST } })
  await t.rejects(vfs.readdir('/d'), { code: 'ERR_FTP_LISTING' })
})
