import { readdir, readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { FtpVfs } from '../../../lib/index.js'
import { forServers } from '../../support/for-servers.js'
import { realServerNames } from '../../support/real-servers.js'
import { failureOf, scriptedVfs } from '../scripted-vfs.js'

interface Names {
  encoding: string
  /** Each name as text, and its bytes in hex as iconv of the GNU C library writes them. */
  folder: [text: string, hex: string]
  file: [text: string, hex: string]
  renamed: [text: string, hex: string]
}

const cases: Names[] = [
  {
    encoding: 'windows-1251',
    folder: ['отчёты', 'EEF2F7B8F2FB'],
    // The last letter of the Russian alphabet is the byte FF, which begins a command of Telnet.
    file: ['Яна я №5.txt', 'DFEDE020FF20B9352E747874'],
    renamed: ['ёж.txt', 'B8E62E747874'],
  },
  {
    encoding: 'gbk',
    folder: ['报告', 'B1A8B8E6'],
    // A second byte that is an ASCII sign.
    file: ['丂 a.txt', '814020612E747874'],
    renamed: ['新.txt', 'D0C22E747874'],
  },
]

/** Names with a second byte that is a backslash. */
const backslashes: Names[] = [
  {
    encoding: 'gbk',
    folder: ['乗', '815C'],
    file: ['丂乗 a.txt', '8140815C20612E747874'],
    renamed: ['新.txt', 'D0C22E747874'],
  },
  {
    encoding: 'shift_jis',
    folder: ['日本', '93FA967B'],
    file: ['表ソポ.txt', '955C835C837C2E747874'],
    renamed: ['能.txt', '945C2E747874'],
  },
]

const hex = (names: Buffer[]): string[] => names.map(name => name.toString('hex').toUpperCase())

async function live(t: Test, vfs: FtpVfs, root: string, names: Names): Promise<void> {
  const [folder, folderHex] = names.folder
  const [name, nameHex] = names.file
  const [newName, newNameHex] = names.renamed
  const local = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(folderHex, 'hex')])
  const onDisk = async (): Promise<string[]> => hex(await readdir(local, { encoding: 'buffer' }))

  await vfs.mkdir(`/${folder}`)
  t.same(hex(await readdir(root, { encoding: 'buffer' })), [folderHex])
  await vfs.writeFile(`/${folder}/${name}`, 'content')
  t.same(await onDisk(), [nameHex], 'the bytes on the disk')
  t.same(await vfs.readdir('/'), [folder])
  t.same(await vfs.readdir(`/${folder}`), [name])
  t.same(hex(await vfs.readdir(`/${folder}`, { encoding: 'buffer' })), [nameHex])
  t.equal((await vfs.stat(`/${folder}/${name}`)).size, 7)
  t.ok((await vfs.lstat(`/${folder}/${name}`)).isFile())
  t.equal(await vfs.readFile(`/${folder}/${name}`, 'utf8'), 'content')
  t.equal(await vfs.realpath(`/${folder}/${name}`), `/${folder}/${name}`)
  const bytes = Buffer.from(`2F${folderHex}2F${nameHex}`, 'hex')
  t.equal(await vfs.readFile(bytes, 'utf8'), 'content', 'by the bytes of its name')

  await vfs.rename(`/${folder}/${name}`, `/${folder}/${newName}`)
  t.same(await onDisk(), [newNameHex])
  await vfs.appendFile(`/${folder}/${newName}`, ' and more')
  const file = Buffer.concat([local, Buffer.from('/'), Buffer.from(newNameHex, 'hex')])
  t.equal(await readFile(file, 'utf8'), 'content and more')
  await vfs.copyFile(`/${folder}/${newName}`, `/${folder}/${name}`)
  await vfs.unlink(`/${folder}/${newName}`)
  t.same(await onDisk(), [nameHex])
  t.match(await failureOf(vfs.stat(`/${folder}/${newName}`)), { code: 'ENOENT' })
  await vfs.rm(`/${folder}`, { recursive: true })
  t.same(await readdir(root), [])
}

// pyftpdlib 1.5.7 keeps names in UTF-8 whatever the client wants, and puts U+FFFD for what is not.
const keepBytes = realServerNames.filter(name => name !== 'pyftpdlib')

await forServers(
  t,
  'names in another encoding, from their making to their end',
  async (t, { name, url, root }) => {
    for (const names of name === 'pure-ftpd' ? cases : [...cases, ...backslashes]) {
      await t.test(`${names.encoding}: ${names.file[0]}`, async t => {
        await using vfs = new FtpVfs(url, { connections: 2, encoding: names.encoding })
        await live(t, vfs, root, names)
      })
    }
  },
  { only: keepBytes },
)

await forServers(
  t,
  'Pure-FTPd 1.0.50 prohibits names with the byte of the backslash, also within a character',
  async (t, { url, root }) => {
    for (const { encoding, file } of backslashes) {
      await using vfs = new FtpVfs(url, { connections: 1, encoding })
      t.match(await failureOf(vfs.writeFile(`/${file[0]}`, 'x')), { code: 'EACCES' })
    }
    t.same(await readdir(root), [])
  },
  { only: ['pure-ftpd'] },
)

await forServers(
  t,
  'the folder of the URL in another encoding',
  async (t, { url, root }) => {
    const options = { connections: 1, encoding: 'windows-1251' }
    await using above = new FtpVfs(url, options)
    await above.mkdir('/отчёты/Яна', { recursive: true })
    await using vfs = new FtpVfs(`${url}${encodeURI('отчёты/Яна')}`, options)
    await vfs.writeFile('/x', 'y')
    t.same(hex(await readdir(root, { encoding: 'buffer' })), ['EEF2F7B8F2FB'])
    t.equal(await above.readFile('/отчёты/Яна/x', 'utf8'), 'y')
  },
  { only: keepBytes },
)

t.test('user and password go in the encoding, too', async t => {
  const { vfs, server } = await scriptedVfs(
    t,
    {},
    { encoding: 'windows-1251', user: 'Яна', password: 'пароль' },
  )
  await vfs.connect()
  const lines = server.commands.map(({ line }) => line)
  t.ok(lines.includes('USER \xdf\xed\xe0'))
  t.ok(lines.includes('PASS \xef\xe0\xf0\xee\xeb\xfc'))
})

t.test('a character that the encoding does not have is an error, and nothing is sent', async t => {
  const { vfs, sent } = await scriptedVfs(t, {}, { encoding: 'windows-1251' })
  for (const call of [
    () => vfs.writeFile('/报告', 'x'),
    () => vfs.readFile('/报告'),
    () => vfs.stat('/a/报告'),
    () => vfs.rename('/报告', '/b'),
    () => vfs.rename('/b', '/报告'),
    () => vfs.mkdtemp('/报告'),
  ]) {
    t.match(await failureOf(call()), {
      code: 'ERR_INVALID_ARG_VALUE',
      message: /windows1251.*报告/,
    })
  }
  t.throws(() => vfs.createWriteStream('/报告'), { code: 'ERR_INVALID_ARG_VALUE' })
  t.same(sent(), [])
})

t.test('the name that mkdtemp gives is text in the encoding', async t => {
  const { vfs, server } = await scriptedVfs(t, {}, { encoding: 'windows-1251' })
  const made = await vfs.mkdtemp('/ёж-')
  t.match(made, /^\/ёж-.{6}$/)
  t.ok(server.files.has(`/\xb8\xe6-${made.slice(-6)}`))
})

t.test(
  'names in a listing that the encoding does not know read as U+FFFD, and their bytes remain',
  async t => {
    const { vfs } = await scriptedVfs(t, { files: { '/a\x98': 'x' } }, { encoding: 'windows-1251' })
    t.same(await vfs.readdir('/'), ['a\ufffd'])
    const [name] = await vfs.readdir('/', 'buffer')
    t.same(name, Buffer.from([0x61, 0x98]))
    t.equal(await vfs.readFile(Buffer.concat([Buffer.from('/'), name!]), 'utf8'), 'x')
    const [entry] = await vfs.readdir('/', { withFileTypes: true })
    t.match(entry, { name: 'a\ufffd', parentPath: '/' })
  },
)
