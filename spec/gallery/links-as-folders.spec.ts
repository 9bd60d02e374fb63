import t from 'tap'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import { encodeName } from '../../lib/wire/names/names.js'
import type { Handler, Script } from '../support/script.js'
import type { CommandContext } from '../support/scripted-command.js'

// A link to a folder, as these servers show it: a folder with what is in the one it leads to.
const link = '/tree/link'
const files = { '/tree/link/kept': 'x', '/tree/sub/f': 'y', '/tree/sub/deep/g': 'z' }

/** Twisted 22.4: DELE looks through the link, RMD is rmdir(2) of the link itself. */
const twisted: Script = {
  greeting: '220 Twisted 22.4.0 FTP Server',
  mlst: false,
  files,
  on: {
    DELE: ctx =>
      ctx.server.files.get(ctx.path)?.content === 'dir'
        ? ctx.reply(`550 ${ctx.path}: is a directory`)
        : ctx.next(),
    RMD: ctx => (ctx.path === link ? ctx.reply('550 Not a directory') : ctx.next()),
  },
}

t.test('where nothing tells a link from a folder, rm names it and the option, and leaves it', async t => {
  const { vfs, server } = await scriptedVfs(t, twisted)
  t.match(await failureOf(vfs.rm('/tree', { recursive: true })), {
    code: 'ENOTSUP',
    syscall: 'rm',
    path: '/tree',
    message: /'\/tree\/link' may be a link, .*removeUnsureFolders/,
  })
  t.ok(server.files.has('/tree/link/kept'))
  t.match(await failureOf(vfs.rmdir(link, { recursive: true })), { code: 'ENOTSUP', path: link })
  t.ok(server.files.has('/tree/link/kept'))
})

t.test('a tree without links goes: RMD says of each folder that it is not empty', async t => {
  const { vfs, server, sent } = await scriptedVfs(t, { ...twisted, files: { '/tree/sub/deep/g': 'z' } })
  await vfs.rm('/tree', { recursive: true })
  t.same([...server.files.keys()], ['/'])
  const made = sent().filter(line => line.startsWith('MKD'))
  t.equal(made.length, 2, 'what DELE and RMD refuse is tried once, with folders of our own')
})

t.test('a tree goes where RMD says so in another language; a link stays there, too', async t => {
  for (const [full, other, encoding] of [
    ['Das Verzeichnis ist nicht leer', 'Das ist kein Verzeichnis', 'utf8'],
    ['Каталог не пуст', 'Это не каталог', 'windows-1251'],
    ['目录不是空的。', '不是目录', 'gbk'],
  ] as const) {
    const said = (text: string): string => `550 ${encodeName(text, encoding)}`
    const RMD: Handler = ctx => {
      if (ctx.path === link) return ctx.reply(said(other))
      const isFull = [...ctx.server.files.keys()].some(path => path.startsWith(`${ctx.path}/`))
      return isFull ? ctx.reply(said(full)) : ctx.next()
    }
    const on: Script['on'] = { ...twisted.on, RMD }
    const { vfs, server } = await scriptedVfs(t, { ...twisted, files: { '/tree/sub/deep/g': 'z' }, on })
    await vfs.rm('/tree', { recursive: true })
    t.same([...server.files.keys()], ['/'], full)
    const linked = await scriptedVfs(t, { ...twisted, on })
    t.match(await failureOf(linked.vfs.rm('/tree', { recursive: true })), { code: 'ENOTSUP' })
    t.ok(linked.server.files.has('/tree/link/kept'))
  }
})

t.test('removeUnsureFolders removes what is in it', async t => {
  const { vfs, server } = await scriptedVfs(t, twisted, { removeUnsureFolders: true })
  await failureOf(vfs.rm('/tree', { recursive: true }))
  t.notOk(server.files.has('/tree/link/kept'))
})

t.test('PWD that names another folder shows a link, whatever RMD says of it', async t => {
  const { vfs, server, sent } = await scriptedVfs(t, {
    ...twisted,
    on: {
      PWD: ctx => (ctx.connection.cwd === link ? ctx.reply('257 "/elsewhere"') : ctx.next()),
      // It takes the link for what it leads to.
      DELE: twisted.on!.DELE!,
    },
  })
  t.match(await failureOf(vfs.rm('/tree', { recursive: true })), { code: 'ENOTSUP' })
  t.ok(server.files.has('/tree/link/kept'))
  t.notOk(sent().includes(`RMD ${link}`))
})

const takesAll: Handler = ctx => {
  for (const path of [...ctx.server.files.keys()])
    if (path === ctx.path || path.startsWith(`${ctx.path}/`)) ctx.server.files.delete(path)
  ctx.reply('250 Done')
}

t.test('neither DELE nor RMD is a question where it takes full folders', async t => {
  for (const verb of ['DELE', 'RMD']) {
    const { vfs, server, sent } = await scriptedVfs(t, {
      ...twisted,
      on: { ...twisted.on, [verb]: ctx => (sentFile(ctx.path) ? ctx.next() : takesAll(ctx)) },
    })
    t.match(await failureOf(vfs.rm('/tree', { recursive: true })), { code: 'ENOTSUP' })
    t.ok(server.files.has('/tree/link/kept'))
    t.notOk(sent().some(line => line === `${verb} /tree` || line === `${verb} ${link}`))
    t.same(
      [...server.files.keys()].filter(path => path.includes('ftp-vfs-')),
      [],
    )
  }
})

const sentFile = (path: string): boolean => /\/(kept|f|g)$/.test(path)

t.test('where no folder can be made, nothing is tried', async t => {
  const on: Script['on'] = { ...twisted.on, MKD: ctx => ctx.reply('550 Permission denied') }
  const { vfs, sent } = await scriptedVfs(t, { ...twisted, on })
  t.match(await failureOf(vfs.rm('/tree', { recursive: true })), { code: 'ENOTSUP' })
  t.notOk(sent().includes('RMD /tree'))
})

/** RMD says the same of a link and of a full folder, as vsftpd does: with another banner it is not known. */
function saysTheSame(place: 'of the system' | 'put together'): Script {
  const full = (ctx: CommandContext): boolean =>
    [...ctx.server.files.keys()].some(path => path.startsWith(`${ctx.path}/`))
  let from = ''
  return {
    ...twisted,
    on: {
      ...twisted.on,
      RMD: ctx =>
        ctx.path === link || full(ctx) ? ctx.reply('550 Remove directory operation failed.') : ctx.next(),
      CWD: async ctx => {
        await ctx.next()
        if (place === 'of the system' && ctx.path === link) ctx.connection.cwd = '/elsewhere'
      },
      RNFR: ctx => {
        from = ctx.path
        return ctx.next()
      },
      RNTO: async ctx => {
        const to = ctx.path
        await ctx.next()
        if (place === 'of the system' && ctx.connection.cwd === from) ctx.connection.cwd = to
      },
    },
  }
}

t.test('a tree without links goes where PWD is that of the system, whatever RMD says', async t => {
  const script = saysTheSame('of the system')
  const { vfs, server, sent } = await scriptedVfs(t, { ...script, files: { '/tree/sub/deep/g': 'z' } })
  await vfs.rm('/tree', { recursive: true })
  t.same([...server.files.keys()], ['/'])
  t.equal(sent().filter(line => line.startsWith('RNTO')).length, 1, 'which is tried once')
})

t.test('a link stays there', async t => {
  const { vfs, server } = await scriptedVfs(t, saysTheSame('of the system'))
  t.match(await failureOf(vfs.rm('/tree', { recursive: true })), { code: 'ENOTSUP', message: /link/ })
  t.ok(server.files.has('/tree/link/kept'))
})

t.test('a PWD that the server puts together itself tells nothing', async t => {
  const { vfs, server, sent } = await scriptedVfs(t, saysTheSame('put together'))
  t.match(await failureOf(vfs.rm('/tree/sub', { recursive: true })), { code: 'ENOTSUP' })
  t.match(await failureOf(vfs.rm('/tree', { recursive: true })), { code: 'ENOTSUP' })
  t.ok(server.files.has('/tree/link/kept'))
  t.ok(server.files.has('/tree/sub/deep/g'))
  t.equal(sent().filter(line => line.startsWith('RNTO')).length, 1)
  t.same(
    [...server.files.keys()].filter(path => path.includes('ftp-vfs-')),
    [],
  )
})
