import t from 'tap'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import type { Handler, Script } from '../support/script.js'

// FluentFTP#833, libunftp's pull request 94: CWD says 250 to any path, and LIST there shows nothing
// where no folder is. The trap: an empty folder, where there is a file, or nothing.

const CWD: Handler = ctx => {
  ctx.connection.cwd = ctx.path
  ctx.reply('250 CWD command successful.')
}
const emptyElsewhere: Handler = ctx =>
  ctx.server.files.get(ctx.connection.cwd)?.content === 'dir' ? ctx.next() : ctx.send([])
const files = { '/d/a.txt': 'hello', '/empty': null }

for (const mlst of [true, false]) {
  for (const listsItself of [true, false]) {
    // What is missing is refused, where a file is listed as itself.
    const lists: Handler = ctx =>
      listsItself && ctx.server.files.has(ctx.connection.cwd) ? ctx.next() : emptyElsewhere(ctx)
    const script: Script = { mlst, files, on: { CWD, LIST: lists, MLSD: emptyElsewhere } }

    t.test(`no folder where there is none; MLST: ${mlst}, LIST shows the file: ${listsItself}`, async t => {
      const { vfs } = await scriptedVfs(t, script)
      for (const [path, code] of [
        ['/d/a.txt', 'ENOTDIR'],
        ['/d/a.txt/below', 'ENOTDIR'],
        ['/none', 'ENOENT'],
        ['/none/below', 'ENOENT'],
      ] as const) {
        t.match(await failureOf(vfs.readdir(path)), { code, syscall: 'scandir', path })
        t.match(await failureOf(vfs.readdir(path, { recursive: true })), { code })
        t.match(await failureOf(vfs.opendir(path)), { code, syscall: 'opendir' })
        t.match(await failureOf(vfs.rmdir(path)), { code: /^ENO/ })
      }
    })

    t.test(`folders are listed as ever; MLST: ${mlst}, LIST shows the file: ${listsItself}`, async t => {
      const { vfs } = await scriptedVfs(t, script)
      t.same(await vfs.readdir('/d'), ['a.txt'])
      t.same(await vfs.readdir('/empty'), [])
      const dir = await vfs.opendir('/empty')
      t.equal(await dir.read(), null)
      await dir.close()
      await vfs.cp('/d', '/copy', { recursive: true })
      t.equal(await vfs.readFile('/copy/a.txt', 'utf8'), 'hello')
      t.match(await failureOf(vfs.cp('/none', '/other', { recursive: true })), { code: 'ENOENT' })
      await vfs.rm('/d', { recursive: true })
      t.same((await vfs.readdir('/')).sort(), ['copy', 'empty'])
    })
  }
}

t.test('a server that refuses what it cannot enter is asked once, and of empty listings only', async t => {
  const { vfs, sent } = await scriptedVfs(t, { mlst: false, files })
  await vfs.readdir('/d')
  t.notOk(sent().some(line => line.includes('ftp-vfs-')))
  await vfs.readdir('/empty')
  await vfs.readdir('/empty')
  t.equal(sent().filter(line => line.startsWith('CWD /ftp-vfs-')).length, 1)
})

t.test('a folder that holds only a file of its own name', async t => {
  const { vfs } = await scriptedVfs(t, { mlst: false, files: { '/same/same': 'x' } })
  t.same(await vfs.readdir('/same'), ['same'])
  const names: string[] = []
  for await (const { name } of await vfs.opendir('/same')) names.push(name)
  t.same(names, ['same'])
})
