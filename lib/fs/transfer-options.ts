import { checkSignal, integerArgument, optionsArgument } from '../node/arguments.js'
import type { DownloadOptions } from './file-download.js'
import { invalidArgType } from '../node/node-errors.js'

const defaultChunk = 2 ** 20
const maxChunk = 2 ** 30

/**
 * Checks the options of `upload` and `download`.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function transferOptions(options: unknown): DownloadOptions & { chunkSize: number } {
  const given = optionsArgument<DownloadOptions>(options)
  const { signal, onProgress, chunkSize = defaultChunk, parallel } = given
  checkSignal(signal)
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgType('options.onProgress', 'of type function', onProgress)
  }
  integerArgument(chunkSize, 'options.chunkSize', 1, maxChunk)
  checkParallel(parallel)
  return { ...given, chunkSize }
}

/** @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
export function checkParallel(parallel: unknown): void {
  if (parallel !== undefined) integerArgument(parallel, 'options.parallel', 1)
}
