import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t from 'tap'
import type { CommandContext } from '../../support/scripted-server.js'
import { failureOf, scriptedVfs } from '../scripted-vfs.js'

const files = { '/d/a': 'x', '/d/sub/b': 'y', '/d/file': 'z' }
const line = (permissions: string, name: string): string => `${permissions} 1 0 0 1 Jan 01 2020 ${name}\r\n`
const file = (name: string): string => line('-rw-r--r--', name)
const folder = (name: string): string => line('drwxr-xr-x', name)

async function all<Item>(items: AsyncIterable<Item>, text: (item: Item) => string): Promise<string[]> {
  const texts: string[] = []
  for await (const item of items) texts.push(text(item))
  return texts
}

/** A server that is not known, and lists `/d` in these lines. */
const listing = (lines: string[], on: Record<string, (ctx: CommandContext) => void | Promise<void>> = {}) => {
  const list = (ctx: CommandContext): void | Promise<void> =>
    ctx.connection.cwd === '/d' ? ctx.send(lines) : ctx.next()
  return { files, mlst: false, on: { LIST: list, ...on } }
}

t.test('a server that lists everything twice', async t => {
  const list = async (ctx: CommandContext): Promise<void> => {
    const own = ctx.connection.cwd === '/d' ? [file('a'), folder('sub')] : [file('b')]
    await ctx.send([...own, ...own])
  }
  const { vfs, sent } = await scriptedVfs(t, { files, mlst: false, on: { LIST: list } })
  t.same(await vfs.readdir('/d'), ['a', 'sub'])
  const before = sent().length
  t.same(await vfs.readdir('/d', { recursive: true }), ['a', 'sub', 'sub/b'])
  t.equal(
    sent()
      .slice(before)
      .filter(each => each.startsWith('LIST')).length,
    2,
    'each folder once',
  )
})

t.test('of two lines of one name that differ, neither is a folder', async t => {
  const { vfs } = await scriptedVfs(t, listing([folder('x'), file('x')]))
  const found = await vfs.readdir('/d', { withFileTypes: true })
  t.same(
    found.map(entry => [entry.name, entry.isDirectory()]),
    [['x', false]],
  )
  const open = await all(await vfs.opendir('/d'), entry => `${entry.name} ${entry.isDirectory()}`)
  t.same(open, ['x false'], 'of those that come at once')
})

t.test('a type that the listing does not tell is asked for', async t => {
  const lines = [line('Zrwxr-xr-x', 'sub'), line('Zrw-r--r--', 'file'), line('Zrw-r--r--', 'none')]
  const { vfs } = await scriptedVfs(t, listing(lines))
  const found = await vfs.readdir('/d', { withFileTypes: true })
  t.same(
    found.map(entry => [entry.name, entry.isDirectory(), entry.isFile()]),
    [
      ['sub', true, false],
      ['file', false, true],
      ['none', false, false],
    ],
  )
})

t.test('a listing that says that it may not be is EACCES', async t => {
  for (const listErrors of ['throw', 'skip'] as const) {
    const lines = ['ls: cannot open directory .: Permission denied\r\n']
    const { vfs } = await scriptedVfs(t, listing(lines), { listErrors })
    const error = await failureOf(vfs.readdir('/d'))
    t.match(error, { code: 'EACCES', syscall: 'scandir', path: '/d' }, listErrors)
  }
})

t.test('OpenVMS tells its files at the end', async t => {
  const lines = ['X.TXT;2  11  21-MAR-2012 15:17\r\n', 'X.TXT;1  11  20-MAR-2012 15:17\r\n']
  const { vfs } = await scriptedVfs(t, listing(lines))
  t.same(await vfs.readdir('/d'), ['X.TXT'])
  t.same(await all(await vfs.opendir('/d'), ({ name }) => name), ['X.TXT'])
})

t.test('a line without a name', async t => {
  const lines = [file('a'), 'here\r\n', folder('sub')]
  const entry = { code: 'ERR_FTP_LISTING', message: /"here"/ }

  await t.test('is an error that names it', async t => {
    const { vfs } = await scriptedVfs(t, listing(lines))
    t.match(await failureOf(vfs.readdir('/d')), entry)
    t.match(await failureOf(vfs.opendir('/d').then(dir => all(dir, ({ name }) => name))), entry)
  })

  await t.test('is left out with `skip`, and is on the diagnostics channel', async t => {
    const { vfs } = await scriptedVfs(t, listing(lines), { listErrors: 'skip' })
    const skipped: unknown[] = []
    const listen = (message: unknown): void => void skipped.push(message)
    subscribe('ftp-vfs:listing', listen)
    t.teardown(() => unsubscribe('ftp-vfs:listing', listen))
    t.same(await vfs.readdir('/d'), ['a', 'sub'])
    t.same(skipped, [{ path: '/d', line: 'here' }])
    t.same((await vfs.readdir('/d', { recursive: true })).sort(), ['a', 'sub', 'sub/b'])
    t.same(await all(await vfs.opendir('/d'), ({ name }) => name), ['a', 'sub'])
    t.same(await all(vfs.glob('/d/*'), String), ['/d/a', '/d/sub'])
  })

  await t.test('is an error for what needs all of them', async t => {
    const { vfs, server } = await scriptedVfs(t, listing(lines), { listErrors: 'skip' })
    const before = [...server.files.keys()].sort()
    t.match(await failureOf(vfs.cp('/d', '/e', { recursive: true })), entry)
    t.match(await failureOf(vfs.rm('/d', { recursive: true })), entry)
    t.same([...server.files.keys()].filter(path => path !== '/e').sort(), before, 'nothing is removed')
  })
})
