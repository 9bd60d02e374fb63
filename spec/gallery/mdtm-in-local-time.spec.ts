import t from 'tap'
import type { FtpVfsOptions } from '../../lib/index.js'
import { nextTurn, warnings } from '../real/vfs-on.js'
import { greetings, scriptedVfs } from '../remote/scripted-vfs.js'
import type { Script } from '../support/scripted-server.js'

// vsftpd with `use_localtime=YES`, as HestiaCP and Home Assistant's add-on ship it.
const HOUR = 3_600_000
const ahead = 2 * HOUR
const time = Math.floor(Date.now() / 60_000) * 60_000 - 24 * HOUR

const stamp = (moment: number): string => new Date(moment).toISOString().replace(/\D/g, '').slice(0, 14)

function listed(name: string, moment: number): string {
  const [, day, month, , clock] = new Date(moment).toUTCString().split(' ')
  return `-rw-r--r--    1 0        0               3 ${month} ${day} ${clock!.slice(0, 5)} ${name}\r\n`
}

/** LIST and MDTM two hours ahead of UTC; `MDTM time path` takes such a time, too. */
function localTime(more: Script = {}): Script {
  return {
    mlst: false,
    files: { '/f': 'abc' },
    ...more,
    on: {
      MDTM: ctx => {
        const [, set, path = ctx.path] = /^(\d{14}) (.*)$/.exec(ctx.argument) ?? []
        const entry = ctx.server.files.get(path)
        if (!entry || entry.content === 'dir') return ctx.reply('550 Could not get file modification time.')
        if (set !== undefined) {
          const local = set.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z')
          entry.modified = new Date(Date.parse(local) - ahead)
        }
        ctx.reply(
          `213 ${set === undefined ? stamp(entry.modified.getTime() + ahead) : 'File modification time set.'}`,
        )
      },
      LIST: ctx => ctx.send([listed('f', ctx.server.files.get('/f')!.modified.getTime() + ahead)]),
      ...more.on,
    },
  }
}

async function served(t: Parameters<typeof scriptedVfs>[0], script: Script, options: FtpVfsOptions) {
  const scripted = await scriptedVfs(t, localTime(script), options)
  const file = scripted.server.files.get('/f')!
  file.modified = new Date(time)
  return { ...scripted, file }
}

const vsftpd = { greeting: greetings.vsftpd }

for (const [title, script, options] of [
  ['mdtmOffset', {}, { mdtmOffset: '+02:00' }],
  ['mdtmOffset on vsftpd', vsftpd, { mdtmOffset: '+02:00' }],
  ['serverTimezone on vsftpd, which has one clock', vsftpd, { serverTimezone: '+02:00' }],
  ['serverTimezone and what LIST shows, under another greeting', {}, { serverTimezone: '+02:00' }],
] as const)
  await t.test(`stat tells UTC, by ${title}`, async t => {
    const { vfs, sent } = await served(t, script, options)
    for (let round = 1; round <= 2; round++) {
      t.equal((await vfs.stat('/f')).mtimeMs, time, `stat ${round}`)
      t.equal((await vfs.lstat('/f')).mtimeMs, time, `lstat ${round}`)
    }
    t.ok(sent().filter(line => line.startsWith('LIST')).length <= 1, 'one listing at most')
  })

await t.test('many stats at once find it out by one listing', async t => {
  const { vfs, sent } = await served(t, {}, { serverTimezone: '+02:00', connections: 3 })
  const times = await Promise.all(Array.from({ length: 5 }, () => vfs.stat('/f')))
  t.same(
    times.map(({ mtimeMs }) => mtimeMs),
    Array<number>(5).fill(time),
  )
  t.equal(sent().filter(line => line.startsWith('LIST')).length, 1)
})

await t.test('a server whose MDTM is UTC keeps it beside serverTimezone', async t => {
  const { vfs } = await served(
    t,
    { on: { MDTM: ctx => ctx.reply(`213 ${stamp(time)}`) } },
    { serverTimezone: '+02:00' },
  )
  t.equal((await vfs.stat('/f')).mtimeMs, time)
})

await t.test('a file that cannot be listed has its time all the same', async t => {
  const { vfs } = await served(t, { on: { LIST: ctx => ctx.reply('550 No.') } }, { serverTimezone: '+02:00' })
  t.equal((await vfs.stat('/f')).mtimeMs, time + ahead)
})

await t.test('utimes sets the time that is given', async t => {
  for (const options of [{ mdtmOffset: '+02:00' }, { serverTimezone: '+02:00' }]) {
    const { vfs, file } = await served(t, vsftpd, options)
    await vfs.utimes('/f', 0, new Date(time - HOUR))
    t.equal(file.modified.getTime(), time - HOUR)
    t.equal((await vfs.stat('/f')).mtimeMs, time - HOUR)
  }
})

await t.test('so does MFMT, whose zone is that of MDTM', async t => {
  const MFMT: NonNullable<Script['on']>[string] = ctx => {
    ctx.server.files.get('/f')!.modified = new Date(
      Date.parse(ctx.argument.slice(0, 14).replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z')) -
        ahead,
    )
    ctx.reply('213 Done')
  }
  for (const options of [{ mdtmOffset: '+02:00' }, { serverTimezone: '+02:00' }]) {
    const { vfs, file } = await served(t, { on: { MFMT } }, options)
    await vfs.utimes('/f', 0, new Date(time - HOUR))
    t.equal(file.modified.getTime(), time - HOUR)
  }
})

await t.test('nothing tells it but a file that was stored just now: a warning names the option', async t => {
  const codes = warnings(t)
  const messages: string[] = []
  const onWarning = ({ message }: Error): unknown => messages.push(message)
  process.on('warning', onWarning)
  t.teardown(() => process.off('warning', onWarning))
  const told = await served(t, vsftpd, { mdtmOffset: '+02:00' })
  await told.vfs.writeFile('/f', 'other')
  await nextTurn()
  t.same(codes, [], 'none where the option is right')
  const { vfs } = await served(t, vsftpd, {})
  t.equal((await vfs.stat('/f')).mtimeMs, time + ahead)
  await vfs.writeFile('/f', 'other')
  await vfs.writeFile('/f', 'another')
  await nextTurn()
  t.same(codes, ['FTP_VFS_MDTM_OFFSET'])
  t.match(messages[0], "mdtmOffset: '+02:00'")
})
