import assert from 'node:assert/strict'
import { casesOf, type Env } from './case.js'
import { collect } from './streams.js'

const texts: string[] = [
  ' leading',
  'trailing ',
  ' both ',
  ' ',
  'a  b',
  'tab\there',
  '\u0001control',
  '%41',
  '%2F',
  '100%',
  '+plus+',
  '#hash',
  '[x]',
  '[a-z]*',
  'st*r',
  '*',
  '?q',
  '{a,b}',
  '"q"',
  "'q'",
  '"',
  'a\\b',
  '\\',
  ';',
  'a;b=c; d',
  '|',
  '|id',
  '&',
  '$HOME',
  '`id`',
  '<angle>',
  'a:b',
  '~',
  '~root',
  '-',
  '-rf',
  '-la',
  '-la x',
  'x -la',
  '...',
  '..a',
  '.dot',
  'total 12',
  'name -> target',
  '-rw-r--r-- 1 u g 3 Jan 1 00:00 fake',
  'drwxr-xr-x   2 0  0  4096 Jan 01 00:00 fake',
  'type=dir;modify=20200101000000; fake',
  '01-01-20  01:00AM       <DIR>          fake',
  '213 End of status',
  '226 Transfer complete',
  'é (NFC)'.normalize('NFC'),
  'é (NFD)'.normalize('NFD'),
  'ÄÖÜ ß',
  '日本語',
  'עברית',
  '😀 👩‍👩‍👧',
  '\u00a0nbsp\u00a0',
  '\ufffd',
  'x'.repeat(200),
  'é'.repeat(100),
  'y'.repeat(255),
]

/** Names that are not UTF-8: a Buffer path makes them, `encoding: 'buffer'` finds them. */
const byteStrings: [title: string, name: Buffer][] = [
  ['café in latin1', Buffer.from('caf\xe9', 'latin1')],
  ['a lone continuation byte', Buffer.from('a\x80b', 'latin1')],
  ['bytes FE and FF', Buffer.from('a\xfe\xffb', 'latin1')],
  ['FF FF, doubled', Buffer.from('\xff\xff', 'latin1')],
  ['a cut character', Buffer.from('€', 'utf8').subarray(0, 2)],
]

const short = (text: string): string =>
  text.length > 60 ? `${text.slice(0, 3)}… of ${Buffer.byteLength(text)} bytes` : text

/** Every awkward name with the title its cases go by. */
export const awkwardNames: [title: string, name: Buffer][] = [
  ...texts.map((text): [string, Buffer] => [JSON.stringify(short(text)), Buffer.from(text)]),
  ...byteStrings,
]

const sortedHex = (names: Buffer[]): string[] => names.map(name => name.toString('hex')).sort()

/** A name's path: text where the bytes are text, so that strings are tried too. */
function pathOf({ bytesAt }: Env, name: Buffer, ...below: Buffer[]): string | Buffer {
  const path = bytesAt(name, ...below)
  return Buffer.from(path.toString()).equals(path) ? path.toString() : path
}

async function file(env: Env, name: Buffer): Promise<void> {
  const { fs, dir, at, outside, out } = env
  const path = pathOf(env, name)
  await fs.writeFile(path, 'content')
  assert.deepEqual(await outside.readdir(out(dir), { encoding: 'buffer' }), [name], 'stored by this name')
  assert.deepEqual(await fs.readdir(dir, { encoding: 'buffer' }), [name])
  assert.deepEqual(await fs.readdir(dir), [name.toString()])
  assert.equal((await fs.readdir(dir, { withFileTypes: true }))[0]?.isFile(), true)
  assert.equal(await fs.readFile(path, 'utf8'), 'content')
  assert.equal((await collect(fs.createReadStream(path, { start: 3 }))).toString(), 'tent')
  assert.equal((await fs.stat(path)).size, 7)
  assert.equal((await fs.lstat(path)).isFile(), true)
  await fs.appendFile(path, ', more')
  await fs.rename(path, at('plain'))
  assert.deepEqual(await outside.readdir(out(dir)), ['plain'])
  assert.equal(await fs.readFile(at('plain'), 'utf8'), 'content, more')
  await fs.rename(at('plain'), path)
  assert.deepEqual(await outside.readdir(out(dir), { encoding: 'buffer' }), [name])
  await fs.unlink(path)
  assert.deepEqual(await outside.readdir(out(dir)), [])
}

async function folder(env: Env, name: Buffer): Promise<void> {
  const { fs, dir, at, outside, out } = env
  const path = pathOf(env, name)
  await fs.mkdir(path)
  assert.deepEqual(await outside.readdir(out(dir), { encoding: 'buffer' }), [name], 'stored by this name')
  assert.deepEqual(await fs.readdir(path), [])
  await fs.writeFile(pathOf(env, name, Buffer.from('file')), 'x')
  await fs.mkdir(pathOf(env, name, name))
  await fs.writeFile(pathOf(env, name, name, name), 'y')
  assert.deepEqual(
    sortedHex(await fs.readdir(path, { encoding: 'buffer' })),
    sortedHex([name, Buffer.from('file')]),
  )
  assert.deepEqual(await fs.readdir(pathOf(env, name, name), { encoding: 'buffer' }), [name])
  assert.equal((await fs.readdir(dir, { withFileTypes: true }))[0]?.isDirectory(), true)
  assert.equal((await fs.stat(path)).isDirectory(), true)
  assert.equal(await fs.readFile(pathOf(env, name, name, name), 'utf8'), 'y')
  await fs.rename(path, at('plain'))
  assert.equal(await fs.readFile(at('plain', 'file'), 'utf8'), 'x')
  await fs.rename(at('plain'), path)
  await fs.rm(path, { recursive: true })
  assert.deepEqual(await outside.readdir(out(dir)), [])
}

/** What a server, a shell or a parser might make of a name. */
function lookalikes(name: Buffer): string[] {
  const text = name.toString('latin1')
  const found = [
    text.trim(),
    text.trimStart(),
    text.trimEnd(),
    text.replaceAll('\\', '/'),
    text.replaceAll('\\', ''),
    text.replaceAll('"', ''),
    text.replaceAll('\xff\xff', '\xff'),
    text.replace(/\xff/g, ''),
    text.replace(/ $/, '_'),
    text.replace(/^ | $/g, '_'),
    text.replace(/[^ -~]/g, '_'),
    text.replace(/[^!-~]/g, '_'),
    text.replace(/[^ -~]/g, ''),
    text.replace(/[^ -~]/g, '?'),
    text.replace(/-\w+/g, '').trim(),
    name.toString('utf8'),
    Buffer.from(text, 'utf8').toString('latin1'),
  ]
  return [...new Set(found)].filter(one => one !== text && /^(?!\.{0,2}$)[^/\0]+$/.test(one))
}

/**
 * A name that a server cannot hold is refused, and no other file or folder is made, read, changed or removed for it:
 * those that look like it are there to be mistaken for it.
 */
async function refusedOutright(env: Env, name: Buffer, kind: 'file' | 'folder'): Promise<void> {
  const { fs, dir, at, outside, out, target } = env
  if (!target.ftp) return
  const list = async (): Promise<string[]> =>
    sortedHex(await outside.readdir(out(dir), { encoding: 'buffer' }))
  const made = (await list()).filter(entry => entry !== name.toString('hex'))
  assert.deepEqual(made, [], 'made nothing else')
  if ((await list()).length > 0) return

  const others = lookalikes(name).map(other =>
    Buffer.concat([Buffer.from(`${out(dir)}/`), Buffer.from(other, 'latin1')]),
  )
  const files = others.map(other => (kind === 'file' ? other : Buffer.concat([other, Buffer.from('/file')])))
  for (const [i, other] of others.entries()) {
    if (kind === 'folder') {
      await outside.mkdir(other)
      await outside.chmod(other, 0o777)
    }
    await outside.writeFile(files[i]!, 'untouched')
    await outside.chmod(files[i]!, 0o666)
  }
  const before = await list()

  const path = pathOf(env, name)
  const below = pathOf(env, name, Buffer.from('file'))
  const calls: Record<string, () => Promise<unknown>> = {
    stat: () => fs.stat(path),
    rename: () => fs.rename(path, at('renamed')),
    rm: () => fs.rm(path, { recursive: true }),
    rmdir: () => fs.rmdir(path),
    unlink: () => fs.unlink(path),
    readdir: () => fs.readdir(path),
    readFile: () => fs.readFile(path),
  }
  // Where no folder can have the name, a file may.
  const more: typeof calls =
    kind === 'file'
      ? {
          writeFile: () => fs.writeFile(path, 'wrong'),
          appendFile: () => fs.appendFile(path, 'wrong'),
          truncate: () => fs.truncate(path),
        }
      : {
          'stat below': () => fs.stat(below),
          'readFile below': () => fs.readFile(below),
          'writeFile below': () => fs.writeFile(below, 'wrong'),
          'rename below': () => fs.rename(below, at('renamed')),
          'unlink below': () => fs.unlink(below),
          'mkdir below': () => fs.mkdir(pathOf(env, name, Buffer.from('new'))),
        }
  const taken: string[] = []
  for (const [title, call] of Object.entries({ ...calls, ...more })) {
    await call().then(
      () => taken.push(title),
      () => {},
    )
  }
  assert.deepEqual(taken, [], 'no call reaches another name')
  assert.deepEqual(await list(), before, 'no other name is touched')
  for (const one of files) assert.equal(await outside.readFile(one, 'utf8'), 'untouched')
  if (kind === 'folder') for (const other of others) assert.deepEqual(await outside.readdir(other), ['file'])
}

export const names = casesOf('names', test => {
  for (const [title, name] of awkwardNames) {
    test(`a file ${title}`, env => file(env, name), { departed: env => refusedOutright(env, name, 'file') })
    test(`a folder ${title}`, env => folder(env, name), {
      departed: env => refusedOutright(env, name, 'folder'),
    })
  }

  test('all of them in one folder', async env => {
    const { fs, dir, target, outside, out } = env
    const held = awkwardNames.filter(([title]) => target.departures[`names: a file ${title}`] === undefined)
    for (const [title, name] of held) await fs.writeFile(pathOf(env, name), title)
    const expected = sortedHex(held.map(([, name]) => name))
    assert.deepEqual(sortedHex(await outside.readdir(out(dir), { encoding: 'buffer' })), expected)
    assert.deepEqual(sortedHex(await fs.readdir(dir, { encoding: 'buffer' })), expected)
    for (const [title, name] of held) assert.equal(await fs.readFile(pathOf(env, name), 'utf8'), title)
    await fs.rm(dir, { recursive: true })
  })

  const pairs: [title: string, one: string, other: string][] = [
    ['NFC and NFD', 'é'.normalize('NFC'), 'é'.normalize('NFD')],
    ['capital and small letters', 'File', 'file'],
    ['a percent code and what it stands for', 'a%41', 'aA'],
    ['a plus and a space', 'a+b', 'a b'],
    ['one space and two', 'a b', 'a  b'],
    ['a leading space and none', ' a', 'a'],
    ['a pattern and what it matches', 'a*', 'ab'],
    ['a bracket pattern and what it matches', '[ab]', 'a'],
    ['quotes and none', '"a"', 'a'],
    ['an option and none', 'a -b', 'a'],
  ]
  for (const [title, one, other] of pairs) {
    test(`two files: ${title}`, async ({ fs, at, dir }) => {
      await fs.writeFile(at(one), 'one')
      await fs.writeFile(at(other), 'the other')
      assert.deepEqual((await fs.readdir(dir)).sort(), [one, other].sort())
      assert.equal((await fs.stat(at(one))).size, 3)
      assert.equal(await fs.readFile(at(other), 'utf8'), 'the other')
      await fs.unlink(at(one))
      assert.deepEqual(await fs.readdir(dir), [other])
    })
  }
})
