import t from 'tap'
import { align, isMatch } from '../../../lib/wire/session/align.js'
import { command } from '../../../lib/wire/session/command.js'
import { fits } from '../../../lib/wire/reply/fitting-replies.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'

const reply = (text: string): Reply => ({ code: Number(text.slice(0, 3)), lines: [text] })
const aligned = (commands: string[], ...replies: string[]) =>
  align(
    commands.map(verb => command(verb, '/a')),
    replies.map(reply),
    fits,
  )?.map(({ lines }) => lines[0])
const stat = ['SIZE', 'MDTM', 'CWD']
const own = ['213 5', '213 20200102030405', '550 Not a directory']

await t.test('as many replies as commands: each has its own, if it fits', async t => {
  t.same(aligned(stat, ...own), own)
  t.equal(aligned(stat, '213 20200102030405', '213 5', '250 OK'), undefined)
})

await t.test('a stray reply that fits nothing is dropped, at any position', async t => {
  for (const at of [0, 1, 2]) {
    const told = [...own]
    told.splice(at, 0, '226 Transfer complete')
    t.same(aligned(stat, ...told), own, `at ${at}`)
  }
  t.same(aligned(['MLST'], '226 Transfer complete', '550 No'), ['550 No'])
})

await t.test('a repeated reply', async t => {
  t.same(aligned(['DELE'], '250 Deleted', '250 Deleted'), ['250 Deleted'])
  t.same(aligned([...stat], '213 5', '213 20200102030405', '250 OK', '250 OK'), [
    '213 5',
    '213 20200102030405',
    '250 OK',
  ])
  t.same(
    aligned(['STOR'], '226 Complete', '226 Closing'),
    ['226 Complete'],
    'the end of a transfer, in other words',
  )
  t.same(
    aligned(stat, '550 No', '550 No file', '550 No folder', '550 No'),
    ['550 No', '550 No file', '550 No folder'],
    'of one path',
  )
})

await t.test('an ambiguity that makes a difference gives no result', async t => {
  t.equal(aligned(['SIZE'], '213 5', '213 6'), undefined)
  t.equal(aligned(['DELE'], '250 Deleted', '550 No'), undefined)
  t.equal(aligned(['DELE'], '250 A', '550 No', '250 A'), undefined)
  t.equal(aligned(['STOR'], '226 Complete', '550 No'), undefined)
  t.equal(
    aligned(['SIZE', 'MDTM', 'DELE'], '213 5', '550 No', '200 OK', '213 20200102030405'),
    undefined,
    'the reply to MDTM came late',
  )
  const two = align(
    [command('DELE', '/a'), command('DELE', '/b')],
    ['550 No such file', '550 Denied', '550 Denied'].map(reply),
    fits,
  )
  t.equal(two, undefined, 'of two paths')
})

t.test('too few replies, or none that fits', async t => {
  t.equal(aligned(stat, '213 5'), undefined)
  t.equal(aligned(['SIZE'], '226 Complete', '250 OK'), undefined)
  t.equal(aligned(['SIZE']), undefined)
})

await t.test('the same replies in another order', async t => {
  const commands = ['TYPE I', 'FEAT', 'SYST', 'PWD'].map(verb => command(verb))
  const replies = ['200 Type set', '211 None', '215 UNIX', '257 "/"'].map(reply)
  const [type, features, system, folder] = replies
  t.ok(isMatch(commands, replies, fits))
  t.ok(isMatch(commands, [folder!, system!, type!, features!], fits))
  t.ok(isMatch(commands, [folder!, system!, type!, reply('500 FEAT?')], fits))
  t.notOk(isMatch(commands, [reply('226 Done'), type!, features!, system!], fits))
})
