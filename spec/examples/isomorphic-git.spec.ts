import * as nodeFs from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { clone, commitOnBranch, history, initialCommit, status } from '../../examples/isomorphic-git.js'
import type { FtpVfs } from '../../lib/index.js'
import { localFolder } from '../fs/local-folder.js'
import { git, gitHttpBackend, serveRepositories } from './git-http-backend.js'
import { onEveryServer, type Stage } from './on-every-server.js'
import { treeOf } from './tree-of.js'

const author = { name: 'A', email: 'a@example.com', timestamp: 1_700_000_000, timezoneOffset: 0 }
const folders = ['src', 'src/deep', 'docs', 'a b']
const files = Array.from({ length: 50 }, (_, index) => `${folders[index % 4]}/file${index}`)
const changes = { 'src/file0': 'changed\n', 'docs/new': 'new\n' }
const backend = await gitHttpBackend()

/** All that the example can do; what it tells. */
async function useGit(vfs: FtpVfs, dir: string): Promise<unknown> {
  const { writeFile, mkdir } = vfs.fs.promises
  for (const folder of ['', ...folders]) await mkdir(`${dir}/${folder}`)
  await Promise.all(files.map(name => writeFile(`${dir}/${name}`, `${name}\n`)))
  const first = await initialCommit(vfs, dir, author)
  await commitOnBranch(vfs, dir, 'topic', changes, author)
  await writeFile(`${dir}/docs/file2`, 'changed and not added\n')
  await writeFile(`${dir}/untracked`, '')
  return { first, history: await history(vfs, dir), status: await status(vfs, dir) }
}

const here = await localFolder(t)
const expected = await useGit({ fs: nodeFs } as unknown as FtpVfs, here('repository'))

await onEveryServer('a git repository', async (t, stage) => {
  const { vfs, outside, at, server } = stage
  t.same(await useGit(vfs, '/repository'), expected)
  const but = /^\.git\//
  t.same(treeOf(outside, at('/repository'), { but }), treeOf(nodeFs, here('repository'), { but }))
  if (!server) return
  if (!backend) return void t.test('git is not installed here', { skip: 'no git http-backend' }, () => {})
  t.equal(await git(at('/repository'), 'fsck', '--full', '--strict'), '')
  t.equal(await git(at('/repository'), 'status', '--porcelain'), ' M docs/file2\n?? untracked')
  await t.test('a clone over HTTP', t => clones(t, stage, backend))
})

async function clones(t: Test, { vfs, at }: Stage, backend: string): Promise<void> {
  const local = await localFolder(t)
  const origin = local('origin')
  await mkdir(`${origin}/folder`, { recursive: true })
  await git(origin, 'init', '--quiet', '--initial-branch=main')
  for (let index = 0; index < 30; index++) {
    await writeFile(`${origin}/folder/${index}`, `${index}\n`.repeat(index))
  }
  await writeFile(`${origin}/program`, '#!/bin/sh\n', { mode: 0o755 })
  for (const message of ['First', 'Second']) {
    await writeFile(`${origin}/message`, message)
    await git(origin, 'add', '.')
    await git(origin, 'commit', '--quiet', '-m', message)
  }
  const { url, stop } = await serveRepositories(backend, local())
  t.teardown(stop)
  await clone(vfs, '/clone', `${url}/origin/.git`)
  t.equal(await git(at('/clone'), 'fsck', '--full'), '')
  t.equal(await git(at('/clone'), 'status', '--porcelain'), '')
  t.equal(await git(at('/clone'), 'log', '--format=%H'), await git(origin, 'log', '--format=%H'))
  t.equal(nodeFs.statSync(at('/clone/program')).mode & 0o777, 0o755)
}
