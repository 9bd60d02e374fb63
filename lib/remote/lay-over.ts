import type { Call } from '../pool/call.js'
import type { ByteString } from '../wire/names.js'
import { Reader } from './reader.js'
import type { Remote } from './remote.js'
import { Spool } from './spool.js'
import { transfer } from './transfer.js'

/**
 * Puts a whole file together where the server cannot change a part of it: what `over` holds, from `start` on, over
 * the file at `base`, or over zeros. Disposes of `over`, whatever happens.
 */
export async function layOver(
  remote: Remote,
  call: Call,
  base: ByteString | undefined,
  over: Spool,
  start: number,
): Promise<Spool> {
  const whole = new Spool(remote.options.spoolDirectory)
  try {
    if (base !== undefined) await transfer(new Reader(remote, call, base), chunk => whole.append(chunk))
    let position = start
    for await (const chunk of over.read()) {
      await whole.write(chunk, position)
      position += chunk.length
    }
    return whole
  } catch (error) {
    await whole.dispose()
    throw error
  } finally {
    await over.dispose()
  }
}
