import assert from 'node:assert/strict'
import fc from 'fast-check'
import { casesOf, type Env } from './case.js'

type Fs = Env['fs']

/** Calls of which the result says what was there when they took effect. */
const calls: Record<string, (fs: Fs, path: string, other: string) => Promise<unknown>> = {
  readFile: (fs, path) => fs.readFile(path, 'utf8'),
  stat: async (fs, path) => {
    const stats = await fs.stat(path)
    return stats.isDirectory() ? 'folder' : stats.size
  },
  readdir: async (fs, path) => (await fs.readdir(path)).sort(),
  tree: async (fs, path) => (await fs.readdir(path, { recursive: true })).sort(),
  writeFile: (fs, path, other) => fs.writeFile(path, `written, not ${other}`),
  appendFile: (fs, path) => fs.appendFile(path, '+'),
  unlink: (fs, path) => fs.unlink(path),
  rmdir: (fs, path) => fs.rmdir(path),
  rm: (fs, path) => fs.rm(path, { recursive: true }),
  rename: (fs, path, other) => fs.rename(path, other),
  copyFile: (fs, path, other) => fs.copyFile(path, other),
}

/** Any calls at all: what each gives, and what is there at the end, is as if each had been awaited. */
export const anyOrder = casesOf('any order', test => {
  const names = ['a', 'b', 'a/c', 'a/d', 'b/e', 'a/d/f']
  const some = fc.array(
    fc.tuple(fc.constantFrom(...Object.keys(calls)), fc.constantFrom(...names), fc.constantFrom(...names)),
    { minLength: 2, maxLength: 12 },
  )
  test('calls that are not awaited give what they give one by one', async ({ fs, at }) => {
    let runs = 0
    const outcome = async (atOnce: boolean, sequence: [string, string, string][]): Promise<unknown> => {
      // Paths of one length, since they are part of what is written, and stat tells its size.
      const root = at(String(++runs).padStart(6, '0'))
      await fs.mkdir(`${root}/a/d`, { recursive: true })
      await fs.mkdir(`${root}/b`)
      await fs.writeFile(`${root}/a/c`, 'first')
      const results: Promise<unknown>[] = []
      for (const [name, path, other] of sequence) {
        const call = calls[name]!(fs, `${root}/${path}`, `${root}/${other}`).catch(
          ({ code }: NodeJS.ErrnoException) => code,
        )
        results.push(call)
        if (!atOnce) await call
      }
      return JSON.stringify([...(await Promise.all(results)), await calls['tree']!(fs, root, '')]).replaceAll(
        root,
        '',
      )
    }
    await fc.assert(
      fc.asyncProperty(some, async sequence => {
        assert.equal(await outcome(true, sequence), await outcome(false, sequence))
      }),
      { numRuns: 25, interruptAfterTimeLimit: 15_000 },
    )
  })
})
