import { constants } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import type { FtpVfs, FtpVfsOptions } from '../../../lib/index.js'
import type { Handler, Script } from '../../support/script.js'
import type { CommandContext } from '../../support/scripted-command.js'
import { bytes, failureOf, greetings, pieces, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

// The STOR of a file that must be new is lost while another client makes the file.

const data = bytes(9000)
const { COPYFILE_EXCL } = constants

const ways: Record<string, (vfs: FtpVfs) => Promise<void>> = {
  'writeFile wx': vfs => vfs.writeFile('/lock', data, { flag: 'wx' }),
  'writeFile ax': vfs => vfs.writeFile('/lock', data, { flag: 'ax' }),
  'createWriteStream wx': vfs =>
    pipeline(Readable.from(pieces(data, 1000)), vfs.createWriteStream('/lock', { flags: 'wx' })),
  'copyFile COPYFILE_EXCL': vfs => vfs.copyFile('/source', '/lock', COPYFILE_EXCL),
  'cp COPYFILE_EXCL': vfs => vfs.cp('/source', '/lock', { mode: COPYFILE_EXCL }),
}

const unknown = { code: 'ERR_FTP_CONNECTION_LOST', message: /it may have been done/, incomplete: '/lock' }
const taken = { code: 'EEXIST', incomplete: undefined }

const count = ({ sent }: ScriptedVfs, verb: string): number =>
  sent().filter(line => line.startsWith(`${verb} `)).length

/** The file of another client. */
const lay = ({ server }: CommandContext, content: Buffer): void =>
  void server.files.set('/lock', { content, modified: new Date(), mode: 0o644 })

/** Loses the first STOR. */
const losing =
  (lose: Handler): Handler =>
  async ctx => {
    if (ctx.n > 1) return ctx.next()
    await lose(ctx)
    ctx.connection.drop('both', true)
  }

/** Lost before the server received it, while another client makes the file. */
const before = (content?: Buffer): Handler => losing(ctx => void (content && lay(ctx, content)))

/** Lost after some bytes. The server keeps the given content. */
const midway = (content?: Buffer): Handler =>
  losing(async ctx => {
    ctx.reply('150 Go on')
    const socket = await ctx.data
    await new Promise(resolve => socket.once('data', resolve))
    if (content) lay(ctx, content)
  })

/** The server stores the file, but its replies are lost. */
const after: Handler = losing(async ctx => {
  const chunks: Buffer[] = []
  for await (const chunk of (await ctx.data) as AsyncIterable<Buffer>) chunks.push(chunk)
  lay(ctx, Buffer.concat(chunks))
})

const on = (t: Test, STOR: Handler, script: Script = {}, options: FtpVfsOptions = {}): Promise<ScriptedVfs> =>
  scriptedVfs(t, { files: { '/source': data }, ...script, on: { STOR } }, options)

const sameSize = bytes(9000, 2)
const lossesToOthers: [title: string, STOR: Handler, left: Buffer, error: object][] = [
  ['before the server received it, a file of the same size', before(sameSize), sameSize, taken],
  ['before the server received it, a shorter one', before(Buffer.from('pid 7')), Buffer.from('pid 7'), taken],
  ['before the server received it, a longer one', before(bytes(10_000)), bytes(10_000), taken],
  ['midway, a file of the same size', midway(sameSize), sameSize, unknown],
  ['midway, a shorter one', midway(Buffer.from('pid 7')), Buffer.from('pid 7'), unknown],
  ['midway, an empty one', midway(Buffer.alloc(0)), Buffer.alloc(0), unknown],
]

for (const [server, greeting] of Object.entries({ 'one that is not known': '220 Hello', ...greetings })) {
  for (const [way, store] of Object.entries(ways)) {
    t.test(`${way} on ${server}`, async t => {
      for (const [title, STOR, left, error] of lossesToOthers) {
        await t.test(`lost ${title}: the file of another client stays`, async t => {
          const stage = await on(t, STOR, { greeting })
          t.match(await failureOf(store(stage.vfs)), error)
          t.equal(stage.content('/lock'), left.toString('latin1'))
          t.same([count(stage, 'STOR'), count(stage, 'DELE')], [1, 0])
        })
      }

      await t.test('is sent again if no file exists', async t => {
        for (const STOR of [before(), midway()]) {
          const stage = await on(t, STOR, { greeting })
          await store(stage.vfs)
          t.equal(stage.content('/lock'), data.toString('latin1'))
          t.equal(count(stage, 'STOR'), 2)
        }
      })

      await t.test('is sent again over a part whose bytes are ours', async t => {
        const stage = await on(t, midway(data.subarray(0, 5000)), { greeting })
        await store(stage.vfs)
        t.equal(stage.content('/lock'), data.toString('latin1'))
        t.equal(count(stage, 'STOR'), 2)
      })

      await t.test('is not sent if another client has made the file since the check', async t => {
        const stage = await on(t, ctx => ctx.next(), { greeting })
        const { server } = stage
        server.on['SIZE'] = async ctx => {
          if (ctx.path === '/lock' && server.flights.at(-1)!.includes('EPSV')) lay(ctx, sameSize)
          await ctx.next()
        }
        t.match(await failureOf(store(stage.vfs)), taken)
        t.equal(stage.content('/lock'), sameSize.toString('latin1'))
        t.equal(count(stage, 'STOR'), 0)
      })
    })
  }
}

for (const [name, greeting] of Object.entries(greetings)) {
  t.test(`after the loss of all replies a stored file is recognised by its bytes: ${name}`, async t => {
    for (const store of Object.values(ways)) {
      const stage = await on(t, after, { greeting })
      await store(stage.vfs)
      t.equal(stage.content('/lock'), data.toString('latin1'))
      t.equal(count(stage, 'STOR'), 1)
    }
  })
}

t.test('open wx makes an empty file, without bytes that prove whose it is', async t => {
  const open = async ({ vfs }: ScriptedVfs): Promise<void> => (await vfs.open('/lock', 'wx')).close()

  await t.test('it is ours if the server had begun to store', async t => {
    const stage = await scriptedVfs(t, { cut: { command: 'STOR', what: 'control', after: '150' } })
    await open(stage)
    t.equal(stage.content('/lock'), '')
    t.equal(count(stage, 'STOR'), 1)
  })

  await t.test('else it may be ours', async t => {
    const stage = await on(t, before(Buffer.alloc(0)))
    t.match(await failureOf(open(stage)), unknown)
    t.equal(stage.content('/lock'), '')
    t.same([count(stage, 'STOR'), count(stage, 'DELE')], [1, 0])
  })

  await t.test('a file with bytes is another client’s', async t => {
    const stage = await on(t, before(Buffer.from('pid 7')))
    t.match(await failureOf(open(stage)), taken)
    t.equal(stage.content('/lock'), 'pid 7')
  })
})

t.test('a loss of the last attempt is judged, too', async t => {
  const stage = await on(t, ctx => {
    if (ctx.n === 3) lay(ctx, sameSize)
    ctx.connection.drop('both', true)
  })
  t.match(await failureOf(ways['writeFile wx']!(stage.vfs)), taken)
  t.equal(stage.content('/lock'), sameSize.toString('latin1'))
  t.equal(count(stage, 'DELE'), 0)
})

t.test('STOR is refused because the file has appeared meanwhile', async t => {
  const stage = await on(t, ctx => {
    lay(ctx, sameSize)
    ctx.reply('550 Overwrite permission denied')
  })
  t.match(await failureOf(ways['writeFile wx']!(stage.vfs)), taken)
  t.equal(stage.content('/lock'), sameSize.toString('latin1'))
})

t.test('a file refused midway, or cancelled, is ours and is removed', async t => {
  await t.test('no space', async t => {
    const stage = await on(t, async ctx => {
      ctx.reply('150 Go on')
      const socket = await ctx.data
      await new Promise(resolve => socket.once('data', resolve))
      lay(ctx, data.subarray(0, 100))
      ctx.reply('552 Quota exceeded')
    })
    t.match(await failureOf(ways['writeFile wx']!(stage.vfs)), { code: 'ENOSPC', incomplete: undefined })
    t.equal(stage.content('/lock'), undefined)
  })

  await t.test('an AbortSignal', async t => {
    const abort = new AbortController()
    const stage = await on(t, async ctx => {
      ctx.reply('150 Go on')
      const socket = await ctx.data
      lay(ctx, data.subarray(0, 100))
      await new Promise(resolve => socket.once('data', resolve))
      abort.abort()
      await new Promise(resolve => socket.on('error', () => {}).once('close', resolve))
      ctx.reply('426 Aborted')
    })
    const storing = stage.vfs.writeFile('/lock', bytes(32 * 2 ** 20), { flag: 'wx', signal: abort.signal })
    t.match(await failureOf(storing), { name: 'AbortError', incomplete: undefined })
    await stage.vfs.close()
    t.equal(stage.content('/lock'), undefined)
  })
})

t.test('with atomicUploads a file that has appeared meanwhile stays', async t => {
  const atomic = { atomicUploads: true }

  await t.test('before the bytes are stored', async t => {
    const stage = await on(t, async ctx => (await ctx.next(), lay(ctx, sameSize)), {}, atomic)
    t.match(await failureOf(ways['writeFile wx']!(stage.vfs)), taken)
    t.same([...stage.server.files.keys()], ['/', '/source', '/lock'])
    t.equal(stage.content('/lock'), sameSize.toString('latin1'))
  })

  await t.test('before the rename is sent again', async t => {
    const stage = await on(t, ctx => ctx.next(), {}, atomic)
    stage.server.on['RNTO'] = ctx => {
      lay(ctx, sameSize)
      ctx.connection.drop('both', true)
    }
    t.match(await failureOf(ways['writeFile wx']!(stage.vfs)), { code: 'EEXIST' })
    t.same([...stage.server.files.keys()], ['/', '/source', '/lock'])
    t.equal(stage.content('/lock'), sameSize.toString('latin1'))
    t.equal(count(stage, 'RNTO'), 1)
  })
})
