import type { Stream } from 'node:stream'
import { invalidArgType } from './node-errors.js'

type Part = string | NodeJS.ArrayBufferView

/** What `writeFile` writes. Source: Node, "File system", fsPromises.writeFile. */
export type FileData = Part | Iterable<Part> | AsyncIterable<Part> | Stream

/** The data as chunks of bytes, as they come. Throws ERR_INVALID_ARG_TYPE before anything is taken from it. */
export function fileData(data: unknown, encoding: BufferEncoding): AsyncIterable<Uint8Array> {
  if (isPart(data)) return chunks([data], encoding)
  if (isIterable(data)) return chunks(data, encoding)
  throw invalidData(data)
}

/** ERR_INVALID_ARG_TYPE for data that is none. */
export function invalidData(data: unknown): Error {
  return invalidArgType('data', 'of type string or an instance of Buffer, TypedArray, or DataView', data)
}

/** All of it is here already: nothing has to be waited for. */
export const isWhole = (data: unknown): data is Part => isPart(data)

async function* chunks(
  parts: Iterable<unknown> | AsyncIterable<unknown>,
  encoding: BufferEncoding,
): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    if (!isPart(part)) throw invalidData(part)
    yield wholeData(part, encoding)
  }
}

/** The bytes of data that is all here. */
export function wholeData(part: Part, encoding: BufferEncoding): Uint8Array {
  return typeof part === 'string'
    ? Buffer.from(part, encoding)
    : new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
}

const isPart = (value: unknown): value is Part => typeof value === 'string' || ArrayBuffer.isView(value)

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  )
}
