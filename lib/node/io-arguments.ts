import { integerArgument, positionArgument } from './arguments.js'
import { invalidArgType, invalidArgValue, outOfRange } from './node-errors.js'

/** Options of `read`, of which each may be left out. Source: Node, "File system", filehandle.read. */
export interface ReadOptions<T extends NodeJS.ArrayBufferView = NodeJS.ArrayBufferView> {
  /** Where the bytes go. Default: a new Buffer of 16 KiB. */
  buffer?: T | undefined
  /** Where in the buffer, in bytes. Default 0. */
  offset?: number | null | undefined
  /** How many bytes at most. Default: up to the end of the buffer. */
  length?: number | null | undefined
  /** Where in the file; null is its current position, which moves on. Default null. */
  position?: number | bigint | null | undefined
}

/** Options of `write`. Source: Node, "File system", filehandle.write. */
export interface WriteOptions {
  /** The first byte of the buffer. Default 0. */
  offset?: number | null | undefined
  /** How many bytes. Default: up to the end of the buffer. */
  length?: number | null | undefined
  /** Where in the file; null is its current position, which moves on. Default null. */
  position?: number | null | undefined
}

/** Where bytes are to be put. */
export interface ReadArguments {
  buffer: NodeJS.ArrayBufferView
  into: Uint8Array
  /** Null is the current position. */
  position: number | null
}

/** What is to be written. */
export interface WriteArguments {
  bytes: Uint8Array
  /** Null is the current position. */
  position: number | null
}

/**
 * The arguments of `read`: a buffer and numbers, a buffer and options, or options alone.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function readArguments(...parts: unknown[]): ReadArguments {
  const [first, second, third, fourth] = parts
  // With a length it is the form with numbers, whatever the first two are.
  const numbers = parts.length > 2
  let given: ReadOptions = { buffer: first, offset: second, length: third, position: fourth } as ReadOptions
  if (numbers) checkBuffer(first)
  else if (!isView(first)) given = optionsOf(first)
  else if (isOptions(second)) given = { ...second, buffer: first }
  const { buffer = Buffer.alloc(16 * 1024) } = given
  checkBuffer(buffer)
  const offset = offsetOf(given.offset)
  const length = given.length == null ? buffer.byteLength - offset : Math.trunc(given.length) || 0
  if (length !== 0) {
    if (buffer.byteLength === 0) throw invalidArgValue('buffer', buffer, 'is empty and cannot be written')
    if (length < 0) throw outOfRange('length', '>= 0', length)
    if (offset + length > buffer.byteLength) {
      throw outOfRange('length', `<= ${buffer.byteLength - offset}`, length)
    }
  }
  const into = bytesOf(buffer).subarray(offset, offset + length)
  return { buffer, into, position: positionArgument(given.position) }
}

/**
 * The arguments of `write`: a buffer and numbers, a buffer and options, or a string, a position and an encoding.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function writeArguments(
  first: unknown,
  second?: unknown,
  third?: unknown,
  fourth?: unknown,
): WriteArguments {
  if (isView(first)) {
    const given: WriteOptions = isOptions(second)
      ? second
      : ({ offset: second, length: third, position: fourth } as WriteOptions)
    const offset = offsetOf(given.offset)
    const { byteLength } = first
    const length = typeof given.length === 'number' ? given.length : byteLength - offset
    if (offset > byteLength) throw outOfRange('offset', `<= ${byteLength}`, offset)
    if (length > byteLength - offset) throw outOfRange('length', `<= ${byteLength - offset}`, length)
    if (length < 0) throw outOfRange('length', '>= 0', length)
    integerArgument(length, 'length')
    const bytes = bytesOf(first).subarray(offset, offset + length)
    return { bytes, position: writePosition(given.position) }
  }
  if (typeof first !== 'string') {
    throw invalidArgType('buffer', 'of type string or an instance of Buffer, TypedArray, or DataView', first)
  }
  const encoding = typeof third === 'string' && Buffer.isEncoding(third) ? third : 'utf8'
  if (encoding.toLowerCase() === 'hex' && first.length % 2 !== 0) {
    throw invalidArgValue('encoding', third, `is invalid for data of length ${first.length}`)
  }
  return { bytes: Buffer.from(first, encoding), position: writePosition(second) }
}

/** The arguments of `readv` and `writev`. Throws ERR_INVALID_ARG_TYPE. */
export function vectorArguments(
  buffers: unknown,
  position?: unknown,
): { parts: Uint8Array[]; position: number | null } {
  if (!Array.isArray(buffers) || !buffers.every(isView)) {
    throw invalidArgType('buffers', 'an ArrayBufferView[]', buffers)
  }
  return { parts: buffers.map(bytesOf), position: writePosition(position) }
}

/** The number of an open file. Throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE. */
export function descriptorArgument(fd: unknown, name = 'fd'): number {
  return integerArgument(fd, name, 0, 2 ** 31 - 1)
}

/** A user or group of `chown`. Throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE. */
export function ownerArgument(id: unknown, name: string): number {
  return integerArgument(id, name, -1, 2 ** 32 - 1)
}

const isView = (value: unknown): value is NodeJS.ArrayBufferView => ArrayBuffer.isView(value)

const isOptions = (value: unknown): value is object => typeof value === 'object' && value !== null

function optionsOf(value: unknown): ReadOptions {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value
  throw invalidArgType('options', 'of type object', value)
}

function checkBuffer(buffer: unknown): asserts buffer is NodeJS.ArrayBufferView {
  if (isView(buffer)) return
  throw invalidArgType('buffer', 'an instance of Buffer, TypedArray, or DataView', buffer)
}

function offsetOf(value: unknown): number {
  return value === undefined || value === null ? 0 : integerArgument(value, 'offset', 0)
}

/** As Node has it: whatever is no position in the file is the current one. */
function writePosition(value: unknown): number | null {
  const position = typeof value === 'bigint' ? Number(value) : value
  return Number.isSafeInteger(position) && (position as number) >= 0 ? (position as number) : null
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
