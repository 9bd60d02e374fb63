import { faultKinds } from './fault-kinds.js'
import type { Counts, Finding, Findings } from './findings.js'
import type { Cell } from './schedule.js'
import type { RunResult } from './run.js'

const indent = (lines: readonly string[], by = '    '): string => lines.map(line => by + line).join('\n')

/** How often each fault was made at each operation while the other workers rested. */
export function table(cells: readonly Cell[]): string {
  const names = [...new Set(cells.map(({ operation }) => operation.name))]
  const width = Math.max(...names.map(name => name.length))
  const letters = faultKinds.map((_, at) => String.fromCharCode(at < 26 ? 65 + at : 97 + at - 26))
  const legend = faultKinds.map(({ name }, at) => `${letters[at]} ${name}`)
  const rows = names.map(name => {
    const shown = faultKinds.map(kind => {
      const cell = cells.find(each => each.operation.name === name && each.kind === kind)
      return (cell ? String(cell.made) : '·').padStart(3)
    })
    return name.padEnd(width) + shown.join('')
  })
  const head = ' '.repeat(width) + letters.map(letter => letter.padStart(3)).join('')
  return ['· makes no sense, see below', legend.join(', '), head, ...rows].join('\n')
}

export function emptyCells(cells: readonly Cell[]): string[] {
  return cells
    .filter(({ made }) => made === 0)
    .map(({ operation, kind, tried }) => `${operation.name} × ${kind.name} (tried ${tried} times)`)
}

/** What was done, for people. */
export function report({ options, cells, reasons, findings, seconds }: RunResult): string {
  const { server, mode, seed } = options
  const made = cells.reduce((sum, cell) => sum + cell.made, 0)
  const empty = emptyCells(cells)
  const parts = [
    `${server}, ${mode}, seed ${seed}: ${findings.count} operations in ${seconds.toFixed(0)} s ` +
      `(${(findings.count / seconds).toFixed(1)}/s), ${made} faults alone, ${cells.length} cells`,
    table(cells),
    `Cells: ${cells.length - empty.length} filled, ${empty.length} empty; ${total(reasons)} make no sense:\n${indent(
      [...reasons].map(([reason, count]) => `${String(count).padStart(5)} ${reason}`),
    )}`,
    `Empty cells: ${empty.length}\n${indent(shortened(empty, 40))}`,
    `By operation (done, rejected, mean and longest time):\n${indent(counted(findings.operations))}`,
    `With a fault of its own, by fault:\n${indent(counted(findings.faults))}`,
    `Rejected though one fault at most was made, and though it could be done again: ${sum(findings)}\n${indent(rejections(findings))}`,
    `Rejected with the word that it may have been done: ${findings.undecided}`,
    `Rejected where the source can be read but once, or behind several faults: ${findings.excused}`,
    `Wrong, hung or left: ${findings.wrong.length}\n${wrong(findings)}`,
  ]
  return parts.join('\n\n')
}

function counted(all: ReadonlyMap<string, Counts>): string[] {
  return [...all].map(([name, { done, rejected, time, slowest }]) => {
    const times = [time / done, slowest].map(each => `${each.toFixed(0).padStart(6)} ms`)
    return [name.padEnd(26), String(done).padStart(5), String(rejected).padStart(4), ...times].join(' ')
  })
}

const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((all, count) => all + count, 0)

const shortened = (lines: readonly string[], max: number): string[] =>
  lines.length > max ? [...lines.slice(0, max), `and ${lines.length - max} more`] : [...lines]

const sum = ({ rejections }: Findings): number =>
  [...rejections.values()].reduce((all, { count }) => all + count, 0)

function rejections({ rejections }: Findings): string[] {
  return [...rejections]
    .sort(([, one], [, other]) => other.count - one.count)
    .map(([key, { count, example }]) => `${count} × ${key}\n      ${example}`)
}

const examples = 2

/** All that went wrong; the dialog of the first ones of a kind. */
export function wrong({ wrong }: Findings): string {
  const kinds = new Map<string, Finding[]>()
  for (const each of wrong) {
    const kind = `${each.operation} / ${each.fault}`
    kinds.set(kind, [...(kinds.get(kind) ?? []), each])
  }
  return [...kinds]
    .flatMap(([kind, all]) => [
      `${all.length} × ${kind}`,
      ...all.flatMap(({ words, count, wrong, journal }, at) => [
        `  number ${count}: ${words}`,
        indent(wrong, '  *** '),
        ...(at < examples ? [indent(journal, '      ')] : []),
      ]),
    ])
    .join('\n')
}
