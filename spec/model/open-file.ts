import type * as node from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { bytes, data, position, runs, shown } from './data.js'

/** What is done with an open file: of a FileHandle, or by its descriptor. */
export type OpenFile = Pick<
  FileHandle,
  | 'appendFile'
  | 'close'
  | 'datasync'
  | 'read'
  | 'readFile'
  | 'readv'
  | 'stat'
  | 'sync'
  | 'truncate'
  | 'write'
  | 'writeFile'
  | 'writev'
>

interface Operation {
  readonly given: fc.Arbitrary<readonly unknown[]>
  readonly run: (file: OpenFile, ...given: never[]) => Promise<unknown>
}

function deed<Given extends unknown[]>(
  given: { [Index in keyof Given]: fc.Arbitrary<Given[Index]> },
  run: (file: OpenFile, ...given: Given) => Promise<unknown>,
): Operation {
  return { given: fc.tuple(...given), run: run as unknown as Operation['run'] }
}

// Of a file that is not open for writing, a FileHandle of Node takes an empty Buffer, and nothing else that is empty.
const some = data.filter(([, count]) => count > 0)
const length = fc.constantFrom(0, 1, 4, 600, 80_000)
/** Null: where the last read or write ended. */
const place = position.map(given => given ?? null)

const operations: Readonly<Record<string, Operation>> = {
  read: deed([length, place], async (file, length, position) => {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position)
    return runs(buffer.subarray(0, bytesRead))
  }),
  // Of a folder, the kernel refuses no reading of nothing.
  readv: deed([length.filter(length => length > 0), length, place], async (file, one, other, position) => {
    const buffers = [Buffer.alloc(one), Buffer.alloc(other)]
    const { bytesRead } = await file.readv(buffers, position ?? undefined)
    return runs(Buffer.concat(buffers).subarray(0, bytesRead))
  }),
  write: deed([some, place], async (file, data, position) => {
    const { bytesWritten } = await file.write(bytes(data), 0, undefined, position)
    return bytesWritten
  }),
  writev: deed([data, data, place], async (file, one, other, position) => {
    const { bytesWritten } = await file.writev([bytes(one), bytes(other)], position ?? undefined)
    return bytesWritten
  }),
  readFile: deed([], async file => runs(await file.readFile())),
  writeFile: deed([some], (file, data) => file.writeFile(bytes(data))),
  appendFile: deed([some], (file, data) => file.appendFile(bytes(data))),
  truncate: deed([fc.constantFrom(0, 1, 3, 100)], (file, size) => file.truncate(size)),
  stat: deed([], async file => shown(await file.stat())),
  sync: deed([], file => file.sync()),
  datasync: deed([], file => file.datasync()),
}

/** A deed with its arguments, as it is printed. */
export type DeedStep = readonly [name: string, ...given: unknown[]]

export const someDeeds: fc.Arbitrary<DeedStep[]> = fc.array(
  fc.oneof(
    ...Object.entries(operations).map(([name, { given }]) =>
      given.map((given): DeedStep => [name, ...given]),
    ),
  ),
  { maxLength: 6, size: 'max' },
)

/** Does all that to the file, closes it, and tells what each gave. */
export async function useFile(file: OpenFile, steps: readonly DeedStep[]): Promise<unknown[]> {
  const told: unknown[] = []
  try {
    for (const [name, ...given] of steps) {
      try {
        told.push((await operations[name]!.run(file, ...(given as never[]))) ?? null)
      } catch (error) {
        const { code, syscall } = error as NodeJS.ErrnoException
        if (code === undefined) throw error
        told.push(`${code} ${syscall}`)
      }
    }
  } finally {
    await file.close()
  }
  return told
}

/** An open file by its descriptor, which the functions with callbacks take. `isNode`: it is Node's. */
export function byDescriptor(fs: typeof node, fd: number, isNode = false): OpenFile {
  const on = (name: string): unknown => {
    const called = promisify(fs[name as 'fstat']) as (...given: unknown[]) => Promise<unknown>
    return async (...given: unknown[]) => {
      // Node takes a folder for an empty file here, and only here.
      if (isNode && name === 'readFile') await promisify(fs.read)(fd, Buffer.alloc(1), 0, 1, 0)
      return called(fd, ...given)
    }
  }
  const { read, readv, write, writev, close, readFile, writeFile, appendFile } = fs
  const same = { read, readv, write, writev, close, readFile, writeFile, appendFile }
  const named = { stat: 'fstat', sync: 'fsync', datasync: 'fdatasync', truncate: 'ftruncate' }
  return Object.fromEntries([
    ...Object.keys(same).map(name => [name, on(name)]),
    ...Object.entries(named).map(([name, function_]) => [name, on(function_)]),
  ]) as OpenFile
}
