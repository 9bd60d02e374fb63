import t from 'tap'
import { scriptedVfs } from '../remote/scripted-vfs.js'

// Small servers on Windows tell the path as Windows writes it; they take slashes as well.
for (const [pwd, folder, root] of [
  ['257 "C:\\FTP\\box" is current directory.', 'C:/FTP/box', 'C:/FTP/box'],
  ['257 C:\\FTP\\box is the current directory', 'C:/FTP/box', 'C:/FTP/box'],
  ['257 "D:\\"', 'D:', 'D:/'],
] as const) {
  await t.test(`PWD says ${pwd}`, async t => {
    const { vfs, sent } = await scriptedVfs(t, {
      mlst: false,
      on: {
        PWD: ctx => ctx.reply(pwd),
        SIZE: ctx => ctx.reply(ctx.argument === `${folder}/a` ? '213 4' : '550 No'),
        CWD: ctx => ctx.reply(ctx.argument === root ? '250 OK' : '550 No'),
        LIST: ctx => ctx.send(['-rw-r--r-- 1 0 0 4 Jan 01 2020 a\r\n']),
      },
    })
    t.equal((await vfs.stat('/a')).size, 4)
    t.same(await vfs.readdir('/'), ['a'])
    t.ok(sent().includes(`CWD ${root}`))
  })
}
