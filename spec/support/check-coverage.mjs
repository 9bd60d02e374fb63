// Fails when fewer lines of lib than the given percentage were run by the last run of tap with coverage.
import { readFileSync } from 'node:fs'

const least = Number(process.argv[2])
const { total, ...files } = JSON.parse(readFileSync('.tap/report/coverage-summary.json', 'utf8'))
const inLib = Object.entries(files).filter(([file]) => file.includes('/lib/'))
const sum = key => inLib.reduce((lines, [, file]) => lines + file.lines[key], 0)
const percent = (100 * sum('covered')) / sum('total')
for (const [file, { lines }] of inLib) {
  if (lines.pct < least) console.log(`${String(lines.pct).padStart(6)} %  ${file.slice(file.indexOf('/lib/') + 1)}`)
}
console.log(`${percent.toFixed(1)} % of ${sum('total')} lines of lib; at least ${least} % are asked for`)
if (!(percent >= least) || !(total.lines.total > 0)) process.exit(1)
