import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FtpVfs, type FtpVfsOptions } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import { bytes, failureOf, MIB, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

t.test('verification', async t => {
  const write = (t: Test, sizeLies: number, options: FtpVfsOptions = {}): Promise<ScriptedVfs> =>
    scriptedVfs(t, { sizeLies: () => sizeLies }, { shortTimeout: 300, ...options })

  await t.test('another size is an error with both, in the words of Duplicati', async t => {
    const { vfs, server } = await write(t, 5)
    const error = await failureOf(vfs.writeFile('/a/f', '').catch(() => vfs.writeFile('/f', 'four')))
    t.match(error, { code: 'ERR_FTP_UPLOAD_VERIFY', name: 'UploadVerifyError', expected: 4, actual: 5 })
    t.equal(error.message, 'The file /f was uploaded but the returned size was 5 and it was expected to be 4')
    t.equal(error['incomplete'], '/f')
    t.ok(server.files.has('/f'), 'the server calls it stored: it is left')
  })

  await t.test('a missing file has the size -1', async t => {
    const { vfs } = await scriptedVfs(
      t,
      {
        on: {
          STOR: async ctx => {
            ctx.reply('150 Go on')
            for await (const _ of await ctx.data);
            ctx.reply('226 Done')
          },
        },
      },
      { shortTimeout: 300 },
    )
    const error = await failureOf(vfs.writeFile('/f', 'four'))
    t.match(error, { code: 'ERR_FTP_UPLOAD_VERIFY', expected: 4, actual: -1 })
    t.match(
      error.message,
      'The file /f was uploaded but the returned size was -1 and it was expected to be 4',
    )
  })

  for (const refusal of ['500 SIZE?', '550 SIZE not allowed in ASCII mode']) {
    await t.test(`MLST reports the size if SIZE does not: ${refusal}`, async t => {
      const { vfs, sent } = await scriptedVfs(t, { on: { SIZE: ctx => ctx.reply(refusal) } })
      await vfs.writeFile('/f', 'four')
      t.ok(sent().includes('MLST /f'))
    })
  }

  await t.test('the listing of the folder reports it if neither does', async t => {
    const on = { SIZE: (ctx: { reply(text: string): void }) => ctx.reply('502 ?') }
    const { vfs, sent } = await scriptedVfs(t, { mlst: false, on })
    await vfs.writeFile('/f', 'four')
    t.ok(sent().some(line => line.startsWith('LIST')))
    const { vfs: lied } = await scriptedVfs(t, { mlst: false, on, sizeLies: () => 3 }, { shortTimeout: 300 })
    t.match(await failureOf(lied.writeFile('/f', 'four')), {
      code: 'ERR_FTP_UPLOAD_VERIFY',
      expected: 4,
      actual: 3,
    })
  })

  await t.test('of an append counts the bytes that existed before', async t => {
    const { vfs } = await scriptedVfs(
      t,
      {
        files: { '/f': 'old' },
        sizeLies: (_, size) => (size === 7 ? 4 : size),
      },
      { shortTimeout: 300 },
    )
    t.match(await failureOf(vfs.appendFile('/f', ' new')), {
      code: 'ERR_FTP_UPLOAD_VERIFY',
      expected: 7,
      actual: 4,
      incomplete: '/f',
    })
  })

  await t.test('asks nothing about the stored file if it is off', async t => {
    const { vfs, sent } = await scriptedVfs(t, { sizeLies: () => 3 }, { verifyUploads: false })
    await vfs.writeFile('/f', 'four')
    t.same(sent(), ['SIZE /f', 'MDTM /f', 'EPSV', 'STOR /f'])
  })
})

t.test('uploadDelay', async t => {
  for (const verifyUploads of [true, false]) {
    await t.test(`no session is held meanwhile, verifyUploads: ${verifyUploads}`, async t => {
      const { vfs, server, sent } = await scriptedVfs(t, {}, { verifyUploads, uploadDelay: 400 })
      const order: string[] = []
      const written = vfs.writeFile('/f', 'x').then(() => order.push('written'))
      while (!server.files.has('/f')) await new Promise(resolve => setTimeout(resolve, 2))
      await vfs.stat('/').then(() => order.push('asked'))
      t.equal(vfs.stats().busy, 0)
      await written
      t.same(order, ['asked', 'written'])
      const behind = sent().slice(sent().indexOf('STOR /f'))
      t.equal(behind.filter(line => line === 'SIZE /f').length, verifyUploads ? 1 : 0)
    })
  }

  await t.test('the size is asked for after it', async t => {
    let size = 0
    const { vfs } = await scriptedVfs(t, { sizeLies: () => size }, { uploadDelay: 200 })
    const written = vfs.writeFile('/f', 'four')
    setTimeout(() => (size = 4), 50)
    await t.resolves(written)
  })

  await t.test('it can be aborted', async t => {
    const controller = new AbortController()
    const { vfs, server } = await scriptedVfs(t, {}, { uploadDelay: 600_000 })
    const written = vfs.writeFile('/f', 'x', { signal: controller.signal })
    while (!server.files.has('/f')) await new Promise(resolve => setTimeout(resolve, 2))
    controller.abort()
    t.match(await failureOf(written), { name: 'AbortError', code: 'ABORT_ERR' })
  })
})

await forServers(t, 'a file that becomes shorter behind our back is noticed', async (t, { url, root }) => {
  await using vfs = new FtpVfs(url, { connections: 1, uploadDelay: 300 })
  // To one that writes a file itself, questions about it wait.
  await using other = new FtpVfs(url, { connections: 1 })
  for (const size of [10, 2 * MIB]) {
    const path = `/f${size}`
    let over = false
    const written = failureOf(vfs.writeFile(path, bytes(size))).finally(() => (over = true))
    // It is sent a second time, too.
    while (!over) {
      if ((await other.stat(path).catch(() => undefined))?.size === size)
        await truncate(join(root, path), size - 1)
    }
    const error = await written
    t.match(error, { code: 'ERR_FTP_UPLOAD_VERIFY', expected: size, actual: size - 1 })
    t.equal(
      error.message,
      `The file ${path} was uploaded but the returned size was ${size - 1} and it was expected to be ${size}`,
    )
    t.equal(error['incomplete'], path, 'it is left: the server has called it stored')
  }
  await vfs.writeFile('/f', 'x')
  t.equal(vfs.stats().opened, 1)
})
