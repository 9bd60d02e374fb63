// Fails when fewer lines of lib than the given percentage were run by the last run of tap with coverage.
import { readFileSync } from 'node:fs'

interface Lines {
  lines: { total: number; covered: number; pct: number }
}

const min = Number(process.argv[2])
const report = JSON.parse(readFileSync('.tap/report/coverage-summary.json', 'utf8')) as Record<string, Lines>
const files = Object.entries(report).filter(([file]) => file.includes('/lib/'))
const total = files.reduce((sum, [, { lines }]) => sum + lines.total, 0)
const covered = files.reduce((sum, [, { lines }]) => sum + lines.covered, 0)
for (const [file, { lines }] of files) {
  if (lines.pct < min)
    console.log(`${String(lines.pct).padStart(6)} %  ${file.slice(file.indexOf('/lib/') + 1)}`)
}
console.log(
  `${((100 * covered) / total).toFixed(1)} % of ${total} lines of lib; at least ${min} % are asked for`,
)
if (!(100 * covered >= min * total) || total === 0) process.exitCode = 1
