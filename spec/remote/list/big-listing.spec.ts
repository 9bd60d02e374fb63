import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { startScriptedServer, type CommandContext } from '../../support/scripted-server.js'

const run = promisify(execFile)
const count = 1_000_000
const MIB = 2 ** 20

/** A million lines, 1,000 at a time. */
function* lines(): Generator<string> {
  for (let first = 0; first < count; first += 1000) {
    let some = ''
    for (let i = first; i < first + 1000; i++) {
      some += `-rw-r--r--    1 1000     1000         1234 Jan 02  2020 a-name-of-some-length-${i}.txt\r\n`
    }
    yield some
  }
}

/** Reads the folder in a process of its own, and tells what it took there. */
async function reading(
  url: string,
  eachEntry = '',
): Promise<{ names: number; heap: number[]; rss: number[] }> {
  const library = new URL('../../../lib/index.ts', import.meta.url).href
  const source = `
    import { FtpVfs } from ${JSON.stringify(library)}
    const vfs = new FtpVfs(${JSON.stringify(url)}, { connections: 1 })
    let names = 0
    const heap = []
    const rss = []
    for await (const { name } of await vfs.opendir('/')) {
      if (!name.endsWith('-' + names + '.txt')) throw new Error(name)
      names += 1
      ${eachEntry}
      if (names % 100_000 > 0) continue
      gc()
      heap.push(process.memoryUsage().heapUsed)
      rss.push(process.memoryUsage.rss())
    }
    await vfs.close()
    console.log(JSON.stringify({ names, heap, rss }))
  `
  const { stdout } = await run(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', '--input-type=module', '--eval', source],
    {
      timeout: 100_000,
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      env: { ...process.env, NODE_OPTIONS: '', _TAPJS_PROCESSINFO_COVERAGE_: '0', NODE_V8_COVERAGE: '' },
    },
  )
  return JSON.parse(stdout) as { names: number; heap: number[]; rss: number[] }
}

await t.test('a folder of a million entries takes no more memory than one of a hundred thousand', async t => {
  const LIST = (ctx: CommandContext): Promise<void> => ctx.send(lines())
  const server = await startScriptedServer({ greeting: '220 (vsFTPd 3.0.3)', mlst: false, on: { LIST } })
  t.teardown(() => server.stop())
  for (const [what, eachEntry] of [
    ['taken as it comes', ''],
    [
      'put by while its reader thinks',
      'if (names === 1) await new Promise(resolve => setTimeout(resolve, 2_000))',
    ],
  ] as const) {
    const { names, heap, rss } = await reading(server.url, eachEntry)
    t.equal(names, count, what)
    // The whole listing is 80 MB of text, and ten times that as entries.
    t.ok(Math.max(...heap) - heap[0]! < 8 * MIB, `${what}: ${heap.join()}`)
    t.ok(Math.max(...rss) - rss[0]! < 64 * MIB, `${what}: ${rss.join()}`)
  }
})
