import * as fs from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { glob as npmGlob } from 'glob'
import t, { type Test } from 'tap'
import { Dirent, FtpVfs } from '../../lib/index.js'
import { failureOf, scriptedVfs } from '../remote/scripted-vfs.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { forServers } from '../support/for-servers.js'
import { localFolder } from './local-folder.js'

const files = [
  'readme.md',
  '.dot',
  '#hash',
  '!bang',
  'two words.js',
  'a/x.js',
  'a/y.ts',
  'a/.e.js',
  'a/.h/w.js',
  'a/b/y.js',
  'a/b/c/z.ts',
  'a/b/c/x.js',
  '.hid/x/q.js',
  'k[1]/x.js',
  'k1/x.js',
  'ä/ö.js',
]

/** Patterns for which Node's glob, the package glob and this one agree. */
const patterns = [
  '**',
  '**/',
  '*',
  '*/',
  './*',
  './**',
  '**/*.js',
  '**/.*',
  '.*',
  '.*/**',
  'a',
  'a/',
  'a/**',
  'a/**/',
  'a/*/',
  'a/./b',
  'a//b',
  'a/b/../x.js',
  'a/**/c',
  '**/b',
  '**/b/**',
  '**/.h/*',
  '**/**/x.js',
  '**/b/*/*.{js,ts}',
  '{a,k1}/x.js',
  '{readme,none}.md',
  '*/../*.md',
  '+(a|k1)/?.js',
  '!(a|k1)/*.js',
  '[a-k]*/x.js',
  'k[[]1]/x.js',
  'k[1]/x.js',
  '#hash',
  '!bang',
  'ä/*.js',
  'readme.md/',
  'none/*',
  'none/**',
  'readme.md/**',
  'A/*',
  'a\\b\\*',
  '',
]

interface Options {
  cwd: string
  exclude?: string[]
}

async function found(results: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const each of results) all.push(each)
  return all.sort()
}

interface NodeGlob {
  glob?: (pattern: string | string[], options: Options) => AsyncIterable<string>
}

/** Node's own glob, from Node 22 on. */
const nodeGlob = (fs.promises as NodeGlob).glob

async function agree(t: Test, vfs: FtpVfs, cwd: string, local: string, pattern: string | string[]) {
  const ours = await found(vfs.glob(pattern, { cwd }))
  const options = { cwd: local, windowsPathsNoEscape: true }
  t.same(ours, (await npmGlob(pattern, options)).sort(), `${String(pattern)}: as the package glob`)
  if (nodeGlob) t.same(ours, await found(nodeGlob(pattern, { cwd: local })), `${String(pattern)}: as Node`)
  return ours
}

const server = await startEmbeddedServer()
for (const file of files) {
  server.volume.mkdirSync(dirname(`/top/${file}`), { recursive: true })
  server.volume.writeFileSync(`/top/${file}`, '')
}
const vfs = new FtpVfs(server.url, { connections: 2 })
t.teardown(async () => {
  await vfs.close()
  await server.stop()
})
const path = await localFolder(t)
for (const file of files) {
  await mkdir(dirname(path(file)), { recursive: true })
  await writeFile(path(file), '')
}

await t.test('finds what Node and the package glob find', async t => {
  for (const pattern of patterns) {
    await agree(t, vfs, '/top', path(), pattern)
  }
  t.ok((await agree(t, vfs, '/top', path(), ['a/*.js', '*/*.js', 'a/**', '**/*.ts'])).length > 5)
})

await t.test('absolute patterns give absolute paths', async t => {
  t.same(await found(vfs.glob('/top/a/*.js')), ['/top/a/x.js'])
  t.same(await found(vfs.glob(['/top', '/', '/top/a/**/*.ts'], { cwd: '/none' })), [
    '/',
    '/top',
    '/top/a/b/c/z.ts',
    '/top/a/y.ts',
  ])
})

await t.test('patterns are relative to cwd, by default the root', async t => {
  t.same(await found(vfs.glob('*')), ['top'])
  t.same(await found(vfs.glob('*.js', { cwd: new URL('file:///top/a') })), ['x.js'])
  t.same(await found(vfs.glob(['../*.md', '../../*', '.', '..'], { cwd: 'top/a' })), [
    '.',
    '..',
    '../../top',
    '../readme.md',
  ])
  t.same(await found(vfs.glob('**', { cwd: '/none' })), [])
  t.same(await found(vfs.glob('**/..', { cwd: '/top/a/b' })), ['.', '..'])
})

await t.test('exclude by patterns, as in Node', async t => {
  const excludes = [['a'], ['a/**'], ['**/*.js'], ['*'], ['a/'], ['**/b', './k*'], ['**'], ['../*/a']]
  for (const exclude of excludes) {
    const ours = await found(vfs.glob('**', { cwd: '/top', exclude }))
    if (nodeGlob) t.same(ours, await found(nodeGlob('**', { cwd: path(), exclude })), exclude.join())
  }
  t.same(await found(vfs.glob('**/b/**', { cwd: '/top', exclude: ['**/c', '/top/none'] })), [
    'a/b',
    'a/b/y.js',
  ])
  t.same(await found(vfs.glob('a/b/*', { cwd: '/top', exclude: ['a'] })), [])
  t.same(await found(vfs.glob('*', { cwd: '/top/k[1]', exclude: ['x.js'] })), [])
})

await t.test('exclude by a function, of names and of paths', async t => {
  const all = (exclude: (given: string) => boolean) => found(vfs.glob('**/*.js', { cwd: '/top/a', exclude }))
  t.same(await all(name => name === 'b'), ['x.js'])
  t.same(await all(path => path === 'b/c'), ['b/y.js', 'x.js'])
  t.same(await all(name => name === 'x.js'), ['b/y.js'])
  const dirents: string[] = []
  const exclude = (dirent: Dirent) => dirent.isDirectory() && dirent.name === 'b'
  for await (const { name } of vfs.glob('**/*.js', { cwd: '/top/a', withFileTypes: true, exclude }))
    dirents.push(name)
  t.same(dirents, ['x.js'])
})

await t.test('withFileTypes gives Dirents', async t => {
  const told: [string, string, boolean][] = []
  for await (const entry of vfs.glob(['a/b/**', '.', 'readme.md'], { cwd: '/top', withFileTypes: true })) {
    t.ok(entry instanceof Dirent)
    told.push([entry.parentPath, entry.name, entry.isDirectory()])
  }
  t.same(told.sort(), [
    ['/', 'top', true],
    ['/top', 'readme.md', false],
    ['/top/a', 'b', true],
    ['/top/a/b', 'c', true],
    ['/top/a/b', 'y.js', false],
    ['/top/a/b/c', 'x.js', false],
    ['/top/a/b/c', 'z.ts', false],
  ])
})

await t.test('literal names are followed, and only folders that can match are listed', async t => {
  const files = Object.fromEntries(
    ['/a/b/c/x.js', '/a/b/y.js', '/a/other/deep/z.js', '/other/w.js'].map(path => [path, '']),
  )
  const { vfs, sent } = await scriptedVfs(t, { files })
  const listed = () => sent().flatMap(line => /^CWD (.*)/.exec(line)?.[1] ?? [])
  t.same(await found(vfs.glob('a/b/*/x.js')), ['a/b/c/x.js'])
  t.same(listed(), ['/a/b', '/a/b/c'].slice(0, listed().length))
  const before = listed().length
  t.same(await found(vfs.glob('a/*/y.js')), ['a/b/y.js'])
  t.same(listed().slice(before).includes('/other'), false)
  t.notOk(sent().some(line => line.includes('deep')))
  const flights = vfs.stats().flights
  t.same(await found(vfs.glob('{a/b/c/x,a/b/y,other/w,other/none}.js')), [
    'a/b/c/x.js',
    'a/b/y.js',
    'other/w.js',
  ])
  t.ok(vfs.stats().flights - flights <= 3, 'names alone go in one flight')
})

await t.test('sees what earlier calls write', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/d': null } })
  const written = vfs.writeFile('/d/new.js', '')
  t.same(await found(vfs.glob('d/*')), ['d/new.js'])
  await written
})

await t.test('a folder that the server fails to list is an error, and not omitted', async t => {
  const { vfs } = await scriptedVfs(t, {
    files: { '/d/x': '' },
    on: { MLSD: ctx => ctx.reply('450 Try later') },
  })
  t.match(await failureOf(found(vfs.glob('d/*'))), { code: 'EBUSY', attempts: 3 })
})

await t.test('ends with a break, and when the FtpVfs is closed', async t => {
  const vfs = new FtpVfs(server.url, { connections: 1 })
  for await (const each of vfs.glob('**')) {
    t.ok(each)
    break
  }
  const results = vfs.glob('**')
  await results.next()
  await vfs.close()
  await t.rejects(results.next(), { code: 'ERR_FTP_CLOSED' })
  t.same(await results.next(), { done: true, value: undefined })
  await t.rejects(vfs.glob('**').next(), { code: 'ERR_FTP_CLOSED' })
})

await t.test('refuses what Node refuses, at the first next', async t => {
  const glob = (...args: unknown[]) =>
    failureOf((vfs.glob as (...args: unknown[]) => AsyncIterableIterator<string>).apply(vfs, args).next())
  const received = 'Received type number (5)'
  for (const [args, message] of [
    [[5], `The "patterns" argument must be of type string. ${received}`],
    [[['a', 5]], `The "patterns[1]" argument must be of type string. ${received}`],
    [['a', 5], `The "options" argument must be of type object. ${received}`],
    [
      ['a', { exclude: 5 }],
      `The "options.exclude" property must be of type function or string[]. ${received}`,
    ],
    [['a', { exclude: [5] }], `The "options.exclude[0]" property must be of type string. ${received}`],
    [
      ['a', { cwd: 5 }],
      `The "options.cwd" property must be of type string or an instance of Buffer or URL. ${received}`,
    ],
  ] as [unknown[], string][]) {
    t.match(await glob(...args), { code: 'ERR_INVALID_ARG_TYPE', message })
  }
  t.same(await found(vfs.glob(['nul\0', 'line\n/*'])), [], 'an impossible name matches nothing')
})

// pyftpdlib 1.5.7 lists a link as its target.
const showLinks = ['vsftpd', 'proftpd', 'pure-ftpd'] as const

await forServers(
  t,
  'glob goes through links by name, and not by wildcards',
  async (t, { url, root }) => {
    await using vfs = new FtpVfs(url, { connections: 2 })
    for (const file of files) {
      await mkdir(dirname(join(root, file)), { recursive: true })
      await writeFile(join(root, file), '')
    }
    await symlink('a', join(root, 'link'))
    await symlink('../k1', join(root, 'a/other'))
    const wanted = {
      '**/*.js': ['a/b/c/x.js', 'a/b/y.js', 'a/x.js', 'k1/x.js', 'k[1]/x.js', 'two words.js', 'ä/ö.js'],
      '*/b': ['a/b'],
      '*/': ['a', 'k1', 'k[1]', 'ä'],
      'a/**': ['a', 'a/b', 'a/b/c', 'a/b/c/x.js', 'a/b/c/z.ts', 'a/b/y.js', 'a/other', 'a/x.js', 'a/y.ts'],
      link: ['link'],
      'link/': ['link'],
      'link/*.js': ['link/x.js'],
      '**/other/*': ['a/other/x.js'],
      'k[[]1]/*': ['k[1]/x.js'],
      'ä/*': ['ä/ö.js'],
    }
    for (const [pattern, paths] of Object.entries(wanted)) {
      t.same(await found(vfs.glob(pattern)), paths, pattern)
      // Node 24.21 does not follow a link behind `**`, but one behind `**/name`.
      if (nodeGlob && pattern !== '**/other/*')
        t.same(await found(nodeGlob(pattern, { cwd: root })), paths, `${pattern}: as Node`)
    }
  },
  { only: showLinks },
)
