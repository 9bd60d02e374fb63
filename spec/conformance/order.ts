import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { bytes } from './bytes.js'
import { casesOf } from './case.js'
import { hasCode, rejection } from './expect.js'
import { failureOf } from './streams.js'

const codeOf = (call: Promise<unknown>): Promise<string | undefined> =>
  rejection(call).then(({ code }) => code)

/** Calls that are not awaited: they take effect in the order in which they were made. Neither Node nor memfs sees to that. */
export const order = casesOf('order', test => {
  test('a file is written, asked for, and read', async ({ fs, at }) => {
    const file = at('file')
    const [, stats, content] = await Promise.all([
      fs.writeFile(file, 'content'),
      fs.stat(file),
      fs.readFile(file, 'utf8'),
    ])
    assert.equal(stats.size, 7)
    assert.equal(content, 'content')
  })

  test('a file is read, and then changed', async ({ fs, at }) => {
    const file = at('file')
    await fs.writeFile(file, 'old')
    const [before, , after] = await Promise.all([
      fs.readFile(file, 'utf8'),
      fs.writeFile(file, 'new'),
      fs.readFile(file, 'utf8'),
    ])
    assert.deepEqual([before, after], ['old', 'new'])
  })

  test('of many writes of one file the last one stays, whole', async ({ fs, at, outside, out }) => {
    const sizes = [100_000, 10, 300_000, 0, 50_000, 1000]
    await Promise.all(sizes.map((size, i) => fs.writeFile(at('file'), bytes(size, i + 1))))
    assert.ok(bytes(1000, sizes.length).equals(await outside.readFile(out(at('file')))))
  })

  test('what is appended stands in the order of the calls', async ({ fs, at, outside, out }) => {
    const parts = Array.from({ length: 10 }, (_, i) => `${i},`)
    await Promise.all(parts.map(part => fs.appendFile(at('file'), part)))
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), parts.join(''))
  })

  test('a file is removed, and written anew', async ({ fs, at }) => {
    const file = at('file')
    await fs.writeFile(file, 'old')
    const [, missing, , content] = await Promise.all([
      fs.unlink(file),
      codeOf(fs.stat(file)),
      fs.writeFile(file, 'new'),
      fs.readFile(file, 'utf8'),
    ])
    assert.deepEqual([missing, content], ['ENOENT', 'new'])
  })

  for (const recursive of [false, true]) {
    test(`a folder is made${recursive ? ', with the one above,' : ''} and filled`, async ({ fs, at }) => {
      const folder = recursive ? at('a', 'b') : at('a')
      const names = ['1', '2', '3']
      const calls = [
        fs.mkdir(folder, { recursive }),
        ...names.map(name => fs.writeFile(`${folder}/${name}`, name)),
      ]
      assert.deepEqual((await fs.readdir(folder)).sort(), names)
      await Promise.all(calls)
    })
  }

  test('folders are made again for each file', async ({ fs, at, dir }) => {
    const names = Array.from({ length: 20 }, (_, i) => [`a${i % 3}`, `b${i % 2}`, `${i}`])
    await Promise.all(
      names.flatMap(([above, folder, name]) => [
        fs.mkdir(at(above!, folder!), { recursive: true }),
        fs.writeFile(at(above!, folder!, name!), name!),
      ]),
    )
    assert.equal((await fs.readdir(dir, { recursive: true })).length, 3 + 6 + 20)
  })

  test('a listing has what was written before, and not what is written behind it', async ({
    fs,
    at,
    dir,
  }) => {
    const [, , names, , all] = await Promise.all([
      fs.writeFile(at('1'), 'x'),
      fs.writeFile(at('2'), 'x'),
      fs.readdir(dir),
      fs.writeFile(at('3'), 'x'),
      fs.readdir(dir),
    ])
    assert.deepEqual(
      [names.sort(), all.sort()],
      [
        ['1', '2'],
        ['1', '2', '3'],
      ],
    )
  })

  test('a file is renamed, and read by its new name', async ({ fs, at }) => {
    await fs.writeFile(at('a'), 'content')
    const [, content, missing, , copied] = await Promise.all([
      fs.rename(at('a'), at('b')),
      fs.readFile(at('b'), 'utf8'),
      codeOf(fs.readFile(at('a'))),
      fs.copyFile(at('b'), at('c')),
      fs.readFile(at('c'), 'utf8'),
    ])
    assert.deepEqual([content, missing, copied], ['content', 'ENOENT', 'content'])
  })

  test('a folder is renamed, and what is in it moves along', async ({ fs, at }) => {
    await fs.mkdir(at('a'))
    const [, , content, missing, names] = await Promise.all([
      fs.writeFile(at('a', 'file'), 'content'),
      fs.rename(at('a'), at('b')),
      fs.readFile(at('b', 'file'), 'utf8'),
      codeOf(fs.stat(at('a', 'file'))),
      fs.readdir(at('b')),
    ])
    assert.deepEqual([content, missing, names], ['content', 'ENOENT', ['file']])
  })

  test('a tree is removed, and made anew', async ({ fs, at }) => {
    await fs.mkdir(at('a', 'b'), { recursive: true })
    await Promise.all(['1', '2', '3'].map(name => fs.writeFile(at('a', 'b', name), name)))
    const [, , , names] = await Promise.all([
      fs.rm(at('a'), { recursive: true }),
      fs.mkdir(at('a')),
      fs.writeFile(at('a', 'new'), 'x'),
      fs.readdir(at('a'), { recursive: true }),
    ])
    assert.deepEqual(names, ['new'])
  })

  test('a failure keeps nobody from what comes behind it', async ({ fs, at }) => {
    const [failed, , content] = await Promise.all([
      codeOf(fs.rename(at('missing'), at('file'))),
      fs.writeFile(at('file'), 'content'),
      fs.readFile(at('file'), 'utf8'),
    ])
    assert.deepEqual([failed, content], ['ENOENT', 'content'])
  })
})

/** Of streams: their beginning and their end have a place in the order. */
export const orderOfStreams = casesOf('order of streams', test => {
  test('a file is there for calls made once its stream has been ended', async ({ fs, at }) => {
    const stream = fs.createWriteStream(at('file'))
    stream.write('content')
    await assert.rejects(fs.stat(at('file')), { code: 'ENOENT' }, 'before, they do not wait for it')
    stream.end()
    assert.equal((await fs.stat(at('file'))).size, 7)
  })

  test('a stream reads what was written before it was opened', async ({ fs, at }) => {
    const written = fs.writeFile(at('file'), 'content')
    assert.equal(await text(fs.createReadStream(at('file'))), 'content')
    await written
  })

  test('a stream that is not read keeps nobody from writing', async ({ fs, at }) => {
    // Not more than is read ahead: vsftpd 3.0.3 stores nothing in a file while it is sending it.
    await fs.writeFile(at('file'), bytes(100_000))
    const stream = fs.createReadStream(at('file'))
    await fs.writeFile(at('file'), 'new')
    stream.destroy()
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'new')
  })

  test('a folder that is not read to its end keeps nobody from changing it', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), 'x')
    const written = fs.writeFile(at('other'), 'x')
    const folder = await fs.opendir(dir)
    await fs.rm(at('file'))
    await folder.close()
    await written
  })

  test('flags look at what is there behind earlier calls', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'old')
    const removed = fs.unlink(at('file'))
    const stream = fs.createWriteStream(at('file'), { flags: 'wx' })
    stream.end('new')
    await once(stream, 'close')
    await removed
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'new')
  })

  test('a slash at the end is looked at behind earlier calls', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'old')
    const earlier = [fs.writeFile(at('file'), bytes(300_000)), fs.unlink(at('file'))]
    const stream = fs.createWriteStream(`${at('file', 'new')}/`)
    hasCode(await failureOf(stream), 'ENOENT')
    await Promise.all(earlier)
  })

  test('what is written behind a stream that was destroyed stays', async ({ fs, at, outside, out }) => {
    const stream = fs.createWriteStream(at('file'))
    stream.on('error', () => {})
    await new Promise(resolve => stream.write(bytes(3_000_000), resolve))
    stream.destroy()
    await fs.writeFile(at('file'), 'new')
    if (!stream.closed) await once(stream, 'close')
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'new')
  })

  test('a source may read the file that it is for', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'old')
    await fs.writeFile(
      at('file'),
      (async function* () {
        yield await fs.readFile(at('file'))
        yield ' and new'
      })(),
    )
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'old and new')
    const again = fs.createReadStream(at('file'))
    await fs.writeFile(at('file'), again)
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'old and new')
  })
})
