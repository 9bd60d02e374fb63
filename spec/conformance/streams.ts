import assert from 'node:assert/strict'
import { once, type EventEmitter } from 'node:events'
import type { ReadStream } from 'node:fs'
import { hasCode, type FsError } from './expect.js'

/** A stream as far as its end is concerned. */
type Closing = EventEmitter & { readonly closed: boolean }

/** All bytes of a stream of Buffers. */
export async function collect(stream: ReadStream): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** The names of these events in the order in which the stream emits them, an event in a row once. */
export function record(stream: EventEmitter, events: string[]): string[] {
  const seen: string[] = []
  for (const event of events) {
    stream.on(event, () => {
      if (seen.at(-1) !== event) seen.push(event)
    })
  }
  return seen
}

/** Waits until the stream is closed, whatever became of it; the error it met, if any. */
export async function closed(stream: Closing): Promise<FsError | undefined> {
  let failure: FsError | undefined
  stream.on('error', (error: FsError) => {
    failure = error
  })
  // A stream made with an aborted signal is closed before it has said so.
  if (stream.closed) await someTurns()
  else await new Promise<void>(resolve => void stream.once('close', () => resolve()))
  return failure
}

/** Waits until the stream is closed, and gives the error it must have met. */
export async function failureOf(stream: Closing): Promise<FsError> {
  const failure = await closed(stream)
  assert.ok(failure, 'closed without an error')
  return failure
}

/** The first chunk, after which the stream stands still. */
export async function firstChunk(stream: ReadStream): Promise<Buffer | string> {
  await once(stream, 'readable')
  const chunk = stream.read() as Buffer | string | null
  assert.ok(chunk, 'no data in the stream')
  return chunk
}

/** Enough turns of the event loop for anything that is already on its way. */
export async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
}

/** Waits until the condition holds; the suite's limit ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 2))
}

/** Asserts that a stream is refused with this code; one that is made all the same is done away with. */
export function refuses(make: () => Closing & { destroy(): unknown }, code: string): void {
  let stream: ReturnType<typeof make>
  try {
    stream = make()
  } catch (error) {
    return hasCode(error as FsError, code)
  }
  stream.on('error', () => {}).destroy()
  assert.fail(`made a stream, where ${code} was expected`)
}
