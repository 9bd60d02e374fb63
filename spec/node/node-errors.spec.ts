import * as fs from 'node:fs'
import { inspect } from 'node:util'
import t from 'tap'
import {
  abortError,
  AbortError,
  fsError,
  invalidArgType,
  invalidArgValue,
  outOfRange,
  systemError,
  SystemError,
} from '../../lib/node/node-errors.js'

/** What Node throws itself: the measure of all that follows. */
function thrownBy(call: () => unknown): NodeJS.ErrnoException {
  try {
    call()
  } catch (error) {
    return error as NodeJS.ErrnoException
  }
  throw new Error('expected Node to throw')
}

/** An error without its class, as a table row. */
function facts(error: Error) {
  const values = Object.fromEntries(Object.entries(error) as [string, unknown][])
  return { name: error.name, message: error.message, text: String(error), keys: Object.keys(error), values }
}

await t.test('a system error is the one that Node throws', async t => {
  const missing = '/nowhere/at/all'
  const ours = systemError({ code: 'ENOENT', syscall: 'open', path: missing })
  t.same(facts(ours), facts(thrownBy(() => fs.openSync(missing, 'r'))))
  t.equal(ours.message, "ENOENT: no such file or directory, open '/nowhere/at/all'")
})

await t.test('a system error of two paths is the one that Node throws', async t => {
  const ours = systemError({ code: 'ENOENT', syscall: 'rename', path: '/nowhere/a', dest: '/nowhere/b' })
  t.same(facts(ours), facts(thrownBy(() => fs.renameSync('/nowhere/a', '/nowhere/b'))))
  t.same(Object.keys(ours), ['errno', 'code', 'syscall', 'path', 'dest'])
  const crossing = systemError({ code: 'EXDEV', syscall: 'rename', path: '/a', dest: '/b' })
  t.equal(crossing.message, "EXDEV: cross-device link not permitted, rename '/a' -> '/b'")
})

await t.test('a system error without a path names the call alone', async t => {
  const ours = systemError({ code: 'EBADF', syscall: 'read' })
  t.equal(ours.message, 'EBADF: bad file descriptor, read')
  t.same(Object.keys(ours), ['errno', 'code', 'syscall'])
})

await t.test('a detail stands in parentheses', async t => {
  const detail = 'the server has no SITE CHMOD'
  const ours = systemError({ code: 'ENOTSUP', syscall: 'chmod', path: '/x', detail })
  t.equal(
    ours.message,
    "ENOTSUP: operation not supported on socket, chmod '/x' (the server has no SITE CHMOD)",
  )
})

await t.test('a system error keeps its cause out of sight of loops', async t => {
  const cause = new Error('550 Failed to open file.')
  const ours = systemError({ code: 'ENOENT', syscall: 'open', path: '/x', cause })
  t.equal(ours.cause, cause)
  t.notOk(Object.keys(ours).includes('cause'))
  t.notOk('cause' in systemError({ code: 'ENOENT', syscall: 'open' }))
})

await t.test('a code that the platform does not know is an unknown error', async t => {
  const ours = systemError({ code: 'ENEVERHEARD', syscall: 'open', path: '/x' })
  t.match(ours, { code: 'ENEVERHEARD', message: "ENEVERHEARD: unknown error, open '/x'" })
})

await t.test('stacks begin at the caller', async t => {
  const here = /errors\.spec/
  const errors = [
    systemError({ code: 'EIO', syscall: 'read' }),
    invalidArgValue('a', 1),
    invalidArgType('a', 'of type string', 1),
    outOfRange('a', 'an integer', 1.5),
    abortError(),
    fsError('ERR_FS_EISDIR', { syscall: 'rm', path: '/x' }),
  ]
  for (const error of errors) t.match(error.stack?.split('\n')[1], here, error.name)
})

await t.test('argument errors carry their code in the stack, as in Node', async t => {
  const error = invalidArgType('path', 'of type string', 1)
  t.match(error.stack, /^TypeError \[ERR_INVALID_ARG_TYPE\]: The "path" argument must be of type string\./)
  t.equal(error.name, 'TypeError')
  t.ok(error instanceof TypeError)
  t.same(Object.keys(error), ['code'])
})

await t.test('a wrong type is described as in Node', async t => {
  class Own {}
  const anonymous = (() => () => {})()
  const values = [
    1,
    -0,
    NaN,
    1n,
    true,
    null,
    undefined,
    Symbol('x'),
    anonymous,
    function named() {},
    {},
    [],
    new Own(),
  ]
  for (const value of [
    ...values,
    Object.create(null),
    new Date(0),
    new DataView(new ArrayBuffer(1)),
  ] as unknown[]) {
    const expected = thrownBy(() => fs.statSync(value as string))
    const ours = invalidArgType('path', 'of type string or an instance of Buffer or URL', value)
    t.same(facts(ours), facts(expected), inspect(value))
  }
})

await t.test('strings of a wrong type are quoted and cut off as in Node', async t => {
  for (const text of [
    'a string of more than twenty-eight characters',
    "it's",
    'a\nb',
    `"it's" a long string, and a quoted one`,
  ]) {
    const expected = thrownBy(() => fs.utimesSync('/nowhere', text, 0))
    t.same(
      facts(invalidArgType('time', 'an instance of Date or an Time in seconds', text)),
      facts(expected),
      text,
    )
  }
})

await t.test('a wrong value is described as in Node', async t => {
  for (const value of ['', 'foo', 'x'.repeat(200), {}, Symbol('x')] as unknown[]) {
    const expected = thrownBy(() => fs.openSync('/', value as string))
    t.same(facts(invalidArgValue('flags', value)), facts(expected), inspect(value))
  }
  t.equal(
    invalidArgValue('options.x', 1, 'must be 2').message,
    "The property 'options.x' must be 2. Received 1",
  )
})

await t.test('a number out of range is described as in Node', async t => {
  for (const value of [-1, 2 ** 32, 2 ** 53, -(2 ** 40)]) {
    const expected = thrownBy(() => fs.chmodSync('/nowhere', value))
    t.same(facts(outOfRange('mode', '>= 0 && <= 4294967295', value)), facts(expected), String(value))
  }
  t.match(outOfRange('position', '>= -1', -5n).message, /Received -5n$/)
  t.match(outOfRange('position', '>= -1', 12345678901n).message, /Received 12_345_678_901n$/)
})

await t.test('an aborted call fails as in Node', async t => {
  const controller = new AbortController()
  const reason = new Error('why')
  controller.abort(reason)
  const expected = await fs.promises
    .readFile('/', { signal: controller.signal })
    .catch((error: Error) => error)
  const ours = abortError(controller.signal)
  t.same(facts(ours), facts(expected as Error))
  t.ok(ours instanceof AbortError)
  t.equal(ours.cause, reason)
  t.notOk(Object.keys(ours).includes('cause'))
  t.match(ours.stack, /^AbortError: The operation was aborted/)
})

await t.test('rm of a folder fails as in Node', async t => {
  const folder = t.testdir()
  const expected = await fs.promises.rm(folder).catch((error: Error) => error)
  const ours = fsError('ERR_FS_EISDIR', { syscall: 'rm', path: folder })
  t.same(facts(ours), facts(expected as Error))
  t.ok(ours instanceof SystemError)
  t.match(
    ours.stack,
    /^SystemError \[ERR_FS_EISDIR\]: Path is a directory: rm returned EISDIR \(is a directory\) /,
  )
  t.notOk('cause' in ours)
  const cause = new Error('550 Is a directory.')
  t.equal(fsError('ERR_FS_EISDIR', { syscall: 'rm', path: folder, cause }).cause, cause)
})
