import { ReadableStream, type ReadableByteStreamController } from 'node:stream/web'

/** A web stream of an open file's bytes, and what ends it from the outside. */
export interface FileWebStream {
  stream: ReadableStream
  /** It ends as at the end of the file. */
  close: () => void
  /** It fails. */
  fail: (reason: Error) => void
}

/**
 * The bytes that `read` puts into a buffer, until there are none. A byte stream, whatever its reader.
 *
 * @param over called once, when nothing more is read
 * @param finish what the end and a `cancel` wait for
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
      // What is being read ends it otherwise: it has the buffer.
      if (!reading) close()
    },
    fail(reason) {
      if (done) return
      end()
      controller.error(reason)
    },
  }
}
