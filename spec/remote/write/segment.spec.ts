import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { Segment, type SegmentOutcome, type SegmentOptions } from '../../../lib/remote/write/segment.js'
import { ConnectionLostError } from '../../../lib/wire/ftp-errors.js'
import type { Handler, Script } from '../../support/script.js'
import { knownGreeting, scriptedSession } from '../../wire/scripted-session.js'

const data = Buffer.alloc(100_000, 'ab')

interface Sent {
  outcome: SegmentOutcome
  /** Whether STOR was sent. */
  commanded: boolean
  verbs: (string | undefined)[]
}

/** Sends the bytes in one segment, and ends it. */
async function send(t: Test, script: Script = {}, options: Partial<SegmentOptions> = {}): Promise<Sent> {
  const { session, since } = await scriptedSession(t, script)
  let commanded = false
  const opened = await Segment.open(session, {
    file: { path: '/f' },
    verb: 'STOR',
    asks: [command('SIZE', '/f'), command('MDTM', '/f')],
    before: 'unknown',
    onCommand: () => (commanded = true),
    ahead: true,
    sized: true,
    ...options,
  })
  const end = async (segment: Segment): Promise<SegmentOutcome> => segment.end(await segment.write(data))
  const outcome = opened instanceof Segment ? await end(opened) : opened
  return { outcome, commanded, verbs: since().map(line => line.split(' ')[0]) }
}

const old = { '/f': 'old' }
const time = '20200102030405'

for (const greeting of ['220 somebody', knownGreeting]) {
  t.test(`the end of a segment is a value: ${greeting}`, async t => {
    await t.test('stored, with the state of the file before and now', async t => {
      const { outcome, commanded } = await send(t, { greeting, files: old })
      t.match(outcome, {
        end: 'stored',
        before: { size: 3, time },
        now: { size: data.length },
        deadAhead: false,
      })
      t.ok(commanded)
      t.match((await send(t, { greeting })).outcome, { end: 'stored', before: 'missing' })
    })

    await t.test('stored, without SIZE', async t => {
      const { outcome } = await send(t, { greeting: '220 somebody' }, { sized: false })
      t.match(outcome, { end: 'stored', now: 'unknown', deadAhead: false })
    })

    await t.test('stored, the session lost afterwards', async t => {
      const { outcome } = await send(t, { greeting, cut: { command: 'SIZE', nth: 2 } })
      t.match(outcome, { end: 'stored', before: 'missing', now: 'unknown' })
    })

    await t.test('refused before anything changed', async t => {
      const on = { STOR: (ctx => ctx.reply('553 No')) as Handler }
      const { outcome } = await send(t, { greeting, files: old, on })
      t.match(outcome, {
        end: 'refused',
        before: { size: 3 },
        verb: 'STOR',
        accepted: false,
        reply: { code: 553 },
      })
    })

    await t.test('refused after it has begun', async t => {
      const STOR: Handler = async ctx => {
        ctx.reply('150 Go on')
        for await (const _ of await ctx.data);
        ctx.reply('452 No room')
      }
      const { outcome } = await send(t, { greeting, files: old, on: { STOR } })
      t.match(outcome, {
        end: 'refused',
        accepted: true,
        allSent: true,
        bytes: data.length,
        reply: { code: 452 },
      })
    })

    await t.test('lost during the questions before it', async t => {
      const { outcome, commanded } = await send(t, { greeting, files: old, cut: { command: 'MDTM' } })
      t.match(outcome, { end: 'lost', before: 'unknown', error: ConnectionLostError })
      // In the same write before STOR, the questions delay neither it nor the bytes.
      const known = greeting === knownGreeting
      t.equal(commanded, known)
      t.match(outcome, { bytes: known ? data.length : 0, allSent: known })
    })

    await t.test('lost midway', async t => {
      const cut = { command: 'STOR', after: 1000, reset: true }
      const { outcome } = await send(t, { greeting, files: old, cut })
      t.match(outcome, { end: 'lost', before: { size: 3, time }, error: ConnectionLostError })
    })

    await t.test('lost after its last byte', async t => {
      const cut = { command: 'STOR', after: data.length, what: 'control' } as const
      const { outcome } = await send(t, { greeting, files: old, cut })
      t.match(outcome, { end: 'lost', before: { size: 3 }, bytes: data.length, allSent: true })
    })

    await t.test('ended by the server before all bytes were sent', async t => {
      const STOR: Handler = async ctx => {
        ctx.reply('150 Go on')
        const socket = await ctx.data
        ctx.reply('226 Enough')
        socket.destroy()
      }
      const { session } = await scriptedSession(t, { greeting, on: { STOR } })
      const segment = (await Segment.open(session, {
        file: { path: '/f' },
        verb: 'STOR',
        asks: [],
        before: 'missing',
        onCommand: () => {},
        ahead: false,
        sized: true,
      })) as Segment
      while (await segment.write(data)) await new Promise(resolve => setImmediate(resolve))
      t.match(await segment.end(false), { end: 'lost', before: 'missing', allSent: false })
    })
  })
}

t.test('a data connection opened ahead that carried nothing, despite the 226', async t => {
  const STOR: Handler = async ctx => {
    const socket = await ctx.data
    ctx.reply('150 Go on')
    socket.resume()
    await new Promise(resolve => socket.once('end', resolve))
    ctx.server.files.set(ctx.path, { content: Buffer.alloc(0), modified: new Date(), mode: 0o644 })
    ctx.reply('226 Done')
    socket.end()
  }
  const { outcome, verbs } = await send(t, { greeting: knownGreeting, on: { STOR } })
  t.match(outcome, { end: 'stored', ahead: true, now: { size: 0 }, deadAhead: true })
  t.same(verbs, ['SIZE', 'MDTM', 'STOR', 'SIZE', 'MDTM', 'EPSV'])
})

t.test('an error of its judge is thrown, and nothing is sent', async t => {
  const reason = new Error('another file')
  const judge = (): void => {
    throw reason
  }
  await t.rejects(send(t, { files: old }, { judge }), reason)
})
