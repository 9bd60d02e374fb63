import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import { Reader } from '../read/reader.js'
import type { Remote } from '../remote.js'
import { Spool } from '../spool.js'
import { transfer } from '../read/transfer.js'
import type { Source } from './source.js'

/** What the new bytes are written over: the file at a path, or zeros. */
export interface PatchBase {
  readonly path?: ByteString
  /** Position of the new bytes. Default: the end of the file. */
  readonly start?: number
}

/**
 * Puts the whole patched file together on this side, for a server that cannot change a part of it.
 * The caller disposes of the copy.
 */
export async function patchedCopy(remote: Remote, call: Call, base: PatchBase, over: Source): Promise<Spool> {
  const whole = new Spool(remote.options.spoolDirectory, undefined, remote.memory.share())
  try {
    if (base.path !== undefined)
      await transfer(new Reader(remote, call, base.path), chunk => whole.append(chunk))
    let position = base.start ?? whole.size
    for await (const chunk of over.read(0)) {
      await whole.write(chunk, position)
      position += chunk.length
    }
    return whole
  } catch (error) {
    await whole.dispose()
    throw error
  }
}
