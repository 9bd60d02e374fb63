import { readdir, readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import type { FtpVfs, FtpVfsOptions } from '../../../lib/index.js'
import { localFolder } from '../../fs/local-folder.js'
import type { Cut, Handler, Script } from '../../support/scripted-server.js'
import { bytes, failureOf, MIB, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

const data = bytes(6 * MIB)

/** REST gets a 350, but RETR begins at 0: Apache FtpServer, libunftp, several embedded servers. */
const ignores: Handler = ctx => ctx.reply('350 Restarting')
const refuses: Handler = ctx => ctx.reply('502 REST?')

const onFile = (t: Test, script: Script = {}, options: FtpVfsOptions = {}): Promise<ScriptedVfs> =>
  scriptedVfs(t, { files: { '/f': data }, ...script }, { connections: 4, ...options })

async function stream(vfs: FtpVfs, options = {}): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of vfs.createReadStream('/f', options)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const transfers = ({ sent }: ScriptedVfs): string[] => sent().filter(line => /^RE(?:ST|TR)/.test(line))

const lost: Cut = { command: 'RETR', after: 2 * MIB }

for (const [how, REST] of [
  ['is answered 350 and not obeyed', ignores],
  ['is refused', refuses],
] as const) {
  t.test(`if REST ${how}`, async t => {
    await t.test('a file is read from 0 again after a loss', async t => {
      const local = await localFolder(t)
      const works: Record<string, (on: ScriptedVfs) => Promise<Buffer>> = {
        readFile: ({ vfs }) => vfs.readFile('/f'),
        createReadStream: ({ vfs }) => stream(vfs),
        download: async ({ vfs }) => {
          await vfs.download('/f', local('f'))
          return readFile(local('f'))
        },
        copyFile: async ({ vfs, content }) => {
          await vfs.copyFile('/f', '/g')
          return Buffer.from(content('/g')!, 'latin1')
        },
        FileHandle: async ({ vfs }) => {
          await using handle = await vfs.open('/f')
          return handle.readFile()
        },
        Blob: async ({ vfs }) => Buffer.from(await (await vfs.openAsBlob('/f')).arrayBuffer()),
      }
      for (const [call, work] of Object.entries(works)) {
        const on = await onFile(t, { cut: lost, on: { REST } })
        t.ok(data.equals(await work(on)), call)
      }
    })

    await t.test('a range is cut out of the whole file', async t => {
      const { vfs } = await onFile(t, { on: { REST } })
      const range = { start: MIB, end: 3 * MIB }
      t.ok(data.subarray(MIB, 3 * MIB + 1).equals(await stream(vfs, range)))
      t.ok(data.subarray(5 * MIB).equals(await stream(vfs, { start: 5 * MIB })))
      const blob = await vfs.openAsBlob('/f')
      t.ok(data.subarray(MIB, MIB + 100).equals(Buffer.from(await blob.slice(MIB, MIB + 100).arrayBuffer())))
    })

    await t.test('a range is, too, after a loss', async t => {
      const { vfs } = await onFile(t, { cut: { ...lost, nth: 2 }, on: { REST } })
      t.ok(data.subarray(MIB).equals(await stream(vfs, { start: MIB })))
    })

    await t.test('only one connection reads', async t => {
      const local = await localFolder(t)
      const on = await onFile(t, { on: { REST } })
      t.ok(data.equals(await on.vfs.readFile('/f', { parallel: 4 })))
      await on.vfs.download('/f', local('f'), { parallel: 4 })
      t.ok(data.equals(await readFile(local('f'))))
      t.same(transfers(on).filter(line => line.startsWith('REST')).length, 1, 'REST was tried once')
    })
  })
}

t.test('a stream that has delivered bytes compares those that come again', async t => {
  const other = Buffer.from(data)
  other[MIB] = other[MIB]! ^ 1
  for (const path of ['stream', 'download']) {
    const on = await onFile(t, {
      cut: lost,
      on: { REST: ignores, RETR: ctx => (ctx.n === 1 ? ctx.next() : ctx.send([other])) },
    })
    const local = await localFolder(t)
    const work = path === 'stream' ? stream(on.vfs) : on.vfs.download('/f', local('f'))
    t.match(await failureOf(work), { code: 'ERR_FTP_FILE_CHANGED' }, path)
    t.same(await readdir(local()), [])
  }
})

t.test('an unrecognised server proves once that it obeys REST', async t => {
  const on = await onFile(t, {}, { connections: 1 })
  for (let round = 0; round < 2; round++) {
    t.ok(data.subarray(MIB, MIB + 10).equals(await stream(on.vfs, { start: MIB, end: MIB + 9 })))
  }
  const proof = `REST ${6 * MIB - 1024}`
  t.same(transfers(on), [proof, 'RETR /f', `REST ${MIB}`, 'RETR /f', `REST ${MIB}`, 'RETR /f'])

  await t.test('and a range behind the end needs no proof', async t => {
    const on = await onFile(t)
    t.equal((await stream(on.vfs, { start: 6 * MIB })).length, 0)
    t.same(transfers(on), [])
  })

  await t.test('a lost proof is asked for again', async t => {
    const on = await onFile(t, { cut: { command: 'RETR', after: 100 } })
    t.ok(data.subarray(MIB, MIB + 10).equals(await stream(on.vfs, { start: MIB, end: MIB + 9 })))
    t.same(transfers(on), [proof, 'RETR /f', proof, 'RETR /f', `REST ${MIB}`, 'RETR /f'])
  })
})

t.test('more bytes after REST than the file has are an error on a recognised server', async t => {
  const on = await onFile(t, { greeting: '220 (vsFTPd 3.0.3)', cut: lost, on: { REST: ignores } })
  t.match(await failureOf(on.vfs.readFile('/f')), { code: 'ERR_FTP_LONG_READ' })
  t.ok(data.equals(await on.vfs.readFile('/f')), 'and it is not trusted any more')
})
