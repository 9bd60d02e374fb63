import type * as nodeFs from 'node:fs'
import { promisify } from 'node:util'
import type { NodeFs } from '../../lib/node-fs/node-fs.js'
import { fileHandleRows } from './file-handle.js'
import { functionRows, otherRows, promiseRows } from './functions.js'
import { pathRows } from './paths.js'
import { isInNode, type Case, type Rows, type ServerName, type Stage } from './row.js'

type Call = (...given: unknown[]) => void

/** Something to be tried on a server: a case of a row. */
interface Trial {
  readonly title: string
  readonly lacks: Case['lacks']
  run(stage: Stage): unknown
}

/** What is on the server, not seen through the library: a file system, and the folder in it that is the root of the server. */
export interface Outside {
  readonly fs: typeof nodeFs
  readonly root: string
}

const trials: readonly Trial[] = [
  ...of('fs.', functionRows, () => []),
  ...of('fs.', otherRows, () => []),
  ...of('fs.promises.', promiseRows, () => []),
  ...of('fs.promises.', pathRows, ({ fs }, name) => [(fs.promises as unknown as Functions)[name]]),
  ...of('fs.', pathRows, ({ fs }, name) => [promisify((fs as unknown as Functions)[name]!)]),
  ...of('FileHandle.', fileHandleRows, async ({ fs, file }) => [await fs.promises.open(file, 'r+')]),
]

type Functions = Readonly<Record<string, Call>>

function of(
  face: string,
  rows: Rows<never[]>,
  given: (stage: Stage, name: string) => unknown[] | Promise<unknown[]>,
): Trial[] {
  return Object.entries(rows).flatMap(([name, row]) => {
    // What FtpVfs does not do either is there only where Node has it.
    if (row.missing || (row.lacks && !isInNode(row.since))) return []
    const cases: [string, Case<never[]>][] = [['', row], ...Object.entries(row.apart ?? {})]
    return cases.map(([what, { probe, lacks }]) => ({
      title: `${face}${name} ${what}`.trimEnd(),
      lacks,
      run: async stage => {
        const arguments_ = await given(stage, name)
        try {
          await probe(stage, ...(arguments_ as never[]))
        } finally {
          for (const each of arguments_) await (each as { close?: () => Promise<void> }).close?.()
        }
      },
    }))
  })
}

/** Makes every probe, side by side; resolves with what is not as the tables say, by the names. */
export async function tryAll(
  fs: NodeFs,
  server: ServerName,
  outside: Outside,
): Promise<Record<string, string>> {
  const stages = trials.map((_, index) => setStage(outside, fs, `/${index}`))
  const outcomes = await Promise.all(
    trials.map(async ({ title, lacks, run }, index) => {
      const here = lacks?.find(({ on }) => on.includes(server))
      const code = here && (here.code ?? 'ENOTSUP')
      try {
        await run(stages[index]!)
        return here ? [[title, 'works']] : []
      } catch (error) {
        const failed = error as NodeJS.ErrnoException
        return failed.code === code ? [] : [[title, failed.stack ?? failed.message]]
      }
    }),
  )
  return Object.fromEntries(outcomes.flat()) as Record<string, string>
}

/** Puts the files of a stage where the server has them, as the server's user. */
function setStage({ fs: outside, root }: Outside, fs: NodeFs, base: string): Stage {
  const { uid, gid } = outside.statSync(`${root}/`)
  const stage = { fs, file: 'file', folder: 'folder', link: 'link', none: 'none' }
  const at = (name: string): string => `${root}${base}/${name}`
  outside.mkdirSync(at('folder'), { recursive: true })
  outside.writeFileSync(at('file'), 'bytes')
  outside.writeFileSync(at('folder/inner'), 'inner')
  outside.symlinkSync('file', at('link'))
  for (const name of ['', 'folder', 'file', 'folder/inner']) outside.chownSync(at(name), uid, gid)
  for (const name of ['file', 'folder', 'link', 'none'] as const) stage[name] = `${base}/${name}`
  return stage
}
