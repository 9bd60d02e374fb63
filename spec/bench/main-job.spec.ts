import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { runJob, type JobFs } from '../../bench/main-job/job.js'
import { mask, oneLine } from '../../bench/main-job/mask.js'
import { main } from '../../bench/main-job/program.js'
import { progress, table } from '../../bench/main-job/report.js'
import { FtpVfs } from '../../lib/index.js'
import {
  startEmbeddedServer,
  type EmbeddedServer,
  type EmbeddedServerOptions,
} from '../support/embedded-server.js'

const script = fileURLToPath(new URL('../../bench/main-job.ts', import.meta.url))

/** Runs the program in a process of its own; `onOutput` is called with all it has written so far. */
// What tsx makes of a file has other lines than what tap makes of it: the coverage of both cannot be put together.
const uncovered = {
  ...process.env,
  NODE_OPTIONS: '',
  _TAPJS_PROCESSINFO_COVERAGE_: '0',
  NODE_V8_COVERAGE: '',
}

async function spawned(
  args: string[],
  onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void,
) {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: uncovered,
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      onOutput?.(output[name], signal => child.kill(signal))
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...output }
}

/** Runs the program in this process; `onOutput` is called with all it has written so far. */
async function run(args: string[], onOutput?: (text: string) => void) {
  const collector = () => {
    const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { text: '' })
    return stream.on('data', (text: string) => {
      stream.text += text
      onOutput?.(stream.text)
    })
  }
  const [stdout, stderr] = [collector(), collector()]
  const code = await main(args, { stdout, stderr })
  for (const stream of [stdout, stderr]) await once(stream.end(), 'end')
  return { code, stdout: stdout.text, stderr: stderr.text }
}

async function start(t: Test, options?: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer(options)
  t.teardown(() => server.stop())
  return server
}

t.test('without an argument it brings a server along, and every step is in the table', async t => {
  const { code, stdout, stderr } = await spawned([])
  t.equal(stderr, '')
  t.equal(code, 0)
  for (const [step, files, bytes] of [
    ['Make folders', '', ''],
    ['Upload small files', '300', '9,942,722'],
    ['Upload a big file', '1', '67,108,864'],
    ['List', '301', ''],
    ['Stat', '301', ''],
    ['Read small files', '300', '9,942,722'],
    ['Read a big file', '1', '67,108,864'],
    ['Delete', '301', ''],
  ]) {
    t.match(stdout, new RegExp(`^${step}, `, 'm'), 'a line')
    t.match(stdout, new RegExp(`│ ${step} +│ +${files} +│ +${bytes} +│ +\\d+\\.\\d\\d +│ +\\d+ +│`), 'a row')
  }
  t.match(stdout, /301 files, 73\.5 MiB up and down again, every sha256 agrees\. 4 connections opened/)
  t.notMatch(stdout, /\x1b/, 'no terminal, no escapes')
})

t.test('with a URL it works in a folder of its own there, and leaves what was there', async t => {
  const server = await start(t, { password: 's3cr3t-word' })
  server.volume.fromJSON({ '/sub/mine.txt': 'x' })
  const seen = new Set<string>()
  const { code, stdout, stderr } = await run([`${server.url}/sub`], () => {
    for (const name of server.fs.readdirSync('/sub') as string[]) seen.add(name)
  })
  t.equal(stderr, '')
  t.equal(code, 0)
  t.match([...seen].sort(), [/^ftp-vfs-demo-[0-9a-f]{8}$/, 'mine.txt'])
  t.strictSame(server.fs.readdirSync('/sub'), ['mine.txt'])
  t.match(stdout, `Connected to ftp://user:***@127.0.0.1:${server.port}/sub`)
  t.notMatch(stdout, 's3cr3t-word')
})

t.test('a failure is one line without the password, and exit code 1', async t => {
  const server = await start(t, { password: 's3cr3t-word' })
  const wrong = await run([server.url.replace('s3cr3t-word', 'wrong-word')])
  t.match(wrong, { code: 1, stdout: '', stderr: /^Failed: .*\n$/ })
  t.notMatch(wrong.stderr, 'wrong-word')

  server.fs.chmodSync('/', 0o555)
  const closed = await run([server.url])
  t.match(closed, { code: 1, stderr: /^Failed: EACCES: permission denied, mkdir .*\n$/ })
  t.notMatch(closed.stderr, 's3cr3t-word')

  await server.stop()
  t.match(await run([server.url]), { code: 1, stderr: /^Failed: .*ECONNREFUSED.*\n$/ })
  t.match(await run(['ftp://u:s3cr3t-word@']), { code: 1, stderr: /^Failed: (?!.*s3cr3t-word).*\n$/ })
})

t.test('a failure in the middle leaves nothing behind', async t => {
  const server = await start(t)
  let locked = false
  const { code, stderr } = await run([server.url], stdout => {
    if (locked || !stdout.includes('Upload small files, ')) return
    locked = true
    const [folder] = server.fs.readdirSync('/') as string[]
    server.fs.writeFileSync(`/${folder}/folder-0/file-0.bin`, 'other bytes')
  })
  t.ok(locked)
  t.equal(code, 1)
  t.match(stderr, /^Failed: .*file-0\.bin has 11 bytes instead of 1024\n$/)
  t.strictSame(server.fs.readdirSync('/'), [])
})

t.test('Ctrl-C removes what was made, also when it comes in twice', async t => {
  const server = await start(t)
  let killed = false
  const { code, stdout, stderr } = await spawned([server.url], (text, kill) => {
    if (killed || !text.includes('Upload small files, ')) return
    killed = true
    kill('SIGINT')
    setTimeout(() => kill('SIGINT'), 10)
  })
  t.equal(stderr, 'Interrupted.\n')
  t.equal(code, 130)
  t.notMatch(stdout, 'Delete')
  t.strictSame(server.fs.readdirSync('/'), [])
})

t.test('anything else is answered with the usage', async t => {
  t.match(await run(['--help']), { code: 0, stdout: /^Usage: npm start/, stderr: '' })
  for (const args of [['--fast'], ['ftp://localhost', 'more']]) {
    t.match(await run(args), { code: 1, stdout: '', stderr: /^Usage: npm start/ })
  }
})

t.test('bytes that come back changed are found out', async t => {
  const server = await start(t)
  await using vfs = new FtpVfs(server.url)
  const changed: JobFs = new Proxy(vfs, {
    get(target, key) {
      if (key === 'stat') {
        return async (path: string) => {
          if (path.endsWith('file-3.bin'))
            server.fs.writeFileSync(path, Buffer.alloc(Number(server.fs.statSync(path).size)))
          return target.stat(path)
        }
      }
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  const { signal } = new AbortController()
  const options = { signal, progress: progress(process.stderr), smallFiles: 10, bigSize: 1000 }
  await t.rejects(runJob(changed, '/job', { ...options, progress: silent }), {
    message: '/job/folder-3/file-3.bin came back with another sha256',
  })
})

t.test('a list that leaves a file out is found out', async t => {
  const server = await start(t)
  await using vfs = new FtpVfs(server.url)
  const { signal } = new AbortController()
  const removing = {
    ...silent,
    begin: (step: string) => void (step === 'List' && server.fs.unlinkSync('/job/big.bin')),
  }
  await t.rejects(runJob(vfs, '/job', { signal, progress: removing, smallFiles: 2, bigSize: 10 }), {
    message: '/job/big.bin is not in the listing',
  })
})

t.test('passwords are masked wherever they stand', async t => {
  t.equal(mask('at ftp://u:p%40ss@h/x', 'ftp://u:p%40ss@h/x'), 'at ftp://u:***@h/x')
  t.equal(mask('at ftp://u:p@s/s@h', 'ftp://u:p@s/s@h'), 'at ftp://u:***@h')
  t.equal(mask('PASS p@ss refused', 'ftp://u:p%40ss@h'), 'PASS *** refused')
  const query = 'ftp://h/x?auth-password=a%20b+&connections=2'
  t.equal(mask(`at ${query}`, query), 'at ftp://h/x?auth-password=***&connections=2')
  t.equal(mask('ftp://h:21/a', 'ftp://h:21/a'), 'ftp://h:21/a')
  t.equal(oneLine(new Error('a\nb', { cause: new Error('550 no') }), 'ftp://h'), 'a b (550 no)')
})

t.test('a terminal gets a bar, and lines when a step is done', async t => {
  const text: string[] = []
  const terminal = {
    isTTY: true,
    columns: 80,
    write: (part: string) => text.push(part) > 0,
    on() {},
    once() {},
    off() {},
  }
  const shown = progress(terminal as never)
  shown.begin('Upload', 2, 1000)
  shown.advance(1, 500)
  shown.end({ step: 'Upload', files: 2, bytes: 1000, seconds: 1, connections: 4 })
  t.match(text.join(''), /Upload .*\[.*\].*0 %/)
  t.match(text.at(-1), /^Upload, 2 files, 0\.0 MiB, 1\.00 s\n/)
})

t.test('the table says what was done', async t => {
  const row = { step: 'Upload', files: 2, bytes: 12345, seconds: 1.234, connections: 4 }
  t.match(table([row]), /Upload +│ +2 +│ +12,345 +│ +1\.23 +│ +4 /)
})

const silent = { begin() {}, advance() {}, end() {}, stop() {} }
