import { fileURLToPath } from 'node:url'
import { abortError, invalidArgType, invalidArgValue, nodeError, outOfRange } from './node-errors.js'

/**
 * A path as Node's fs takes it: a string, a Buffer or Uint8Array, or a `file:` URL, whose percent-encoding is undone once.
 * An empty path is let through, as in Node; it names no file (ENOENT).
 *
 * @throws ERR_INVALID_ARG_TYPE for anything else
 * @throws ERR_INVALID_ARG_VALUE for a path that holds NUL, CR or LF: CR and LF end an FTP command
 * @throws ERR_INVALID_URL_SCHEME, ERR_INVALID_FILE_URL_HOST, ERR_INVALID_FILE_URL_PATH as `url.fileURLToPath`
 */
export function pathArgument(path: unknown, name = 'path'): string | Buffer {
  // Paths have slashes on all platforms here, also on Windows.
  const value = isUrl(path) ? fileURLToPath(path, { windows: false }) : path
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw invalidArgType(name, 'of type string or an instance of Buffer or URL', path)
  }
  const has = (char: string) =>
    typeof value === 'string' ? value.includes(char) : value.includes(char.charCodeAt(0))
  const without = (what: string) =>
    invalidArgValue(name, value, `must be a string, Uint8Array, or URL without ${what}`)
  if (has('\0')) throw without('null bytes')
  if (has('\r') || has('\n')) throw without('line breaks (CR, LF)')
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

/** Node's own test: a URL of another realm or library is a URL too, the result of the old `url.parse` is not. */
function isUrl(value: unknown): value is URL {
  const url = value as
    { href?: unknown; protocol?: unknown; auth?: unknown; path?: unknown } | null | undefined
  return Boolean(url?.href && url.protocol && url.auth === undefined && url.path === undefined)
}

/**
 * A call's options as an object: a string is an encoding; undefined, null and a function are none.
 *
 * @throws ERR_INVALID_ARG_TYPE for options of another type, and for a signal that is none
 */
export function optionsArgument<T extends object>(options: unknown): Partial<T> & { encoding?: unknown } {
  if (options === undefined || options === null || typeof options === 'function') return {}
  if (typeof options === 'string') return { encoding: options } as Partial<T> & { encoding?: unknown }
  if (typeof options !== 'object') throw invalidArgType('options', 'one of type string or object', options)
  checkSignal((options as { signal?: unknown }).signal)
  return options
}

/**
 * The encoding in a call's options, which are a string or an object; undefined if there is none.
 *
 * @throws ERR_INVALID_ARG_VALUE for an encoding that Node does not know
 * @throws ERR_INVALID_ARG_TYPE for options of another type
 */
export function encodingOption(options: unknown): BufferEncoding | 'buffer' | undefined {
  const { encoding } = optionsArgument(options)
  if (!encoding) return undefined
  if (encoding === 'buffer' || (typeof encoding === 'string' && Buffer.isEncoding(encoding))) return encoding
  throw invalidArgValue('encoding', encoding, 'is invalid encoding')
}

/**
 * A signal must be an AbortSignal or undefined.
 *
 * @throws ERR_INVALID_ARG_TYPE
 */
export function checkSignal(
  signal: unknown,
  name = 'options.signal',
): asserts signal is AbortSignal | undefined {
  if (signal === undefined) return
  if (signal === null || typeof signal !== 'object' || !('aborted' in signal)) {
    throw invalidArgType(name, 'an instance of AbortSignal', signal)
  }
}

/** @throws AbortError when the signal has aborted already */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal)
}

/**
 * A whole number in a range; all safe integers by default.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function integerArgument(
  value: unknown,
  name: string,
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== 'number') throw invalidArgType(name, 'of type number', value)
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value)
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value)
  return value
}

/** @throws ERR_INVALID_ARG_TYPE */
export function booleanArgument(value: unknown, name: string): asserts value is boolean {
  if (typeof value !== 'boolean') throw invalidArgType(name, 'of type boolean', value)
}

/**
 * Options that have to be an object, and no array or function.
 *
 * @throws ERR_INVALID_ARG_TYPE
 */
export function objectArgument(value: unknown, name: string): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArgType(name, 'of type object', value)
  }
}

/**
 * The position of a read or write, in bytes; null means the file's current position, as do undefined and -1.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function positionArgument(value: unknown, name = 'position'): number | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw invalidArgType(name, 'of type bigint or integer', value)
  }
  if (typeof value === 'bigint' && (value < -1n || value > Number.MAX_SAFE_INTEGER)) {
    throw outOfRange(name, `>= -1 && <= ${Number.MAX_SAFE_INTEGER}`, value)
  }
  const position = integerArgument(Number(value), name, -1)
  return position === -1 ? null : position
}

/**
 * The range of a stream, in bytes, both ends included.
 *
 * @param options undefined is the file's start, or its end
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function rangeArgument({ start, end }: { start?: unknown; end?: unknown }): {
  start: number
  end: number
} {
  const from = start === undefined ? 0 : integerArgument(start, 'start', 0)
  const to = end === undefined || end === Infinity ? Infinity : integerArgument(end, 'end', 0)
  if (from > to) throw outOfRange('start', `<= "end" (here: ${to})`, from)
  return { start: from, end: to }
}

/**
 * A file's mode: a number or a string of octal digits.
 *
 * @param fallback stands in for undefined and null; without one these are errors
 * @throws ERR_INVALID_ARG_VALUE, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function modeArgument(value: unknown, name = 'mode', fallback?: number): number {
  let mode = value ?? fallback
  if (typeof mode === 'string') {
    if (!/^[0-7]+$/.test(mode)) {
      throw invalidArgValue(name, value, 'must be a 32-bit unsigned integer or an octal string')
    }
    mode = parseInt(mode, 8)
  }
  return integerArgument(mode, name, 0, 2 ** 32 - 1)
}

/**
 * The mode of `access` and `copyFile`: three bits. Null and undefined are 0.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, in the words of Node's native layer
 */
export function flagBitsArgument(value: unknown): number {
  if (value === undefined || value === null) return 0
  if (typeof value !== 'number') {
    throw nodeError(
      new TypeError('mode must be int32 or null/undefined'),
      'ERR_INVALID_ARG_TYPE',
      flagBitsArgument,
    )
  }
  const range = Number.isFinite(value) ? ': >= 0 && <= 7' : ''
  const bits = Math.trunc(value)
  if (bits >= 0 && bits <= 7) return bits
  throw nodeError(new RangeError(`mode is out of range${range}`), 'ERR_OUT_OF_RANGE', flagBitsArgument)
}

/**
 * A time of `utimes` in milliseconds since 1970: a Date, or seconds as a number or as a string of digits. A negative
 * number is the present, as in Node.
 *
 * @throws ERR_INVALID_ARG_TYPE
 * @throws ERR_INVALID_ARG_VALUE for an invalid Date
 */
export function timeArgument(time: unknown, name = 'time'): number {
  if (time instanceof Date) {
    if (Number.isNaN(time.getTime())) throw invalidArgValue(name, time, 'must be a valid date')
    return time.getTime()
  }
  const seconds = typeof time === 'string' ? Number(time) : time
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) {
    throw invalidArgType(name, 'an instance of Date or an Time in seconds', time)
  }
  if (typeof time === 'number' && seconds < 0) return Date.now()
  // To the microsecond: 1.001 seconds are 1001 ms, not 1000.9999999999999.
  return Math.round(seconds * 1e6) / 1e3
}
