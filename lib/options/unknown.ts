import { invalidOptions } from './option-errors.js'
import { optionSpecs, queryName, type OptionName, type OptionSpec, type UrlFamily } from './table.js'

const kebab = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

/** A word by which an option is called; `opposite`: it says what the option in code does not. */
interface Spelling {
  word: string
  opposite: boolean
}

/** Every way in which somebody might write the option. */
function spellings(name: OptionName, spec: OptionSpec): Spelling[] {
  const inCode = [name.toLowerCase(), kebab(name)].map(word => ({ word, opposite: false }))
  return [...inCode, ...inQuery(spec, 'ftp'), ...inQuery(spec, 'aftp')]
}

function inQuery(spec: OptionSpec, family: UrlFamily): Spelling[] {
  const query = queryName(spec, family)
  return query ? [{ word: query.name, opposite: query.opposite }] : []
}

/** Letters to insert, delete or replace to make one word of the other (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1]
    for (const [j, against] of [...other].entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === against ? 0 : 1)))
    }
    row = next
  }
  return row[other.length]!
}

interface Meant {
  name: OptionName
  spec: OptionSpec
  opposite: boolean
}

/** The option that was most likely meant, among the words by which options are called. */
function nearest(written: string, calledBy = spellings): Meant | undefined {
  if (written.length > 60) return undefined
  let best: Meant | undefined
  let min = Infinity
  for (const [name, spec] of optionSpecs) {
    for (const { word, opposite } of calledBy(name, spec)) {
      const far = distance(written.toLowerCase(), word)
      if (far > Math.min(3, word.length / 3) || far >= min) continue
      best = { name, spec, opposite }
      min = far
    }
  }
  return best
}

/** An option's name that there is not, in code. */
export function unknownOption(name: string): TypeError {
  const meant = nearest(name)
  const hint = meant ? didYouMean(meant.name, meant.opposite) : ''
  const allowed = optionSpecs.map(([known]) => known).join(', ')
  return invalidOptions(`Unknown option '${name}'.${hint} The options are ${allowed}`)
}

/**
 * A name in a URL's query that there is not.
 *
 * @param mayBeSecret a credential stands before it, or an `@` behind: it may be a piece of a credential that was not
 *   percent-encoded, and is shown only if it is nearly a name that a query may hold
 */
export function unknownQueryName(name: string, family: UrlFamily, mayBeSecret: boolean): TypeError {
  const allowed = optionSpecs.flatMap(([, spec]) => queryName(spec, family)?.name ?? []).join(', ')
  const all = `The options of ${family}: URLs are ${allowed}`
  const hidden = mayBeSecret || !/^[\w.-]+$/.test(name)
  if (hidden && !nearest(name, (_, spec) => inQuery(spec, family))) {
    const reason =
      "it may be a piece of a user or password, in which '&', '?' and '@' are written %26, %3F and %40"
    return invalidOptions(`Unknown option in the URL, whose name is not shown: ${reason}. ${all}`)
  }
  const meant = nearest(name)
  return invalidOptions(`Unknown option '${name}' in the URL.${meant ? advice(meant, family) : ''} ${all}`)
}

const didYouMean = (name: string, opposite: boolean): string =>
  ` Did you mean '${name}'${opposite ? ', which says the opposite' : ''}?`

function advice({ name, spec, opposite }: Meant, family: UrlFamily): string {
  const query = queryName(spec, family)
  if (query !== undefined) return didYouMean(query.name, query.opposite !== opposite)
  const inUrlItself = name === 'host' || name === 'port' || name === 'path'
  if (inUrlItself) return ` The ${name} stands in the URL before the query.`
  return ` '${name}' can only be given in code.`
}
