import t, { type Test } from 'tap'
import type { FtpVfsOptions } from '../../../lib/index.js'
import type { Handler, Script } from '../../support/script.js'
import { bytes, failureOf, greetings, scriptedVfs, type ScriptedVfs } from '../scripted-vfs.js'

// vsftpd 3.0.3 takes a data connection cut by a FIN for a complete one: it replies 226.

const old = Buffer.from('old')
const data = bytes(1000)
const whole = Buffer.concat([old, data]).toString('latin1')

const count = ({ sent }: ScriptedVfs, verb: string): number =>
  sent().filter(line => line.split(' ')[0] === verb).length

type Part = (sent: Buffer) => Buffer

/** Each of the first uploads stores only what `part` makes of the bytes, with a 226. */
const storesPart =
  (...parts: Part[]): Handler =>
  async ctx => {
    const part = parts[ctx.n - 1]
    if (!part) return ctx.next()
    const start = ctx.command === 'APPE' ? undefined : ctx.connection.restart
    ctx.connection.restart = 0
    ctx.reply('150 Go on')
    const chunks: Buffer[] = []
    for await (const chunk of await ctx.data) chunks.push(chunk as Buffer)
    const before = (ctx.server.files.get(ctx.path)?.content ?? Buffer.alloc(0)) as Buffer
    const stored = part(Buffer.concat(chunks))
    const end = (start ?? before.length) + stored.length
    const content = Buffer.concat([before.subarray(0, start), stored, before.subarray(end)])
    ctx.server.files.set(ctx.path, { content, modified: new Date(), mode: 0o644 })
    ctx.reply('226 Done')
  }

const first =
  (length: number): Part =>
  sent =>
    sent.subarray(0, length)

const staged = (t: Test, script: Script, options: FtpVfsOptions = {}): Promise<ScriptedVfs> => {
  const files = { '/f': old }
  return scriptedVfs(t, { files, greeting: greetings.vsftpd, ...script }, { shortTimeout: 300, ...options })
}

t.test('an append that a 226 has left incomplete', async t => {
  for (const length of [999, 400, 1, 0]) {
    await t.test(`${length} of 1000 bytes are stored: the rest follows`, async t => {
      const stage = await staged(t, { on: { APPE: storesPart(first(length)) } })
      await stage.vfs.appendFile('/f', data)
      t.ok(stage.content('/f') === whole)
      t.equal(count(stage, 'APPE'), 2)
    })
  }

  await t.test('of an empty file', async t => {
    const script = { files: { '/f': '' }, on: { APPE: storesPart(first(0)) } }
    const stage = await staged(t, script)
    await stage.vfs.appendFile('/f', data)
    t.ok(stage.content('/f') === data.toString('latin1'))
  })

  await t.test('by a handle, behind what is changed', async t => {
    const stage = await staged(t, { on: { APPE: storesPart(first(400)) } })
    const handle = await stage.vfs.open('/f', 'r+')
    await handle.write(data, 0, data.length, old.length)
    await handle.close()
    t.ok(stage.content('/f') === whole)
  })

  await t.test('by truncate, which adds zeros', async t => {
    const stage = await staged(t, { on: { APPE: storesPart(first(400)) } })
    await stage.vfs.truncate('/f', 1000)
    t.ok(stage.content('/f') === 'old'.padEnd(1000, '\0'))
  })

  const failures: Record<string, { script: Script; content: string; appended: number; actual: number }> = {
    'the bytes are others': {
      script: { on: { APPE: storesPart(sent => Buffer.alloc(400, sent[0]! + 1)) } },
      content: `old${Buffer.alloc(400, data[0]! + 1).toString('latin1')}`,
      appended: 1,
      actual: 403,
    },
    'the size lies, and all are there': {
      script: { sizeLies: (_, size) => (size === 1003 ? 403 : size) },
      content: whole,
      appended: 1,
      actual: 403,
    },
    'the size lies, and none has come': {
      script: { sizeLies: (_, size) => (size === 1003 ? 3 : size) },
      content: whole,
      appended: 1,
      actual: 3,
    },
    'what is there cannot be read': {
      script: {
        on: { APPE: storesPart(first(400)), RETR: ctx => ctx.reply('550 Permission denied') },
      },
      content: whole.slice(0, 403),
      appended: 1,
      actual: 403,
    },
    'again no byte more is stored': {
      script: {
        on: { APPE: storesPart(first(400), first(0)) },
      },
      content: whole.slice(0, 403),
      appended: 2,
      actual: 403,
    },
  }
  for (const [title, { script, content, appended, actual }] of Object.entries(failures)) {
    await t.test(`${title}: it is an error`, async t => {
      const stage = await staged(t, script)
      t.match(await failureOf(stage.vfs.appendFile('/f', data)), {
        code: 'ERR_FTP_UPLOAD_VERIFY',
        expected: 1003,
        actual,
        incomplete: '/f',
      })
      t.ok(stage.content('/f') === content)
      t.equal(count(stage, 'APPE'), appended)
    })
  }

  await t.test('the file is read again after the rest: other bytes are an error', async t => {
    const on: Record<string, Handler> = {
      APPE: async ctx => {
        if (ctx.n === 1) return storesPart(first(400))(ctx)
        await ctx.next()
        const content = Buffer.from(ctx.server.files.get('/f')!.content as Buffer)
        content[content.length - 1]! ^= 1
        ctx.server.files.set('/f', { content, modified: new Date(), mode: 0o644 })
      },
    }
    const stage = await staged(t, { on })
    const error = await failureOf(stage.vfs.appendFile('/f', data))
    t.match(error, { code: 'ERR_FTP_UPLOAD_VERIFY', expected: 1003, actual: 1003, incomplete: '/f' })
    t.match(error.message, /other bytes are stored there: what was read back is not what was sent/)
  })
})

t.test('a change in place that a 226 has left incomplete is repeated', async t => {
  for (const length of [1, 400, 999]) {
    await t.test(`${length} of 1000 bytes are stored`, async t => {
      const stage = await staged(t, { on: { STOR: storesPart(first(length)) } })
      const handle = await stage.vfs.open('/f', 'r+')
      await handle.write(data, 0, data.length, 1)
      await handle.close()
      t.ok(stage.content('/f') === `o${data.toString('latin1')}`)
      t.equal(count(stage, 'STOR'), 2)
    })
  }
})
