import { ReadableStream, type ReadableByteStreamController } from 'node:stream/web'

/** A web stream of an open file's bytes, with the means to end it from outside. */
export interface FileWebStream {
  stream: ReadableStream
  /** Ends the stream as at the end of the file. */
  close: () => void
  /** Fails the stream. */
  fail: (reason: Error) => void
}

/**
 * A byte stream of the file, for every kind of reader.
 *
 * @param read fills a buffer; returns 0 at the end
 * @param over called once, when the stream reads no more
 * @param finish the end of the stream and a `cancel` wait for it
 */
export function fileWebStream(
  read: (into: Uint8Array) => Promise<number>,
  over: () => void,
  finish: () => Promise<void>,
): FileWebStream {
  let controller!: ReadableByteStreamController
  let done = false
  let reading = false
  const end = (): void => {
    if (done) return
    done = true
    over()
  }
  const close = (): void => {
    controller.close()
    controller.byobRequest?.respond(0)
  }
  const stream = new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: 64 * 1024,
    start(given) {
      controller = given
    },
    async pull() {
      const request = controller.byobRequest!
      reading = true
      try {
        const bytesRead = await read(request.view as Uint8Array)
        if (bytesRead > 0 && !done) return request.respond(bytesRead)
        if (!done) {
          end()
          await finish()
        }
        close()
      } catch (error) {
        end()
        throw error
      } finally {
        reading = false
      }
    },
    async cancel() {
      end()
      await finish()
    },
  })
  return {
    stream,
    close() {
      if (done) return
      end()
      // A running read has the buffer, and ends the stream itself.
      if (!reading) close()
    },
    fail(reason) {
      if (done) return
      end()
      controller.error(reason)
    },
  }
}
