import fc from 'fast-check'
import t from 'tap'
import { ListingError, ListingParser, type ListingFormat } from '../../../lib/wire/listing/listing.js'

const now = Date.UTC(2026, 10, 22, 8, 30)

/** The names in a listing, and the number of skipped lines. */
function read(format: ListingFormat, text: string, exact = true): { names: string[]; skipped: string[] } {
  const skipped: string[] = []
  const onSkip = ({ line }: ListingError): void => void skipped.push(line)
  const parser = new ListingParser(format, { now, exact, onSkip, folders: ['/pub'] })
  try {
    const entries = [...parser.push(Buffer.from(text, 'latin1')), ...parser.end()]
    return { names: entries.map(({ name }) => name), skipped }
  } catch (error) {
    if (!(error instanceof ListingError)) throw error
    return { names: [], skipped: [...skipped, error.line] }
  }
}

// No digits: a name with a date would be ambiguous.
const names = fc
  .array(fc.constantFrom('a', 'B', 'x', '.', '_', ' ', '  ', '(', ')', '\xe4', '\xff'), {
    minLength: 1,
    maxLength: 12,
  })
  .map(parts => `n${parts.join('')}m`)
const mainframeNames = fc
  .array(fc.constantFrom('A', 'B', '1'), { minLength: 1, maxLength: 7 })
  .map(parts => `N${parts.join('')}`)

/** Lines in formats that a line alone shows. */
const usual: ((name: string) => string)[] = [
  name => `-rw-r--r--    1 0        0               2 Nov 22 08:08 ${name}`,
  name => `drwxr-xr-x   2 root     other      2235 26. Juli, 20:10 ${name}`,
  name => `-r-xr-xr-x   2 root     other     33.5k 11\xe6\x9c\x88 30 2003 ${name}`,
  name => `rw-r--r--   1 root     other      2235 24-04-2003 17:12 ${name}`,
  name => `01-23-24  05:30PM       <DIR>          ${name}`,
  name => `23.01.2024  17:30                 9,276 ${name}`,
  name => `d [R----F--] supervisor            512       Jan 16 18:53    ${name}`,
  name => `+i8388621.48594,m825718503,r,s280,\t${name}`,
  name => `QSYS            77824 02/23/10 15:09:55 *STMF      ${name}`,
  name => ` 1123 DIR  A    10-05-100  23:38  ${name}`,
]

/** Lines in formats that begin with the name, with the header that each needs. */
const byName: ((name: string) => string[])[] = [
  name => [`${name};1   11  21-MAR-2012 15:17 [GROUP,OWNER] (RWED,RWED,,RE)`],
  name => [`${name};1`, '    170774/170775     24-APR-2003 08:16:15  [FTP_CLIENT,SCOT]'],
  name => [`${name} 101 528 12-Jan-14 14:21:18 255, 0 "extra1"`],
  name => [`VOL001 3390   2020/01/03  1   15  VB   32756 32760  PS  ${name}`],
  name => [`${name}    01.01 2001/10/18 2001/10/18 11:58    29    29     0 USER1`],
]

await t.test('any mixture of formats gives every name and no other', async () => {
  const line = fc.tuple(fc.constantFrom(...usual), names)
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.boolean(), (lines, exact) => {
      const { names, skipped } = read(
        'list',
        lines.map(([form, name]) => `${form(name)}\r\n`).join(''),
        exact,
      )
      return skipped.length === 0 && names.join('\n') === lines.map(([, name]) => name).join('\n')
    }),
  )
  fc.assert(
    fc.property(fc.constantFrom(...byName), fc.uniqueArray(mainframeNames, { minLength: 1 }), (form, all) => {
      const { names, skipped } = read('list', all.map(name => `${form(name).join('\r\n')}\r\n`).join(''))
      return skipped.length === 0 && names.join('\n') === all.join('\n')
    }),
  )
})

await t.test('damage before a name loses at most that line, and produces no other name', async () => {
  const damaged = fc
    .tuple(fc.constantFrom(...usual), names, fc.nat(), fc.constantFrom('#', '?', 'q', 'Z', '-', '\xfe', '\0'))
    .map(([form, name, place, byte]) => {
      const line = form(name)
      const front = line.length - name.length
      // Spaces stay: a character instead of the space before a name becomes part of the name.
      const places = Array.from(line.slice(0, front)).flatMap((each, at) => (each > ' ' ? [at] : []))
      const at = places[place % places.length]!
      return { name, line: line.slice(0, at) + byte + line.slice(at + 1) }
    })
  fc.assert(
    fc.property(fc.array(damaged, { minLength: 1, maxLength: 8 }), lines => {
      const found = read('list', lines.map(({ line }) => `${line}\r\n`).join(''))
      const allowed = new Set(lines.map(({ name }) => name))
      return found.names.every(name => allowed.has(name))
    }),
    { numRuns: 2_000 },
  )
})

await t.test('random input never crashes: every line is an entry, skipped or without one', async () => {
  const parts = fc.constantFrom(
    ...usual.map(form => form('x')),
    ...byName.flatMap(form => form('X')),
    ...[
      '\r\n',
      '\n',
      '\r',
      '\0',
      ' ',
      '   ',
      '/',
      ';',
      '; ',
      '=',
      'type=dir;',
      '*DIR',
      '<DIR>',
      ' -> ',
      '.',
      '..',
    ],
    ...[
      'total 1',
      'Files: 1  Blocks: 2',
      'Links: 1',
      '12:00',
      '2003',
      'Nov',
      '\t',
      '+',
      '%RMS-E-PRV',
      '\xff',
    ],
  )
  const text = fc.array(fc.oneof(parts, fc.string()), { maxLength: 40 }).map(all => all.join(''))
  fc.assert(
    fc.property(
      text,
      fc.constantFrom('list' as const, 'mlsd' as const),
      fc.boolean(),
      (text, format, exact) => {
        const found = read(format, text, exact)
        const lines = text.split('\n').length
        return (
          found.names.length + found.skipped.length <= lines &&
          !found.names.some(name => /[/\0\r\n]/.test(name))
        )
      },
    ),
    { numRuns: 2_000 },
  )
})

await t.test('parsing takes time in proportion to the length of a line', async t => {
  const fills = [
    ' ',
    '-',
    '1',
    'a',
    'A',
    ', ',
    '1 ',
    'A ',
    ' 1',
    '<',
    '\xff',
    '.',
    ';',
    'a=b;',
    '[',
    '- ',
    '\t',
  ]
  const fronts = [
    '',
    '-rw-r--r-- 1 0 0 ',
    '-rw-r--r-- ',
    '01-23-24  05:30PM ',
    'd [R----F--] ',
    '+',
    'A ',
    'x;1 ',
    ' 1 ',
  ]
  for (const front of fronts) {
    for (const fill of fills) {
      // Quadratic time for such a line would take many minutes.
      const line = front + fill.repeat(Math.floor(60_000 / fill.length))
      for (const format of ['list', 'mlsd'] as const) {
        const found = read(format, `${line}\r\n`.repeat(20))
        t.ok(
          found.names.length + found.skipped.length <= 20,
          `${JSON.stringify(front)} ${JSON.stringify(fill)}`,
        )
      }
    }
  }
})
