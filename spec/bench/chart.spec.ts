import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import type { Row } from '../../bench/results.js'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../../bench/chart.ts', import.meta.url))

function row(more: Partial<Row>): Row {
  return {
    ...{ server: 'vsftpd', rtt: 40, tls: 'none', scenario: 'small-up', contestant: 'lftp', connections: 8 },
    ...{ work: { files: 1, bytes: 1 }, runs: [], unit: 'files', rate: 31, ...more },
  }
}

t.test('a chart is made of the results in a folder', async t => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ftp-vfs-chart-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const ours = { contestant: 'ftp-vfs', rate: 87, toPeers: { lftp: 2.8, curl: 3.4 } } as const
  const files = {
    vsftpd: [
      row({}),
      row(ours),
      row({ ...ours, rate: 555, rtt: 0 }),
      row({ ...ours, rate: 444, tls: 'explicit' }),
    ],
    proftpd: [row({ server: 'proftpd', ...ours, scenario: 'tree-walk', toPeers: { rclone: 41.2 } })],
  }
  for (const [name, rows] of Object.entries(files)) {
    await writeFile(path.join(folder, `${name}.json`), JSON.stringify({ rows }))
  }
  const env = { ...process.env, NODE_OPTIONS: '', _TAPJS_PROCESSINFO_COVERAGE_: '0', NODE_V8_COVERAGE: '' }
  await run(process.execPath, ['--import', 'tsx', script, folder], { env })
  const svg = await readFile(path.join(folder, 'chart.svg'), 'utf8')
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text)
  for (const text of ['vsftpd', 'proftpd', 'ftp-vfs', 'lftp', '87', '2.8', '41', 'tree']) {
    t.ok(texts.includes(text), text)
  }
  t.match(texts.join('\n'), 'Files of 4 KiB a second, 40 ms round trip, 8 connections')
  for (const text of ['555', '444', 'curl', 'pure-ftpd']) t.notOk(texts.includes(text), text)
  t.notMatch(svg, /https?:(?!\/\/www\.w3\.org)/, 'nothing comes from elsewhere')
})
