import assert from 'node:assert/strict'
import { constants } from 'node:fs'
import { casesOf } from './case.js'
import { rejects } from './expect.js'

export const access = casesOf('access', test => {
  test('a file is there', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    assert.equal(await fs.access(at('file')), undefined)
  })

  test('a folder is there', async ({ fs, dir }) => {
    assert.equal(await fs.access(dir), undefined)
  })

  test('F_OK and R_OK of a file one has written', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.access(at('file'), constants.F_OK)
    await fs.access(at('file'), constants.R_OK)
  })

  test('a missing file is ENOENT', async ({ fs, at }) => {
    await rejects(fs.access(at('missing')), 'ENOENT')
    await rejects(fs.access(at('missing'), constants.R_OK | constants.W_OK), 'ENOENT')
  })

  test('a missing folder on the way is ENOENT', async ({ fs, at }) => {
    await rejects(fs.access(at('missing', 'file')), 'ENOENT')
  })

  test('a file on the way is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.access(at('file', 'below')), 'ENOTDIR')
  })
})
