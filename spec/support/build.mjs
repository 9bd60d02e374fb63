// Writes lib, spec, bench and examples as JavaScript into .built, once for all test files: where each
// process of tap transpiles what it imports, that takes two seconds a file.
import { transform } from 'esbuild'
import { glob } from 'glob'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = join(root, '.built')

/** The built file of a source. */
export const builtFrom = file => join(built, file.replace(/ts$/, 'js'))

async function write(file) {
  const source = resolve(root, file)
  const { href } = pathToFileURL(source)
  const { code, map } = await transform(await readFile(source, 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: 'es2022',
    sourcefile: href,
    sourcemap: 'external',
    // What is found beside a source, is found beside it here, too.
    define: { 'import.meta.url': JSON.stringify(href) },
  })
  const target = builtFrom(file)
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, `${code}//# sourceMappingURL=${basename(target)}.map\n`)
  await writeFile(`${target}.map`, map)
}

export async function build() {
  await rm(built, { recursive: true, force: true })
  await Promise.all((await glob('{lib,spec,bench,examples}/**/*.ts', { cwd: root })).map(write))
}
