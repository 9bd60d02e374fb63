import { constants } from 'node:fs'
import { integerArgument } from './arguments.js'
import { invalidArgValue } from './node-errors.js'

/** For what a file is opened, as Node's flags say it. */
export interface FileAccess {
  read: boolean
  write: boolean
  /** Each write goes to the end of the file. */
  append: boolean
  /** The file is made if it is not there. */
  create: boolean
  /** The file is emptied. */
  truncate: boolean
  /** With `create`: it is an error (EEXIST) if the file is there. */
  exclusive: boolean
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants

const W = O_TRUNC | O_CREAT
const A = O_APPEND | O_CREAT

const FLAGS = new Map<unknown, number>(
  Object.entries({
    r: O_RDONLY,
    'rs sr': O_RDONLY | O_SYNC,
    'r+': O_RDWR,
    'rs+ sr+': O_RDWR | O_SYNC,
    w: W | O_WRONLY,
    'wx xw': W | O_WRONLY | O_EXCL,
    'w+': W | O_RDWR,
    'wx+ xw+': W | O_RDWR | O_EXCL,
    a: A | O_WRONLY,
    'ax xa': A | O_WRONLY | O_EXCL,
    'as sa': A | O_WRONLY | O_SYNC,
    'a+': A | O_RDWR,
    'ax+ xa+': A | O_RDWR | O_EXCL,
    'as+ sa+': A | O_RDWR | O_SYNC,
  }).flatMap(([names, bits]) => names.split(' ').map(name => [name, bits] as const)),
)

/**
 * Node's flags, such as `r`, `wx`, `a+` or the sum of `fs.constants.O_…`. Null and undefined are `r`.
 *
 * @throws ERR_INVALID_ARG_VALUE for a flag that Node does not know
 * @throws ERR_OUT_OF_RANGE for a number that is not a 32-bit integer
 * Source: Node, "File system flags".
 */
export function parseFlags(flags: unknown, name = 'flags'): FileAccess {
  const bits =
    typeof flags === 'number'
      ? integerArgument(flags, name, -(2 ** 31), 2 ** 31 - 1)
      : FLAGS.get(flags ?? 'r')
  if (bits === undefined) throw invalidArgValue(name, flags)
  const access = bits & (O_RDONLY | O_WRONLY | O_RDWR)
  const create = (bits & O_CREAT) !== 0
  return {
    read: access === O_RDONLY || access === O_RDWR,
    write: access === O_WRONLY || access === O_RDWR,
    append: (bits & O_APPEND) !== 0,
    create,
    truncate: (bits & O_TRUNC) !== 0,
    // O_EXCL without O_CREAT has no defined meaning (open(2)).
    exclusive: create && (bits & O_EXCL) !== 0,
  }
}
