// Runs test files, each in a process of its own: all but those of the benchmark, or those at the paths
// given; options go to tap, which shows the results. The files run as JavaScript that is built once: what
// tap's own runner loads in front of each of them takes a second a file, and more to count coverage.
import { t } from 'tap'
import { glob } from 'glob'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { build, builtFrom } from './build.mjs'

const seconds = 300

const isOption = word => word.startsWith('--')
const words = process.argv.slice(2)
const paths = words.filter(word => !isOption(word)).map(path => path.replace(/\\/g, '/'))
const patterns = paths.map(path => (path.endsWith('.ts') ? path : `${path}/**/*.spec.ts`))
const files = await (paths.length > 0
  ? glob(patterns, { posix: true })
  : glob('spec/**/*.spec.ts', { posix: true, ignore: 'spec/bench/**' }))
if (files.length === 0) throw new Error(`No test files at ${paths.join(' ')}`)
await build()

const tap = createRequire(import.meta.url).resolve('tap/package.json')
const reporter = spawn(
  process.execPath,
  [join(dirname(tap), 'dist/esm/run.mjs'), '--disable-coverage', ...words.filter(isOption), '-'],
  // No coverage is counted of it.
  { stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, NODE_V8_COVERAGE: '' } },
)
t.pipe(reporter.stdin)
t.register()
t.setTimeout(0)
// Most tests wait now and then.
t.jobs = availableParallelism() + 1
t.plan(files.length)
const env = { ...process.env, TAP_TIMEOUT: String(seconds) }
// t.spawn puts a loader of tap into NODE_OPTIONS, which counts coverage, too: env puts back what was there.
const node = process.platform === 'win32' ? [] : ['env', `NODE_OPTIONS=${process.env.NODE_OPTIONS ?? ''}`]
node.push(process.execPath, '--enable-source-maps')
for (const file of files.sort()) {
  const options = { buffered: true, timeout: seconds * 1000, env }
  void t.spawn(node[0], [...node.slice(1), builtFrom(file)], options, file)
}
const [code] = await once(reporter, 'exit')
process.exitCode ||= code ?? 1
