import fc from 'fast-check'
import { finished } from 'node:stream/promises'
import { relative, resolve } from 'node:path/posix'
import type { FsUnderTest } from '../conformance/target.js'
import { bytes, data, position, runs, shown, type } from './data.js'
import { someDeeds, useFile, type OpenFile } from './open-file.js'

/** What the operations call: the methods of an FtpVfs, in promises. */
export type ModelFs = FsUnderTest & { open: (path: string, flags: string) => Promise<OpenFile> }

/** Makes a path of the fs of a path of the model. */
type At = (path: string) => string

interface Operation {
  /** The arguments: paths of the model, and what JSON can show. */
  readonly given: fc.Arbitrary<readonly unknown[]>
  readonly weight: number
  /** What it gives, in terms of the model. */
  readonly run: (fs: ModelFs, at: At, ...given: never[]) => Promise<unknown>
}

const names = ['a', 'b', 'odd']
const name = fc.constantFrom(...names)

/** Few, so that they meet, some below files; some end in a slash. */
const path = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.tuple(name) },
      { weight: 4, arbitrary: fc.tuple(name, name) },
      { weight: 2, arbitrary: fc.tuple(name, name, name) },
    ),
    fc.oneof({ weight: 14, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constant('/') }),
  )
  .map(([segments, end]) => segments.join('/') + end)

/** Of what is only looked at: the folder of the run as well. */
const anyPath = fc.oneof({ weight: 9, arbitrary: path }, { weight: 1, arbitrary: fc.constant('.') })

const flag = fc.constantFrom('w', 'wx', 'w+', 'wx+', 'a', 'ax', 'a+', 'ax+', 'as', 'r+', 'rs+')
function operation<Given extends unknown[]>(
  weight: number,
  given: { [Index in keyof Given]: fc.Arbitrary<Given[Index]> },
  run: (fs: ModelFs, at: At, ...given: Given) => Promise<unknown>,
): Operation {
  return { weight, given: fc.tuple(...given), run: run as unknown as Operation['run'] }
}

/** By the names under which they are printed. */
export const operations: Readonly<Record<string, Operation>> = {
  writeFile: operation(5, [path, data, flag], (fs, at, path, data, flag) =>
    fs.writeFile(at(path), bytes(data), { flag }),
  ),
  appendFile: operation(2, [path, data], (fs, at, path, data) => fs.appendFile(at(path), bytes(data))),
  readFile: operation(3, [anyPath], async (fs, at, path) => runs(await fs.readFile(at(path)))),
  stat: operation(2, [anyPath], async (fs, at, path) => shown(await fs.stat(at(path)))),
  lstat: operation(1, [anyPath], async (fs, at, path) => shown(await fs.lstat(at(path)))),
  access: operation(1, [anyPath], (fs, at, path) => fs.access(at(path))),
  realpath: operation(1, [anyPath], async (fs, at, path) => relative(at('.'), await fs.realpath(at(path)))),
  readdir: operation(2, [anyPath, fc.boolean()], async (fs, at, path, recursive) =>
    (await fs.readdir(at(path), { recursive })).sort(),
  ),
  readdirWithTypes: operation(2, [anyPath, fc.boolean()], async (fs, at, path, recursive) =>
    (await fs.readdir(at(path), { recursive, withFileTypes: true }))
      .map(entry => `${type(entry)} ${relative(at('.'), resolve(entry.path, entry.name))}`)
      .sort(),
  ),
  opendir: operation(1, [anyPath], async (fs, at, path) => {
    const entries: string[] = []
    for await (const entry of await fs.opendir(at(path))) entries.push(`${type(entry)} ${entry.name}`)
    return entries.sort()
  }),
  mkdir: operation(4, [path, fc.boolean()], async (fs, at, path, recursive) => {
    const made = await fs.mkdir(at(path), { recursive })
    return made === undefined ? made : relative(at('.'), made)
  }),
  rmdir: operation(2, [path], (fs, at, path) => fs.rmdir(at(path))),
  unlink: operation(2, [path], (fs, at, path) => fs.unlink(at(path))),
  rm: operation(2, [path, fc.boolean(), fc.boolean()], (fs, at, path, recursive, force) =>
    fs.rm(at(path), { recursive, force }),
  ),
  rename: operation(4, [path, path], (fs, at, from, to) => fs.rename(at(from), at(to))),
  copyFile: operation(2, [path, path, fc.constantFrom(0, 1)], (fs, at, from, to, mode) =>
    fs.copyFile(at(from), at(to), mode),
  ),
  cp: operation(
    2,
    [path, path, fc.boolean(), fc.boolean(), fc.boolean()],
    async (fs, at, from, to, recursive, force, errorOnExist) => {
      // Node asks for both at the same time, and tells the error that comes first.
      const stats = await fs.lstat(at(from))
      // Node makes the folder above what it then refuses.
      if (stats.isDirectory() && !recursive) return 'not tried'
      return fs.cp(at(from), at(to), { recursive, force, errorOnExist })
    },
  ),
  truncate: operation(2, [path, fc.constantFrom(0, 1, 3, 100)], (fs, at, path, size) =>
    fs.truncate(at(path), size),
  ),
  // To its end in one step: others see what was written once it is closed.
  open: operation(
    5,
    [anyPath, fc.oneof(fc.constant('r'), flag), someDeeds],
    async (fs, at, path, flags, deeds) => useFile(await fs.open(at(path), flags), deeds),
  ),
  createReadStream: operation(2, [path, position, position], async (fs, at, path, one, other) => {
    const [start, end] = one! > other! ? [other, one] : [one, other]
    const chunks: Buffer[] = []
    const range = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) }
    for await (const chunk of fs.createReadStream(at(path), range)) chunks.push(chunk as Buffer)
    return runs(Buffer.concat(chunks))
  }),
  createWriteStream: operation(
    3,
    [path, fc.array(data, { maxLength: 3 }), flag, position],
    async (fs, at, path, chunks, flags, start) => {
      const stream = fs.createWriteStream(at(path), { flags, ...(start !== undefined && { start }) })
      const end = finished(stream)
      for (const chunk of chunks) stream.write(bytes(chunk))
      stream.end()
      await end
      return stream.bytesWritten
    },
  ),
}

/** How the operation is called: the method, or the function of the drop-in `fs`, with callbacks or promises. */
export const faces = ['methods', 'callbacks', 'promises'] as const
export type Face = (typeof faces)[number]

/** An operation with its arguments, as it is printed. */
export type Step = readonly [name: string, face: Face, ...given: unknown[]]

export const someSteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    ...Object.entries(operations).map(([name, { weight, given }]) => ({
      weight,
      arbitrary: fc
        .tuple(fc.constantFrom(...faces), given)
        .map(([face, given]): Step => [name, face, ...given]),
    })),
  ),
  { minLength: 1, maxLength: 30, size: 'max' },
)
