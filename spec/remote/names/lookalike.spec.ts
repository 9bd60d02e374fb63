import t from 'tap'
import { lookalike } from '../../../lib/remote/names/lookalike.js'
import { risksIn } from '../../../lib/remote/names/names-at-risk.js'
import { encodeName, type NameEncoding } from '../../../lib/wire/names/names.js'

t.test('what a server takes for the same name when it changes what is at risk', async t => {
  for (const [name, encoding, wanted] of [
    ['f ', 'utf8', 'f  '],
    ['f.', 'utf8', 'f..'],
    ['a\\b', 'utf8', 'a\\\\b'],
    ['é', 'utf8', '\u02ad'],
    ['\u02ad', 'utf8', '\xa4'],
    ['a日b', 'utf8', 'a\ua66eb'],
    ['😀', 'utf8', '\u{102e1}'],
    ['caf\xe9', 'latin1', 'caf\xa4'],
    ['ж', 'windows-1251', '\xa4'],
  ] as [string, NameEncoding, string][]) {
    const bytes = encodeName(name, encoding)
    const [risk] = risksIn(bytes, encoding)
    const found = lookalike(bytes, risk!, encoding)
    t.equal(found, encodeName(wanted, encoding), name)
    t.not(found, bytes)
  }
})

t.test('the byte FF is doubled, and bytes that are no text stay none', async t => {
  const [iac] = risksIn('\xffa', 'latin1')
  t.equal(lookalike('\xffa', iac!, 'latin1'), '\xff\xffa')
  const [bytes] = risksIn('caf\xe9', 'utf8')
  t.equal(lookalike('caf\xe9', bytes!, 'utf8'), 'caf\xad')
  t.equal(lookalike('caf\xad', bytes!, 'utf8'), 'caf\xae')
})
