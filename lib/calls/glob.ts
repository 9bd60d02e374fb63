import { posix } from 'node:path'
import { isUint8Array } from 'node:util/types'
import { pathArgument } from '../node/arguments.js'
import { CallIterator } from '../fs/call-iterator.js'
import { Dirent } from '../node/dirent.js'
import { invalidArgType } from '../node/node-errors.js'
import { failure } from '../fs/failure.js'
import { GlobWalk, type Match } from '../fs/glob-walk.js'
import { isLiteral, literally, matcher, parsePattern, type PatternRest } from '../node/glob-pattern.js'
import type { PathUse } from '../fs/path-order.js'
import { isEncodable } from '../wire/names/names.js'
import type { CallRunner } from './call-runner.js'

/** Options of `glob`. Source: Node, fsPromises.glob. */
export interface GlobOptions<Given = string> {
  /** The folder from which relative patterns count. Default `/`. */
  cwd?: string | URL | undefined
  /**
   * What to leave out, and all below it: patterns, or a function that says true. The function is called with the name of an
   * entry and with its path, or once with its Dirent (`withFileTypes`).
   */
  exclude?: readonly string[] | ((given: Given) => boolean) | undefined
  /** Give a Dirent for each. Default false: the path. */
  withFileTypes?: boolean | undefined
}

export function glob(
  runner: CallRunner,
  pattern: string | readonly string[],
  options: GlobOptions<never> = {},
): CallIterator<string | Dirent> {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw invalidArgType('options', 'of type object', options)
  const { cwd, withFileTypes } = options
  const given = cwd === undefined || cwd === null ? '/' : pathArgument(cwd, 'options.cwd')
  if (isUint8Array(given)) throw invalidArgType('options.cwd', 'of type string or an instance of URL', cwd)
  const folder = runner.paths.virtual(given) || '/'
  const isExcluded = exclusion(options, runner.text(folder))
  const patterns = patternsOf(pattern).flatMap(each => parsePattern(each))
  return new CallIterator(runner.remote.pool, async function* (call) {
    // Behind earlier calls; later ones do not wait for who takes the results.
    const reservation = runner.order.reserve(...patterns.map(each => used(runner, runner.text(folder), each)))
    try {
      if (reservation.waits > 0) await reservation.turn(call)
      for await (const match of new GlobWalk(runner.remote, call, isExcluded).find(folder, patterns)) {
        reservation.leave()
        yield withFileTypes ? dirent(match) : match.text
      }
    } catch (error) {
      throw failure(error, 'glob')
    } finally {
      reservation.leave()
    }
    return undefined
  })
}

function dirent({ path, type }: Match): Dirent {
  return new Dirent(posix.basename(path), posix.dirname(path), type)
}

function patternsOf(pattern: unknown): string[] {
  if (typeof pattern !== 'object') return [stringOf(pattern, 'patterns')]
  if (!Array.isArray(pattern)) throw invalidArgType('patterns', 'an instance of Array', pattern)
  return pattern.map((each, index) => stringOf(each, `patterns[${index}]`))
}

function stringOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw invalidArgType(name, 'of type string', value)
  return value
}

function exclusion(
  { exclude, withFileTypes }: GlobOptions<never>,
  folder: string,
): (match: Match) => boolean {
  if (exclude === undefined || exclude === null) return () => false
  if (typeof exclude === 'function') {
    const says = exclude as (given: string | Dirent) => boolean
    return match => {
      if (isAbove(match)) return false
      if (withFileTypes) return says(dirent(match))
      const name = posix.basename(match.text)
      return says(name) || (name !== match.text && says(match.text))
    }
  }
  if (!Array.isArray(exclude))
    throw invalidArgType('options.exclude', 'of type function or string[]', exclude)
  const excludes = exclude.map((each, index) =>
    matcher(posix.resolve(literally(folder), stringOf(each, `options.exclude[${index}]`))),
  )
  return match =>
    excludes.some(
      is => is(match.path) || (match.type === 'directory' && !isAbove(match) && is(`${match.path}/`)),
    )
}

/** Where patterns begin: what excludes all that is in it does not exclude the folder itself. */
function isAbove({ text }: Match): boolean {
  return /^(?:\/|\.|(?:\.\.\/)*\.\.)$/.test(text)
}

/** What a pattern looks at, as far as its names tell. */
function used(runner: CallRunner, folder: string, pattern: PatternRest): PathUse {
  let path = folder
  let rest: PatternRest | undefined = pattern
  if (rest.part === '') {
    path = '/'
    rest = rest.next!
  }
  for (; isLiteral(rest); rest = rest.next!) path = posix.join(path, rest.part as string)
  for (; rest; rest = rest.next) if (rest.part === '..') path = '/'
  // What the server cannot name is not there.
  return ['walk', isEncodable(path, runner.encoding) ? runner.paths.virtual(path) : '/']
}
