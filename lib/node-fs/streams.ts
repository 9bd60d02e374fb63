import type { CallRunner } from '../calls/call-runner.js'
import { createReadStream } from '../calls/create-read-stream.js'
import { createWriteStream } from '../calls/create-write-stream.js'
import { ReadStream } from '../fs/read-stream.js'
import { WriteStream } from '../fs/write-stream.js'
import { named } from './callback-function.js'

type Maker = (runner: CallRunner, ...given: never[]) => object

/**
 * `createReadStream` and `createWriteStream`, and the classes with which users of Node make and
 * recognise streams.
 */
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

/**
 * A class like Node's: its arguments are a path and options, it works without `new`, and
 * `instanceof` recognises its streams.
 */
function streamClass(runner: CallRunner, name: string, make: Maker, of: { prototype: object }): unknown {
  function Stream(this: unknown, ...given: never[]): object {
    const stream = make(runner, ...given)
    // A class of the user may extend it.
    if (new.target && new.target !== Stream) Object.setPrototypeOf(stream, new.target.prototype)
    return stream
  }
  Stream.prototype = of.prototype
  return named(Stream, name)
}
