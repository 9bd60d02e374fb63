import t from 'tap'
import { Fence } from '../../../lib/wire/session/fence.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'

const reply = (text: string): Reply => ({ code: Number(text.slice(0, 3)), lines: [text] })
/** What the fence returns for each reply; `#` in a reply is the number of its REST. */
function taken(fence: Fence, ...texts: string[]) {
  const asked = /^REST (\d+)$/.exec(fence.lines[0]!)?.[1] ?? ''
  return texts.map(text => fence.take(reply(text.replace('#', asked))))
}
const held = (fence: Fence) => fence.held.map(({ lines }) => lines[0])

await t.test('its commands: REST and its reversal, and SYST while the echo is untried', async t => {
  t.match(new Fence('untried', 0).lines, [/^REST \d{7,10}$/, 'REST 0', 'SYST'])
  t.match(new Fence('echoes', 5).lines, [/^REST \d{7,10}$/, 'REST 5'])
  t.same(new Fence('system', 0).lines, ['SYST'])
  t.not(new Fence('echoes', 0).lines[0], new Fence('echoes', 0).lines[0])
})

await t.test('a server that echoes the number', async t => {
  const first = new Fence('untried', 0)
  t.same(taken(first, '213 5', '350 Restarting at #', '350 At 0', '215 UNIX'), [false, false, false, true])
  t.equal(first.kind, 'echoes')
  t.same(held(first), ['213 5'])
  const next = new Fence('echoes', 0)
  t.same(taken(next, '350 Restarting at 5', '226 Done', '350 At #', '226 Done', '350 At 0'), [
    false,
    false,
    false,
    false,
    true,
  ])
  t.same(held(next), ['350 Restarting at 5', '226 Done'])
})

await t.test('a refusal that echoes it counts too', async t => {
  const fence = new Fence('echoes', 0)
  t.same(taken(fence, '550 No', '502 REST # not understood', '502 REST 0 not understood'), [
    false,
    false,
    true,
  ])
  t.same(held(fence), ['550 No'])
})

t.test('a server that does not: SYST', async t => {
  const first = new Fence('untried', 0)
  t.same(taken(first, '213 5', '350 Ready', '350 Ready', '215 UNIX'), [false, false, false, true])
  t.equal(first.kind, 'system')
  t.same(held(first), ['213 5'])
  const next = new Fence('system', 0)
  t.same(taken(next, '213 5', '226 Done', '215 UNIX'), [false, false, true])
  t.same(held(next), ['213 5', '226 Done'])
})
