import type { WriterOptions } from '../remote/write/writer.js'
import {
  checkSignal,
  encodingOption,
  integerArgument,
  optionsArgument,
  rangeArgument,
} from '../node/arguments.js'
import { invalidArgType, invalidArgValue } from '../node/node-errors.js'
import { parseFlags } from '../node/flags.js'
import type { ReadStreamOptions } from './read-stream.js'
import { checkParallel } from './transfer-options.js'
import type { WriteStreamOptions } from './write-stream.js'

/**
 * Checks the options of `createReadStream`.
 *
 * @throws ERR_INVALID_ARG_VALUE, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function readStreamOptions(options: unknown): ReadStreamOptions & { start: number; end: number } {
  const given = optionsArgument<ReadStreamOptions>(options)
  checkSignal(given.signal)
  if (given.flags !== undefined && given.flags !== 'r') {
    throw invalidArgValue('options.flags', given.flags, "must be 'r'")
  }
  checkWatermark(given.highWaterMark)
  checkParallel(given.parallel)
  return {
    ...given,
    ...rangeArgument(given),
    encoding: encodingOption(options) as BufferEncoding | undefined,
  }
}

/**
 * Checks the options of `createWriteStream`. `folder`: the path ends with a slash.
 *
 * @throws ERR_INVALID_ARG_VALUE, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function writeStreamOptions(
  options: unknown,
  folder: boolean,
): WriteStreamOptions & { writer: WriterOptions } {
  const given = optionsArgument<WriteStreamOptions>(options)
  checkSignal(given.signal)
  checkFlush(given.flush)
  checkWatermark(given.highWaterMark)
  const start = given.start === undefined ? undefined : integerArgument(given.start, 'start', 0)
  const writer = writerOptions(given.flags ?? 'w', folder, start)
  return { ...given, writer, encoding: encodingOption(options) as BufferEncoding | undefined }
}

/** Translates the flags of a write. Throws ERR_INVALID_ARG_VALUE for flags that do not write. */
export function writerOptions(flags: string, folder: boolean, start?: number): WriterOptions {
  const { write, append, exclusive, create, truncate } = parseFlags(flags)
  if (!write) {
    throw invalidArgValue('options.flag', flags, 'must be one that writes: w, wx, a, ax, r+ or their like')
  }
  if (append) return { mode: 'append', exclusive, folder }
  const position = start === undefined ? {} : { start }
  return truncate
    ? { mode: 'replace', exclusive, mustExist: !create, folder, ...position }
    : { mode: 'patch', mustExist: true, folder, ...position }
}

export function checkFlush(flush: unknown): void {
  if (flush !== undefined && flush !== null && typeof flush !== 'boolean') {
    throw invalidArgType('options.flush', 'of type boolean', flush)
  }
}

function checkWatermark(value: unknown): void {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= 0)) return
  throw invalidArgValue('options.highWaterMark', value)
}
