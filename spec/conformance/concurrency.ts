import assert from 'node:assert/strict'
import { pipeline } from 'node:stream/promises'
import { bytes, MIB } from './bytes.js'
import { casesOf } from './case.js'
import { rejection } from './expect.js'

/** Many calls at once: each gets its own answer, and nobody waits for ever. */
export const concurrency = casesOf('at once', test => {
  const many = Array.from({ length: 30 }, (_, i) => i)

  test('thirty files are written, listed, read, renamed, removed', async ({ fs, at, dir }) => {
    await Promise.all(many.map(i => fs.writeFile(at(`file ${i}`), bytes(1000, i + 1))))
    assert.equal((await fs.readdir(dir)).length, many.length)
    const read = await Promise.all(many.map(i => fs.readFile(at(`file ${i}`))))
    for (const i of many) assert.ok(bytes(1000, i + 1).equals(read[i]!))
    await Promise.all(many.map(i => fs.rename(at(`file ${i}`), at(`renamed ${i}`))))
    await Promise.all(many.map(i => fs.rm(at(`renamed ${i}`))))
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('stats of what is there and of what is not keep their order', async ({ fs, at }) => {
    await Promise.all(many.filter(i => i % 3 === 0).map(i => fs.writeFile(at(`file ${i}`), Buffer.alloc(i))))
    const answers = await Promise.all(
      many.map(i =>
        fs.stat(at(`file ${i}`)).then(
          stats => stats.size,
          (error: NodeJS.ErrnoException) => error.code,
        ),
      ),
    )
    assert.deepEqual(
      answers,
      many.map(i => (i % 3 === 0 ? i : 'ENOENT')),
    )
  })

  test('recursive mkdir of trees that share their parents', async ({ fs, at }) => {
    await Promise.all(many.map(i => fs.mkdir(at('a', `b${i % 3}`, `c${i}`), { recursive: true })))
    assert.equal((await fs.readdir(at('a'), { recursive: true })).length, 3 + many.length)
  })

  test('of many calls for the same new folder one wins, the others get EEXIST', async ({ fs, at }) => {
    const results = await Promise.allSettled(many.map(() => fs.mkdir(at('folder'))))
    const refused = results.filter(result => result.status === 'rejected')
    assert.equal(refused.length, many.length - 1)
    for (const { reason } of refused) assert.equal((reason as NodeJS.ErrnoException).code, 'EEXIST')
  })

  test('of many calls to remove the same file one wins, the others get ENOENT', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    const results = await Promise.allSettled(many.map(() => fs.unlink(at('file'))))
    const refused = results.filter(result => result.status === 'rejected')
    assert.equal(refused.length, many.length - 1)
    for (const { reason } of refused) assert.equal((reason as NodeJS.ErrnoException).code, 'ENOENT')
  })

  test('3 MiB from a stream of the fs into a stream of the same fs', async ({ fs, at, outside, out }) => {
    const data = bytes(3 * MIB)
    await fs.writeFile(at('from'), data)
    await pipeline(fs.createReadStream(at('from')), fs.createWriteStream(at('to')))
    assert.ok(data.equals(await outside.readFile(out(at('to')))))
  })

  test('fifty such pipes at once', async ({ fs, at, outside, out }) => {
    const pipes = Array.from({ length: 50 }, (_, i) => i)
    await Promise.all(pipes.map(i => fs.writeFile(at(`from ${i}`), bytes(20_000, i + 1))))
    await Promise.all(
      pipes.map(i => pipeline(fs.createReadStream(at(`from ${i}`)), fs.createWriteStream(at(`to ${i}`)))),
    )
    for (const i of pipes) assert.ok(bytes(20_000, i + 1).equals(await outside.readFile(out(at(`to ${i}`)))))
  })

  test('failures among many calls harm no other', async ({ fs, at }) => {
    const results = await Promise.all(
      many.map(i =>
        i % 2 === 0
          ? fs.writeFile(at(`file ${i}`), 'x').then(() => 'written')
          : rejection(fs.writeFile(at('missing', `file ${i}`), 'x')).then(error => error.code),
      ),
    )
    assert.deepEqual(
      results,
      many.map(i => (i % 2 === 0 ? 'written' : 'ENOENT')),
    )
  })
})
