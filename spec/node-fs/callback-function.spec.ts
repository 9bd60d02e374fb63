import { once } from 'node:events'
import t from 'tap'
import { callbackFunction } from '../../lib/node-fs/callback-function.js'

const answering = async (...given: unknown[]): Promise<unknown> => given

t.test('a callback function', async t => {
  await t.test('calls back with the result, once and in a later turn', async t => {
    const calls: unknown[] = []
    callbackFunction('f', answering, { callbackAt: [1, 2] })('a', (...got: unknown[]) => calls.push(got))
    t.same(calls, [])
    await new Promise(setImmediate)
    t.same(calls, [[null, ['a']]])
  })

  await t.test('takes the first function after the required arguments as its callback', async t => {
    const f = callbackFunction('f', answering, { callbackAt: [1, 2] })
    const first = (): unknown => undefined
    const got = await new Promise(resolve =>
      f(first, 'options', (_: unknown, given: unknown) => resolve(given)),
    )
    t.same(got, [first, 'options'])
  })

  await t.test(
    'calls back with an error, also with one that is thrown at once but not about an argument',
    async t => {
      const failing = (): Promise<unknown> => {
        throw Object.assign(new Error('gone'), { code: 'ENOENT' })
      }
      const error = await new Promise(resolve =>
        callbackFunction('f', failing, { callbackAt: [0, 0] })(resolve),
      )
      t.match(error, { code: 'ENOENT' })
    },
  )

  await t.test('throws the error of an argument', async t => {
    const failing = (): Promise<unknown> => {
      throw new RangeError('too large')
    }
    const f = callbackFunction('f', failing, { callbackAt: [0, 0] })
    t.throws(() => f(() => t.fail('called')), new RangeError('too large'))
  })

  await t.test('throws without a callback, before any work', async t => {
    const f = callbackFunction('f', () => Promise.reject(new Error('begun')), { callbackAt: [1, 2] })
    const code = 'ERR_INVALID_ARG_TYPE'
    t.throws(() => f('a'), {
      code,
      message: 'The "cb" argument must be of type function. Received undefined',
    })
    t.throws(() => f('a', {}, 5), { code, message: /Received type number \(5\)/ })
  })

  await t.test('without an optional callback, an error is an uncaught exception', async t => {
    const reason = new Error('not closed')
    const f = callbackFunction('f', () => Promise.reject(reason), { callbackAt: [1, 1], optional: true })
    const taken = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const uncaught = once(process, 'uncaughtException')
    f(1)
    t.equal((await uncaught)[0], reason)
    for (const listener of taken) process.on('uncaughtException', listener)
  })

  await t.test('calls back only once if the callback throws, which is an uncaught exception', async t => {
    let calls = 0
    const taken = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const uncaught = once(process, 'uncaughtException')
    callbackFunction('f', answering, { callbackAt: [0, 0] })(() => {
      calls += 1
      throw new Error('of the user')
    })
    t.match((await uncaught)[0], { message: 'of the user' })
    for (const listener of taken) process.on('uncaughtException', listener)
    t.equal(calls, 1)
  })

  await t.test('has the given name', async t => {
    t.equal(callbackFunction('stat', answering, { callbackAt: [1, 2] }).name, 'stat')
  })
})
