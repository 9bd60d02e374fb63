import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { chart } from './chart-svg.js'
import type { Results } from './results.js'

// What `npm run bench:chart` does: a chart of all results that are kept. A folder of others may be given.
const folder = process.argv[2] ?? fileURLToPath(new URL('results', import.meta.url))
const names = readdirSync(folder).filter(name => name.endsWith('.json'))
const results = names.map(name => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Results)
const rows = results.flatMap(({ rows }) => rows)
writeFileSync(path.join(folder, 'chart.svg'), chart(rows))
