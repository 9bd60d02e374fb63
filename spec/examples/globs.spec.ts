import * as nodeFs from 'node:fs'
import t from 'tap'
import { globSync } from 'glob'
import fastGlob from 'fast-glob'
import * as byFastGlob from '../../examples/fast-glob.js'
import * as byGlob from '../../examples/glob.js'
import type { FtpVfs } from '../../lib/index.js'
import { localFolder } from '../fs/local-folder.js'
import { onEveryServer } from './on-every-server.js'

const files = [
  ...[
    'README.md',
    'index.js',
    '.hidden',
    'a b.txt',
    'UPPER.TXT',
    '[x].ts',
    '{y}.ts',
    'ä.md',
    'empty/none/.keep',
  ],
  ...['src/a.ts', 'src/b.tsx', 'src/b.js', 'src/.secret/key', 'src/deep/er/c.ts', 'src/deep/d.test.ts'],
  ...['lib/1.js', 'lib/2.js', 'lib/10.js', 'lib/sub/1.js', 'node_modules/p/index.js', 'docs/a/b/c/d/e.md'],
]

const patterns = [
  ...[
    '*',
    '**',
    '**/*',
    '*.md',
    '**/*.md',
    '**/*.ts',
    'src/*',
    'src/**',
    'src/**/*.ts',
    '**/index.js',
    '*/*',
  ],
  ...[
    '*.{md,js}',
    '**/*.{ts,tsx}',
    '**/?.js',
    'lib/[0-9].js',
    'lib/[!1].js',
    'lib/{1..2}.js',
    '**/*.test.ts',
  ],
  ...[
    '!(src)/*',
    '@(src|lib)/*.js',
    '+(a|b)*',
    '**/+([0-9]).js',
    '.*',
    '**/.*',
    '**/.*/**',
    'a b.txt',
    '\\[x\\].ts',
  ],
  ...[
    'none/**',
    'src/deep/../*.ts',
    'README.md/*',
    'README.md',
    '**/e.md',
    'UPPER.txt',
    '**/deep/**/*',
    'src/a.ts/',
  ],
]

function lay(fs: typeof nodeFs, at: (path: string) => string): void {
  for (const file of files) {
    const path = at(`/tree/${file}`)
    fs.mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true })
    fs.writeFileSync(path, file)
  }
}

const here = await localFolder(t)
lay(nodeFs, path => here(path))
const local = { fs: nodeFs } as unknown as FtpVfs

/** What is found, or the code of the error. */
const outcome = (found: Promise<string[]>): Promise<unknown> =>
  found.then(
    paths => paths.sort(),
    ({ code }: NodeJS.ErrnoException) => code,
  )

await onEveryServer('globs', async (t, { vfs, outside, at }) => {
  lay(outside, at)

  for (const [library, { find }] of Object.entries({ glob: byGlob, 'fast-glob': byFastGlob })) {
    await t.test(`${library} finds what it finds on the local disk`, async t => {
      const found = await Promise.all(patterns.map(pattern => outcome(find(vfs, pattern, '/tree'))))
      for (const [index, pattern] of patterns.entries()) {
        t.same(found[index], await outcome(find(local, pattern, here('tree'))), pattern)
      }
      t.same(await outcome(find(vfs, '*', '/none')), await outcome(find(local, '*', here('none'))))
    })
  }

  await t.test('glob tells sizes', async t => {
    const found = await byGlob.findWithStats(vfs, '**/*.js', '/tree')
    const sizes = found.map(path => [path.relativePosix(), path.size] as const)
    t.same(
      sizes.sort(),
      files
        .filter(file => file.endsWith('.js'))
        .sort()
        .map(file => [file, file.length]),
    )
  })

  await t.test('what is synchronous reads neither the server nor the local disk', async t => {
    const options = { fs: vfs.fs, cwd: here('tree') }
    t.same(globSync('**', options), [], 'glob takes errors for empty folders')
    t.throws(() => fastGlob.globSync('**', options), { code: 'ENOTSUP' })
  })
})
