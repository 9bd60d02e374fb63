import type { CallRunner } from '../calls/call-runner.js'
import { createReadStream } from '../calls/create-read-stream.js'
import { createWriteStream } from '../calls/create-write-stream.js'
import { ReadStream } from '../fs/read-stream.js'
import { WriteStream } from '../fs/write-stream.js'
import { named } from './callback-function.js'

type Maker = (runner: CallRunner, ...given: never[]) => object

/** `createReadStream` and its like, with the classes by which Node's users make and recognise streams. */
export function streams(runner: CallRunner): Record<string, unknown> {
  const readStream = streamClass(runner, 'ReadStream', createReadStream, ReadStream)
  const writeStream = streamClass(runner, 'WriteStream', createWriteStream, WriteStream)
  return {
    createReadStream: named(
      (...given: never[]) => createReadStream(runner, ...(given as [never])),
      'createReadStream',
    ),
    createWriteStream: named(
      (...given: never[]) => createWriteStream(runner, ...(given as [never])),
      'createWriteStream',
    ),
    ReadStream: readStream,
    WriteStream: writeStream,
    FileReadStream: readStream,
    FileWriteStream: writeStream,
  }
}

/** A class as Node's: it takes a path and options, may be called without `new`, and knows its streams by `instanceof`. */
function streamClass(runner: CallRunner, name: string, make: Maker, of: { prototype: object }): unknown {
  function Stream(this: unknown, ...given: never[]): object {
    const stream = make(runner, ...given)
    // A class of the user's may extend it.
    if (new.target && new.target !== Stream) Object.setPrototypeOf(stream, new.target.prototype)
    return stream
  }
  Stream.prototype = of.prototype
  return named(Stream, name)
}
