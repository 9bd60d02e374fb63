import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startScriptedServer } from '../support/scripted-server.js'

const run = promisify(execFile)

/** Runs a program of its own that may not end by itself. */
async function program(url: string, body: string): Promise<string> {
  const library = new URL('../../lib/index.ts', import.meta.url).href
  const source = `
    import { FtpVfs } from ${JSON.stringify(library)}
    const vfs = new FtpVfs(${JSON.stringify(url)}, { connections: 2 })
    ${body}
    process.on('exit', () => console.log(JSON.stringify(vfs.stats())))
  `
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', source],
    {
      timeout: 60_000,
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...process.env, NODE_OPTIONS: '', _TAPJS_PROCESSINFO_COVERAGE_: '0', NODE_V8_COVERAGE: '' },
    },
  )
  return stdout
}

await t.test('a process with an idle pool can end', async t => {
  const server = await startScriptedServer({ files: { '/f': 'content', '/g': 'other' } })
  t.teardown(() => server.stop())
  const told = await program(
    server.url,
    `await Promise.all([vfs.readFile('/f'), vfs.readFile('/g'), vfs.stat('/f')])`,
  )
  t.match(JSON.parse(told), { sessions: 2, busy: 0, waiting: 0, opened: 2 })
})

await t.test('a process that waits for an answer does not end before it has come', async t => {
  const server = await startScriptedServer({
    files: { '/f': 'content' },
    greeting: connection => (connection === 1 ? '421 Too many connections' : '220 scripted'),
    on: { MLST: async ctx => (await new Promise(resolve => setTimeout(resolve, 200)), ctx.next()) },
  })
  t.teardown(() => server.stop())
  // Not awaited: nothing but the library keeps the process alive.
  const told = await program(
    server.url,
    `void vfs.stat('/f').then(({ size }) => console.log('size ' + size))`,
  )
  t.match(told, /^size 7\n/)
})
