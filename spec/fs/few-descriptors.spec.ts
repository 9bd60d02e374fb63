import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t, { type Test } from 'tap'
import { startScriptedServer } from '../support/scripted-server.js'
import { localFolder } from './local-folder.js'

const run = promisify(execFile)
const skip = process.platform === 'win32' && 'Windows has no ulimit'

/** Does work 300 times at once in a process with 256 descriptors. Resolves with error codes. */
async function atOnce(t: Test, work: string): Promise<{ codes: string[]; files: number; left: string[] }> {
  const local = await localFolder(t)
  const server = await startScriptedServer({ files: { '/file': Buffer.alloc(20_000, 'x') } })
  t.teardown(() => server.stop())
  const library = fileURLToPath(new URL('../../lib/index.ts', import.meta.url))
  const source = `
    import { writeFile } from 'node:fs/promises'
    import { FtpVfs } from ${JSON.stringify(library)}
    const local = name => ${JSON.stringify(local())} + '/' + name
    const vfs = new FtpVfs(${JSON.stringify(server.url)}, { spoolDirectory: local(''), replayBuffer: 4096 })
    await writeFile(local('file'), Buffer.alloc(20_000, 'x'))
    const work = ${work}
    const results = await Promise.allSettled(Array.from({ length: 300 }, (_, i) => work(i)))
    const failed = results.filter(({ status }) => status === 'rejected')
    console.log(JSON.stringify(failed.map(({ reason }) => reason.code ?? reason.message)))
    await vfs.close()
  `
  // In one file: to load each file of the library by itself takes more descriptors than there are.
  const outfile = (await localFolder(t))('program.mjs')
  await build({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL('../..', import.meta.url)) },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
  const { stdout } = await run('sh', ['-c', 'ulimit -n 256; exec "$0" "$1"', process.execPath, outfile], {
    timeout: 120_000,
    env: { ...process.env, NODE_OPTIONS: '', _TAPJS_PROCESSINFO_COVERAGE_: '0', NODE_V8_COVERAGE: '' },
  })
  const whole = [...server.files.values()].filter(({ content }) => content.length === 20_000)
  return { codes: JSON.parse(stdout) as string[], files: whole.length, left: await readdir(local()) }
}

await t.test('300 uploads at once', { skip }, async t => {
  const { codes, files } = await atOnce(t, 'i => vfs.upload(local("file"), `/${i}`)')
  t.same(codes, [])
  t.equal(files, 301)
})

await t.test('300 downloads at once', { skip }, async t => {
  const { codes, left } = await atOnce(t, 'i => vfs.download("/file", local(`${i}`))')
  t.same(codes, [])
  t.equal(left.length, 301)
})

await t.test('300 write streams at once, with more than memory holds', { skip }, async t => {
  const work = `i => new Promise((resolve, reject) => {
    const stream = vfs.createWriteStream('/' + i).on('error', reject).on('finish', resolve)
    stream.write(Buffer.alloc(10_000, 'x'))
    // All of them are open when the first one ends.
    setImmediate(() => stream.end(Buffer.alloc(10_000, 'x')))
  })`
  const { codes, files, left } = await atOnce(t, work)
  t.same(codes, [])
  t.equal(files, 301)
  t.same(left, ['file'])
})
