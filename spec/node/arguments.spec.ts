import * as fs from 'node:fs'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import * as args from '../../lib/node/arguments.js'

/** The error of our check is the one that Node's fs gives for the same value. */
async function failsAsNode(t: Test, ours: () => unknown, node: () => Promise<unknown>, name: string) {
  const expected = await node().then(
    () => t.fail(`Node takes ${name}`),
    (error: NodeJS.ErrnoException) => error,
  )
  const { name: kind, code, message } = expected as NodeJS.ErrnoException
  t.throws(ours, { name: kind, message, ...(code !== undefined && { code }) }, name)
}

await t.test('path', async t => {
  await t.test('strings and Buffers are taken as they are', async t => {
    for (const path of ['/a', 'a/../b', '', '/a%20b', ' ', 'file:///a'])
      t.equal(args.pathArgument(path), path)
    const bytes = Buffer.from([0x2f, 0xff])
    t.equal(args.pathArgument(bytes), bytes)
  })

  await t.test('a Uint8Array is taken as a Buffer of the same bytes', async t => {
    const within = new Uint8Array([0, 0x2f, 0x61, 0]).subarray(1, 3)
    const path = args.pathArgument(within)
    t.ok(Buffer.isBuffer(path))
    t.equal(String(path), '/a')
  })

  await t.test('a file: URL is percent-decoded once', async t => {
    t.equal(args.pathArgument(new URL('file:///a%20b/%2525/c?q#h')), '/a b/%25/c')
    t.equal(args.pathArgument(new URL('file://localhost/a')), '/a')
    t.equal(args.pathArgument(new URL('file:///%C3%BC')), '/ü')
  })

  await t.test('what Node refuses is refused in its words', async t => {
    const urls = ['file:///a%2Fb', 'file://host/a', 'http://host/a', 'file:///a%00b', 'file:///%ff'].map(
      url => new URL(url),
    )
    const bytes = [Buffer.from('a\0b'), new Uint8Array([97, 0]), new Uint16Array(2)]
    const others = [
      1,
      null,
      undefined,
      {},
      [],
      true,
      () => 1,
      new Date(0),
      1n,
      Symbol('x'),
      'a\0b',
      `${'x'.repeat(200)}\0`,
    ]
    for (const path of [...urls, ...bytes, ...others]) {
      await failsAsNode(
        t,
        () => args.pathArgument(path),
        () => fs.promises.stat(path as string),
        inspect(path),
      )
    }
  })

  await t.test('line breaks, which end an FTP command, are refused', async t => {
    for (const path of ['/a\rb', '/a\nDELE /b', Buffer.from('/a\r\n'), new URL('file:///a%0Ab')]) {
      t.throws(() => args.pathArgument(path), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' })
    }
    t.throws(() => args.pathArgument('a\n', 'newPath'), {
      message:
        "The argument 'newPath' must be a string, Uint8Array, or URL without line breaks (CR, LF). Received 'a\\n'",
    })
  })
})

await t.test('encoding', async t => {
  await t.test('a string or an option', async t => {
    t.equal(args.encodingOption('utf8'), 'utf8')
    t.equal(args.encodingOption('buffer'), 'buffer')
    t.equal(args.encodingOption({ encoding: 'latin1' }), 'latin1')
    t.equal(args.encodingOption({ encoding: 'buffer' }), 'buffer')
  })

  await t.test('none', async t => {
    for (const options of [undefined, null, {}, { encoding: null }, { encoding: undefined }, '', () => {}]) {
      t.equal(args.encodingOption(options), undefined, inspect(options))
    }
  })

  await t.test('another fails as in Node', async t => {
    for (const options of ['foo', 'BUFFER', { encoding: 'foo' }, { encoding: 5 }, 5, true]) {
      await failsAsNode(
        t,
        () => args.encodingOption(options),
        () => fs.promises.readdir('/', options as 'utf8'),
        inspect(options),
      )
    }
  })
})

await t.test('options: a string is an encoding, null and a function are none', async t => {
  t.same(args.optionsArgument('utf8'), { encoding: 'utf8' })
  for (const none of [undefined, null, () => {}]) t.same(args.optionsArgument(none), {})
  const options = { flag: 'w' }
  t.equal(args.optionsArgument(options), options)
})

await t.test('signal', async t => {
  args.checkSignal(undefined)
  args.checkSignal(new AbortController().signal)
  for (const signal of [null, 5, 'x', {}]) {
    await failsAsNode(
      t,
      () => args.checkSignal(signal),
      () => fs.promises.readFile('/', { signal: signal as never }),
      inspect(signal),
    )
  }
  args.checkAborted(undefined)
  args.checkAborted(new AbortController().signal)
  const reason = new Error('why')
  t.throws(() => args.checkAborted(AbortSignal.abort(reason)), {
    name: 'AbortError',
    code: 'ABORT_ERR',
    cause: reason,
  })
})

await t.test('whole numbers', async t => {
  t.equal(args.integerArgument(-3, 'len'), -3)
  t.equal(args.integerArgument(7, 'n', 0, 7), 7)
  for (const len of ['x', 1.5, NaN, Infinity, 2 ** 53, 5n, {}]) {
    await failsAsNode(
      t,
      () => args.integerArgument(len, 'len'),
      () => fs.promises.truncate(t.testdir({ file: '' }) + '/file', len as number),
      inspect(len),
    )
  }
  t.throws(() => args.integerArgument(8, 'n', 0, 7), {
    code: 'ERR_OUT_OF_RANGE',
    message: 'The value of "n" is out of range. It must be >= 0 && <= 7. Received 8',
  })
})

await t.test('position', async t => {
  for (const none of [undefined, null, -1, -1n]) t.equal(args.positionArgument(none), null)
  t.equal(args.positionArgument(0), 0)
  t.equal(args.positionArgument(5n), 5)
  const type = { code: 'ERR_INVALID_ARG_TYPE' }
  const range = { code: 'ERR_OUT_OF_RANGE' }
  t.throws(() => args.positionArgument('0'), {
    ...type,
    message: `The "position" argument must be of type bigint or integer. Received type string ('0')`,
  })
  for (const position of [-2, 1.5, NaN, 2 ** 53, -5n, 2n ** 60n])
    t.throws(() => args.positionArgument(position), range)
})

await t.test('range of a stream', async t => {
  t.same(args.rangeArgument({}), { start: 0, end: Infinity })
  t.same(args.rangeArgument({ start: 3, end: 3 }), { start: 3, end: 3 })
  t.same(args.rangeArgument({ end: Infinity }), { start: 0, end: Infinity })
  const wrong: { start?: unknown; end?: unknown }[] = [{ start: 5, end: 3 }]
  for (const value of ['x', 1.5, NaN, -1, 2 ** 53, 5n, null, {}]) wrong.push({ start: value }, { end: value })
  for (const range of [...wrong, { start: Infinity }]) {
    await failsAsNode(
      t,
      () => args.rangeArgument(range),
      async () => fs.createReadStream('/', range as never),
      inspect(range),
    )
  }
})

await t.test('mode', async t => {
  t.equal(args.modeArgument(0o644), 0o644)
  t.equal(args.modeArgument('644'), 0o644)
  t.equal(args.modeArgument(undefined, 'mode', 0o777), 0o777)
  for (const mode of ['foo', '', '8', '0o644', '777777777777', 1.5, -1, 2 ** 32, undefined, {}, true]) {
    await failsAsNode(
      t,
      () => args.modeArgument(mode),
      () => fs.promises.chmod('/nowhere', mode as number),
      inspect(mode),
    )
  }
})

await t.test('mode of access and copyFile', async t => {
  t.equal(args.flagBitsArgument(undefined), 0)
  t.equal(args.flagBitsArgument(null), 0)
  t.equal(args.flagBitsArgument(7), 7)
  for (const mode of ['x', NaN, Infinity, -1, 8, 2 ** 31]) {
    await failsAsNode(
      t,
      () => args.flagBitsArgument(mode),
      () => fs.promises.access('/', mode as number),
      inspect(mode),
    )
  }
})

await t.test('time', async t => {
  t.equal(args.timeArgument(1.5), 1500)
  t.equal(args.timeArgument(1.001), 1001)
  t.equal(args.timeArgument('8'), 8000)
  t.equal(args.timeArgument('-8'), -8000)
  t.equal(args.timeArgument(new Date(-5)), -5)
  for (const time of ['foo', null, undefined, {}, NaN, Infinity, -Infinity, true, 5n]) {
    await failsAsNode(
      t,
      () => args.timeArgument(time),
      () => fs.promises.utimes('/nowhere', time as number, 0),
      inspect(time),
    )
  }
  t.throws(() => args.timeArgument(new Date(NaN)), { code: 'ERR_INVALID_ARG_VALUE' })
})

await t.test('a negative number of seconds is the present, as in Node', async t => {
  const before = Date.now()
  const time = args.timeArgument(-1)
  t.ok(time >= before && time <= Date.now())
})
