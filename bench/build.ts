import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The library and the bench as JavaScript, as users have it: a loader of TypeScript costs time and memory of its own. */
export interface Build {
  /** Path of a program of this folder, such as `run.ts`. */
  file(program: string): string
  remove(): void
}

export function build(): Build {
  const cache = path.join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  // In there the dependencies are found, and what is changed during a long run changes nothing.
  const folder = mkdtempSync(path.join(cache, 'ftp-vfs-bench-'))
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  for (const part of ['lib', 'bench']) {
    for (const name of readdirSync(path.join(root, part), { recursive: true }) as string[]) {
      if (!name.endsWith('.ts')) continue
      const target = path.join(folder, part, name.replace(/ts$/, 'js'))
      mkdirSync(path.dirname(target), { recursive: true })
      writeFileSync(target, javaScript(path.join(root, part, name)))
    }
  }
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    file: program => path.join(folder, 'bench', program.replace(/ts$/, 'js')),
    remove,
  }
}

function javaScript(fileName: string): string {
  const { outputText } = ts.transpileModule(readFileSync(fileName, 'utf8'), {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      inlineSourceMap: true,
      inlineSources: true,
    },
  })
  return outputText
}
