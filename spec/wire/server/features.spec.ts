import t from 'tap'
import { Features } from '../../../lib/wire/server/features.js'

const features = (...lines: string[]) => new Features({ code: Number(lines[0]!.slice(0, 3)), lines })

await t.test('the lines between the first and the last, by name, in any case', async t => {
  const some = features(
    '211-Features:',
    ' MDTM',
    ' REST STREAM',
    ' mlst type*;Size*;',
    '  UTF8  ',
    '',
    '211 End',
  )
  for (const name of ['MDTM', 'REST', 'MLST', 'UTF8']) t.ok(some.has(name), name)
  t.same(
    ['REST', 'MLST', 'UTF8', 'MDTM', 'SIZE'].map(name => some.parameters(name)),
    ['STREAM', 'type*;Size*;', '', '', ''],
  )
  for (const name of ['SIZE', 'FEATURES:', 'END', '']) t.notOk(some.has(name), name)
})

await t.test('every line may begin with the code', async t => {
  const some = features('211-Extensions supported:', '211-EPRT', '211- MLST type*;', '211 End.')
  t.same([some.has('EPRT'), some.parameters('MLST')], [true, 'type*;'])
})

await t.test('no features: none named, FEAT refused, or not sent', async t => {
  for (const none of [
    features('211 No features'),
    features('500 What?'),
    features('500-MDTM', ' SIZE', '500 x'),
    new Features(),
  ]) {
    t.notOk(none.has('SIZE'))
    t.equal(none.parameters('MLST'), '')
  }
})
