import t from 'tap'
import { bytes, failureOf, greetings, scriptedVfs } from '../remote/scripted-vfs.js'

t.test('opendir recursive', async t => {
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`/d/${i % 10}/${i}/f`, ''] as const))

  await t.test('gives entries while other folders are still being listed', async t => {
    let release = (): void => {}
    const released = new Promise<void>(resolve => (release = resolve))
    const { vfs } = await scriptedVfs(
      t,
      {
        files,
        on: {
          CWD: async ctx => {
            if (ctx.path === '/d/9/29') await released
            return ctx.next()
          },
        },
      },
      { connections: 2 },
    )
    const paths: string[] = []
    for await (const { parentPath, name } of await vfs.opendir('/d', { recursive: true })) {
      paths.push(`${parentPath}/${name}`)
      if (paths.length === 40) release()
    }
    t.equal(paths.length, 10 + 30 + 30)
    t.same(
      paths.slice(0, 10).sort(),
      Array.from({ length: 10 }, (_, i) => `/d/${i}`),
    )
    for (const path of paths.slice(10)) {
      const above = path.slice(0, path.lastIndexOf('/'))
      t.ok(paths.indexOf(above) < paths.indexOf(path), `${above} comes before ${path}`)
    }
    t.same(
      (await vfs.readdir('/d', { recursive: true })).map(path => `/d/${path}`),
      paths,
      'in the same order every time',
    )
  })

  await t.test('that is left early sends no more commands', async t => {
    const { vfs, sent } = await scriptedVfs(t, { files })
    for await (const _ of await vfs.opendir('/d', { recursive: true })) break
    await vfs.stat('/d')
    await vfs.close()
    const listings = sent().filter(line => line === 'MLSD').length
    t.ok(listings < 10, `${listings} of 41 folders`)
  })

  await t.test('reports a folder that cannot be listed when its turn comes', async t => {
    const { vfs } = await scriptedVfs(t, {
      files,
      on: { CWD: ctx => (ctx.path === '/d/5' ? ctx.reply('550 No such file') : ctx.next()) },
    })
    const names: string[] = []
    const error = await failureOf(
      (async () => {
        for await (const { name } of await vfs.opendir('/d', { recursive: true })) names.push(name)
      })(),
    )
    t.match(error, { syscall: 'scandir', path: '/d' })
    t.equal(names.length, 10 + 5 * 3)
  })
})

t.test('readdir recursive', async t => {
  await t.test('lists the folders of a level at once, on several sessions', async t => {
    const files = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`/d/${i}/f`, '']))
    const { vfs, server } = await scriptedVfs(t, { files }, { connections: 3 })
    t.equal((await vfs.readdir('/d', { recursive: true })).length, 20)
    t.equal(server.connections, 3)
  })

  await t.test('of a folder that vanishes meanwhile is an error, and the sessions are free', async t => {
    const files = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`/d/${i}/f`, '']))
    const { vfs } = await scriptedVfs(
      t,
      {
        files,
        on: { CWD: ctx => (ctx.path === '/d/5' ? ctx.reply('550 No such file') : ctx.next()) },
      },
      { connections: 3 },
    )
    t.match(await failureOf(vfs.readdir('/d', { recursive: true })), { syscall: 'scandir', path: '/d' })
    await vfs.stat('/d')
    t.equal(vfs.stats().waiting, 0)
  })

  await t.test('does not follow links', async t => {
    const { vfs } = await scriptedVfs(t, {
      greeting: greetings.pureFtpd,
      files: { '/d/f': bytes(10) },
      on: { MLSD: ctx => ctx.send(['type=OS.unix=slink:;size=1; up\r\ntype=file;size=10; f\r\n']) },
    })
    t.same((await vfs.readdir('/d', { recursive: true })).sort(), ['f', 'up'])
  })
})
