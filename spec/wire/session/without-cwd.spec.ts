import t from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { attemptedOfAll, notSent, repliesToAll, withoutCwd } from '../../../lib/wire/session/without-cwd.js'

const commands = ['CWD', 'SIZE', 'CWD', 'MKD'].map(verb => command(verb, '/a'))
const [size, made] = [213, 257].map(code => ({ code, lines: [`${code} x`] }))

await t.test('CWD is not sent', async t => {
  t.same(
    withoutCwd(commands).map(({ verb }) => verb),
    ['SIZE', 'MKD'],
  )
})

await t.test('a refusal replaces its reply, up to the last reply that came', async t => {
  t.same(repliesToAll(commands, [size!, made!]), [notSent, size, notSent, made])
  t.same(repliesToAll(commands, [size!]), [notSent, size, notSent])
  t.same(repliesToAll(commands, []), [notSent])
  t.same(repliesToAll([command('CWD', '/a')], []), [notSent])
})

await t.test('the attempted commands include the CWDs before them', async t => {
  for (const [attempted, all] of [
    [0, 0],
    [1, 2],
    [2, 4],
  ] as const)
    t.equal(attemptedOfAll(commands, attempted), all)
})
