import t from 'tap'
import { isAmbiguous } from '../../../lib/remote/list/ambiguous.js'

t.test('plain paths mean one folder', async t => {
  for (const path of ['/', '/a', '/a.b/c_d', '/a-b', '/\xe4', 'a', '/a+b(c)'])
    t.notOk(isAmbiguous(path), path)
})

t.test('as arguments, others may be options, patterns, home directories or several names', async t => {
  for (const path of [
    '/-a',
    '-la',
    '/d/-a/b',
    '/a b',
    '/a*',
    '/a?',
    '/[a]',
    '/{a,b}',
    '/~',
    '/a\\b',
    '/a\tb',
    '/a\x7f',
  ])
    t.ok(isAmbiguous(path), JSON.stringify(path))
})
