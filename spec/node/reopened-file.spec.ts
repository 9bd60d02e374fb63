import { readFile, stat, writeFile } from 'node:fs/promises'
import t from 'tap'
import { ReopenedFile } from '../../lib/node/reopened-file.js'
import { failureOf } from '../remote/scripted-vfs.js'
import { openFiles } from '../support/open-files.js'
import { localFolder } from '../fs/local-folder.js'

t.test('one that is closed between its uses is gone on with', async t => {
  const local = await localFolder(t)
  const file = new ReopenedFile(local('f'), 0o600)
  t.equal(file.made, false)
  await file.use(handle => handle.write('abc', 0))
  t.equal(file.made, true)
  if (process.platform !== 'win32') t.equal((await stat(local('f'))).mode & 0o777, 0o600)
  await file.close()
  await file.use(handle => handle.write('C', 2))
  await file.close()
  await file.close()
  t.equal(await readFile(local('f'), 'utf8'), 'abC')
})

t.test('what is there is not written to', async t => {
  const local = await localFolder(t)
  await writeFile(local('f'), 'others')
  const file = new ReopenedFile(local('f'))
  t.match(await failureOf(file.use(handle => handle.write('x'))), { code: 'EEXIST' })
  t.equal(file.made, false)
  await file.close()
  t.equal(await readFile(local('f'), 'utf8'), 'others')
})

t.test('of many that are written by turns few are open', async t => {
  const local = await localFolder(t)
  const files = Array.from({ length: 100 }, (_, i) => new ReopenedFile(local(`${i}`)))
  const missing = Array.from({ length: 50 }, (_, i) => new ReopenedFile(local(`none/${i}`)))
  const max = { open: 0 }
  let open = 0
  for (const round of [0, 1, 2]) {
    const writes = files.map(file =>
      file.use(async handle => {
        max.open = Math.max(max.open, ++open)
        await handle.write(`${round}`, round)
        open -= 1
      }),
    )
    const failures = missing.map(file => failureOf(file.use(handle => handle.write('x'))))
    await Promise.all(writes)
    for (const failure of failures) t.match(await failure, { code: 'ENOENT' })
    if (process.platform === 'linux') t.ok(openFiles(local()).length <= 32)
  }
  t.ok(max.open > 1, 'at the same time')
  t.ok(max.open <= 32)
  await Promise.all(files.map(file => file.close()))
  for (const { path } of files) t.equal(await readFile(path, 'utf8'), '012')
})

t.test('several uses of one at the same time', async t => {
  const local = await localFolder(t)
  const file = new ReopenedFile(local('f'))
  await Promise.all([...'abcdef'].map((letter, at) => file.use(handle => handle.write(letter, at))))
  await file.close()
  t.equal(await readFile(local('f'), 'utf8'), 'abcdef')
})
