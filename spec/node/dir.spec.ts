import t from 'tap'
import { Dir, type DirSource } from '../../lib/node/dir.js'
import { Dirent } from '../../lib/node/dirent.js'

const CLOSED = { code: 'ERR_DIR_CLOSED', message: 'Directory handle was closed' }

/** A listing of the names that says whether it was ended early. */
function listing(...names: string[]) {
  const state = { returned: 0 }
  let at = 0
  const source: DirSource = {
    async next() {
      const name = names[at++]
      return name === undefined
        ? { done: true, value: undefined }
        : { done: false, value: new Dirent(name, '/d', 'file') }
    },
    async return() {
      state.returned++
    },
  }
  return { state, dir: new Dir('/d', source) }
}

/** A listing that says nothing until it is told to. */
function silent() {
  const { promise, reject } = withReject()
  return { dir: new Dir('/d', { next: () => promise, return: async () => {} }), reject }
}

function withReject() {
  let reject!: (error: Error) => void
  const promise = new Promise<never>((_, no) => (reject = no))
  return { promise, reject }
}

await t.test('read gives one entry after the other and then null, as often as asked', async t => {
  const { dir } = listing('a', 'b')
  t.equal(dir.path, '/d')
  t.equal((await dir.read())?.name, 'a')
  t.equal((await dir.read())?.name, 'b')
  t.equal(await dir.read(), null)
  t.equal(await dir.read(), null)
  await dir.close()
})

await t.test('reads that overlap each get their own entry', async t => {
  const { dir } = listing('a', 'b')
  const entries = await Promise.all([dir.read(), dir.read(), dir.read()])
  t.same(
    entries.map(entry => entry?.name),
    ['a', 'b', undefined],
  )
  await dir.close()
})

await t.test('iteration ends with the directory closed', async t => {
  const { dir, state } = listing('a', 'b')
  const names: string[] = []
  for await (const entry of dir) names.push(entry.name)
  t.same(names, ['a', 'b'])
  t.equal(state.returned, 1)
  await t.rejects(dir.read(), CLOSED)
  await t.rejects(dir.close(), CLOSED)
})

await t.test('a break closes the directory', async t => {
  const { dir, state } = listing('a', 'b')
  for await (const entry of dir) {
    t.equal(entry.name, 'a')
    break
  }
  t.equal(state.returned, 1)
  await t.rejects(dir.close(), CLOSED)
})

await t.test('a closed directory cannot be read, iterated or closed again', async t => {
  const { dir } = listing('a')
  await dir.close()
  await t.rejects(dir.read(), CLOSED)
  await t.rejects(dir.close(), CLOSED)
  await t.rejects(async () => {
    for await (const entry of dir) t.fail(entry.name)
  }, CLOSED)
})

await t.test('a loop whose body closes the directory fails', async t => {
  const { dir } = listing('a', 'b')
  await t.rejects(async () => {
    for await (const entry of dir) {
      t.equal(entry.name, 'a')
      await dir.close()
    }
  }, CLOSED)
})

await t.test('close waits for the reads before it', async t => {
  const { dir } = listing('a')
  const order: string[] = []
  const read = dir.read().then(entry => order.push(`read ${entry?.name}`))
  await dir.close().then(() => order.push('closed'))
  await read
  t.same(order, ['read a', 'closed'])
})

await t.test('leaving a block disposes of the directory, closed or not', async t => {
  const { dir, state } = listing('a')
  await dir[Symbol.asyncDispose]()
  await dir[Symbol.asyncDispose]()
  t.equal(state.returned, 1)
})

await t.test('read and close take callbacks', async t => {
  const { dir } = listing('a')
  const results: unknown[] = []
  await new Promise<void>(resolve => {
    dir.read((error, entry) => results.push(error, entry?.name))
    dir.read((error, entry) => results.push(error, entry))
    dir.close(error => {
      results.push(error)
      resolve()
    })
  })
  t.same(results, [null, 'a', null, null, null])
  const closedAgain = await new Promise(resolve => dir.close(resolve))
  t.match(closedAgain, CLOSED)
  // Node, too, throws here instead of calling back.
  t.throws(() => dir.read(() => {}), CLOSED)
})

await t.test('a callback gets the error of a failed read', async t => {
  const { dir, reject } = silent()
  const got = new Promise(resolve => dir.read((error, entry) => resolve([error, entry])))
  reject(new Error('lost'))
  t.match(await got, [new Error('lost'), null])
  await dir.close()
})

await t.test('a callback must be a function', async t => {
  const { dir } = listing('a')
  const wrong = {
    code: 'ERR_INVALID_ARG_TYPE',
    message: 'The "callback" argument must be of type function. Received type number (5)',
  }
  t.throws(() => dir.read(5 as never), wrong)
  t.throws(() => dir.close(5 as never), wrong)
  await dir.close()
})

await t.test('a listing that fails never seems to be at its end', async t => {
  const failure = new Error('connection lost')
  const dir = new Dir(
    '/d',
    (async function* (): AsyncGenerator<Dirent> {
      yield new Dirent('a', '/d', 'file')
      throw failure
    })(),
  )
  t.equal((await dir.read())?.name, 'a')
  await t.rejects(dir.read(), failure)
  await t.rejects(dir.read(), failure)
  await dir.close()
  await t.rejects(dir.read(), CLOSED)
})

await t.test('iteration throws what the listing throws', async t => {
  const { dir, reject } = silent()
  reject(new Error('connection lost'))
  await t.rejects(async () => {
    for await (const entry of dir) t.fail(entry.name)
  }, new Error('connection lost'))
  await t.rejects(dir.close(), CLOSED)
})

await t.test('destroy ends the waiting read and all later ones', async t => {
  const { dir } = silent()
  const failure = Object.assign(new Error('the connection pool was closed'), { code: 'ERR_FTP_CLOSED' })
  const waiting = [dir.read(), dir.read()]
  // The first read reaches the source one turn later.
  await new Promise(setImmediate)
  dir.destroy(failure)
  dir.destroy(new Error('another'))
  for (const read of waiting) await t.rejects(read, failure)
  await t.rejects(dir.read(), failure)
  await dir.close()
  await t.rejects(dir.read(), CLOSED)
})

await t.test('destroy lets go of the source once; on a closed directory it does nothing', async t => {
  const { dir, state } = listing('a')
  dir.destroy(new Error('gone'))
  await dir.close()
  t.equal(state.returned, 1)
  dir.destroy(new Error('gone'))
  await t.rejects(dir.read(), CLOSED)
  t.equal(state.returned, 1)
})
