import { constants, openSync } from 'node:fs'
import t from 'tap'
import { parseFlags, type FileAccess } from '../../lib/node/flags.js'

/** The flags that are set, as a line. */
function line(flags: FileAccess): string {
  return Object.entries(flags)
    .filter(([, set]) => set)
    .map(([name]) => name)
    .join(' ')
}

const TABLE = {
  'r rs sr': 'read',
  'r+ rs+ sr+': 'read write',
  w: 'write create truncate',
  'wx xw': 'write create truncate exclusive',
  'w+': 'read write create truncate',
  'wx+ xw+': 'read write create truncate exclusive',
  'a as sa': 'write append create',
  'ax xa': 'write append create exclusive',
  'a+ as+ sa+': 'read write append create',
  'ax+ xa+': 'read write append create exclusive',
}

for (const [names, expected] of Object.entries(TABLE)) {
  for (const name of names.split(' '))
    await t.test(`${name}: ${expected}`, async t => t.equal(line(parseFlags(name)), expected))
}

await t.test('none is r', async t => {
  t.equal(line(parseFlags(undefined)), 'read')
  t.equal(line(parseFlags(null)), 'read')
})

await t.test('numbers are sums of O_ constants', async t => {
  const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants
  t.equal(line(parseFlags(O_RDONLY)), 'read')
  t.equal(line(parseFlags(O_WRONLY | O_CREAT | O_TRUNC)), 'write create truncate')
  t.equal(line(parseFlags(O_RDWR | O_CREAT | O_EXCL)), 'read write create exclusive')
  t.equal(line(parseFlags(O_WRONLY | O_APPEND)), 'write append')
  t.equal(line(parseFlags(O_WRONLY | O_EXCL)), 'write', 'O_EXCL alone means nothing')
})

await t.test('anything else fails as in Node', async t => {
  for (const flags of ['', 'R', 'foo', 'rw', 'r ', {}, true, Symbol('r'), 1.5, NaN, 2 ** 31] as never[]) {
    let expected: unknown
    try {
      openSync('/nowhere', flags)
    } catch (error) {
      expected = error
    }
    const { code, message } = expected as NodeJS.ErrnoException
    t.match(code, /^ERR_/)
    t.throws(() => parseFlags(flags), { code, message }, String(flags))
  }
  t.throws(() => parseFlags('x', 'options.flags'), {
    message: "The property 'options.flags' is invalid. Received 'x'",
  })
})
