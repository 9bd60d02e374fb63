import { readdir, readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import type { FtpVfs, FtpVfsOptions } from '../../../lib/index.js'
import { localFolder } from '../../fs/local-folder.js'
import type { CommandContext, Handler, Script } from '../../support/scripted-server.js'
import { bytes, failureOf, greetings, MIB, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

const small = bytes(5000)

const onFile = (
  t: Test,
  content: Buffer,
  script: Script = {},
  options: FtpVfsOptions = {},
): Promise<ScriptedVfs> => scriptedVfs(t, { files: { '/f': content }, ...script }, options)

async function stream(vfs: FtpVfs, options = {}): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of vfs.createReadStream('/f', options)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Each way to read a whole file. */
async function allWays(t: Test, make: () => Promise<ScriptedVfs>, expected: Buffer): Promise<void> {
  const local = await localFolder(t)
  t.ok(expected.equals(await (await make()).vfs.readFile('/f')), 'readFile')
  t.ok(expected.equals(await stream((await make()).vfs)), 'createReadStream')
  await (await make()).vfs.download('/f', local('f'))
  t.ok(expected.equals(await readFile(local('f'))), 'download')
  const on = await make()
  await on.vfs.copyFile('/f', '/g')
  t.equal(on.content('/g'), expected.toString('latin1'), 'copyFile')
}

t.test('a file whose right size MLST reports is read once', async t => {
  const on = await onFile(t, small, { on: { SIZE: ctx => ctx.reply('213 9000') } })
  t.ok(small.equals(await on.vfs.readFile('/f')))
  t.equal(on.sent().filter(line => line === 'RETR /f').length, 1)
})

for (const greeting of ['220 somebody', greetings.vsftpd]) {
  t.test(`a file that is longer than SIZE says: ${greeting}`, async t => {
    for (const size of [0, 10, 4999]) {
      // Stored files have their real size, or copyFile would fail.
      const sizeLies = (path: string, real: number): number => (path === '/f' ? size : real)
      const make = (): Promise<ScriptedVfs> => onFile(t, small, { greeting, sizeLies })
      await allWays(t, make, small)
      const on = await make()
      await on.vfs.readFile('/f')
      t.equal(on.sent().filter(line => line === 'RETR /f').length, 1, 'it is read once')
      t.ok(small.equals(await stream((await make()).vfs, { parallel: 4 })))
    }

    await t.test('of size 0: a range', async t => {
      const { vfs } = await onFile(t, small, { greeting, sizeLies: () => 0 })
      t.ok(small.subarray(100, 200).equals(await stream(vfs, { start: 100, end: 199 })))
      t.ok(small.subarray(100).equals(await stream(vfs, { start: 100 })))
      t.equal((await stream(vfs, { start: 5000 })).length, 0)
    })

    await t.test('with a lost connection', async t => {
      const cut = { command: 'RETR', after: 3000 }
      for (const size of [0, 10]) {
        const { vfs } = await onFile(t, small, { greeting, cut, sizeLies: () => size })
        t.ok(small.equals(await vfs.readFile('/f')), String(size))
      }
    })
  })

  t.test(`a file that is shorter than SIZE says: ${greeting}`, async t => {
    const sizeLies = (path: string, real: number): number => (path === '/f' ? 9000 : real)
    const make = (): Promise<ScriptedVfs> => onFile(t, small, { greeting, sizeLies })
    await allWays(t, make, small)
    const on = await make()
    await on.vfs.readFile('/f')
    t.equal(on.sent().filter(line => line === 'RETR /f').length, 2, 'it is read twice')

    await t.test('a range', async t => {
      const { vfs } = await make()
      t.ok(small.subarray(100).equals(await stream(vfs, { start: 100 })))
      t.ok(small.subarray(100, 200).equals(await stream(vfs, { start: 100, end: 199 })))
    })

    await t.test('if SIZE, asked again, reports what has come, the file is read once', async t => {
      const on = await onFile(t, small, {
        greeting,
        on: { SIZE: ctx => (ctx.n === 1 ? ctx.reply('213 9000') : ctx.next()) },
      })
      t.ok(small.equals(await on.vfs.readFile('/f')))
      t.equal(on.sent().filter(line => line === 'RETR /f').length, 1)
    })

    await t.test('of more than 1 MiB is an error', async t => {
      const large = bytes(MIB + 1)
      const { vfs } = await onFile(t, large, { greeting, sizeLies: () => 2 * MIB })
      t.match(await failureOf(vfs.readFile('/f')), { code: 'ERR_FTP_SHORT_READ' })
    })

    await t.test('other bytes the second time are an error', async t => {
      const other = bytes(5000, 2)
      const RETR: Handler = ctx => ctx.send([ctx.n === 1 ? small : other])
      const { vfs } = await onFile(t, small, { greeting, sizeLies, on: { RETR } })
      t.match(await failureOf(vfs.readFile('/f')), { code: 'ERR_FTP_FILE_CHANGED' })
    })

    await t.test('if all bytes come the second time, they are the file', async t => {
      const RETR: Handler = ctx => (ctx.n === 1 ? ctx.send([small.subarray(0, 100)]) : ctx.next())
      await allWays(t, () => onFile(t, small, { greeting, on: { RETR } }), small)
    })
  })

  t.test(`bytes without end: ${greeting}`, async t => {
    const endless: Handler = ctx =>
      ctx.send(
        (function* () {
          for (;;) yield Buffer.alloc(64 * 1024)
        })(),
      )
    const max = 8 * MIB
    for (const connections of [1, 2]) {
      const local = await localFolder(t)
      const make = (): Promise<ScriptedVfs> =>
        onFile(t, small, { greeting, on: { RETR: endless } }, { connections })
      for (const work of [
        (vfs: FtpVfs) => vfs.readFile('/f'),
        (vfs: FtpVfs) => stream(vfs),
        (vfs: FtpVfs) => vfs.download('/f', local('f')),
        (vfs: FtpVfs) => vfs.copyFile('/f', '/g'),
      ]) {
        const on = await make()
        t.match(await failureOf(work(on.vfs)), { code: 'ERR_FTP_LONG_READ' }, `${connections} connections`)
        const { bytesReceived } = on.vfs.stats()
        t.ok(bytesReceived < max, `${bytesReceived} bytes`)
        t.equal((await on.vfs.stat('/f')).size, small.length, 'and the fs goes on')
      }
      t.same(await readdir(local()), [])
    }
  })

  t.test(`a file that grows while it is read is read further: ${greeting}`, async t => {
    const grown = bytes(9 * MIB)
    const grow = (ctx: CommandContext, length: number): void => {
      ctx.server.files.get('/f')!.content = grown.subarray(0, length)
    }
    for (const connections of [1, 2]) {
      const RETR: Handler = async ctx => {
        if (ctx.n > 1) return ctx.next()
        await ctx.send(
          (function* () {
            for (let at = 0; at < grown.length; at += 64 * 1024) {
              const end = Math.min(at + 64 * 1024, grown.length)
              if (end > MIB) grow(ctx, end)
              yield grown.subarray(at, end)
            }
          })(),
        )
      }
      const on = await onFile(t, grown.subarray(0, MIB), { greeting, on: { RETR } }, { connections })
      const read = (await on.vfs.readFile('/f')).toString('latin1')
      // With one connection the transfer stops, and so does the growth of this file.
      t.equal(read, on.content('/f'), `${connections} connections`)
      t.ok(read.length > 2 * MIB)
    }
  })
}
