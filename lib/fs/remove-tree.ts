import type { Call } from '../pool/call.js'
import { removeDirectory, removeFile } from '../remote/change/remove.js'
import { list, showsLinks } from '../remote/list/list.js'
import { join } from '../remote/paths.js'
import { RefusedError } from '../remote/refused.js'
import { removeUnlessFull } from '../remote/change/remove-unless-full.js'
import type { Remote } from '../remote/remote.js'
import type { ListedEntry } from '../wire/listing/listed-entry.js'
import { dirname, type ByteString } from '../wire/names/names.js'

/** Removed entries were listed before: if one is gone, a lost command or another client did it. */
const there = { isThere: true }

/** Removes a folder and everything in it. Removes links, and leaves their targets alone. */
export function removeTree(remote: Remote, call: Call, folder: ByteString): Promise<void> {
  return new Removal(remote, call, folder).removeFolder(folder)
}

/**
 * The removal of a folder. After a failure it waits for the commands under way before it rejects,
 * so that nothing is removed after the caller has learned of the failure.
 */
class Removal {
  #failure: Error | undefined

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly root: ByteString,
  ) {}

  async removeFolder(folder: ByteString): Promise<void> {
    const { remote } = this
    const { server } = remote.pool
    if (!showsLinks(server) && (await this.#removedUnlessFull(folder))) return
    await this.#removeEntries(folder, await this.call.part(part => list(remote, part, folder)))
    try {
      await this.#removeDirectory(folder)
    } catch (error) {
      if (!hasCode(error, 'ENOTEMPTY') || server.can.mlsd.state === 'absent') throw error
      // MLSD of pyftpdlib 1.5.7 omits dangling links, and LIST of ProFTPD 1.3.8 those to `.` and
      // `..`.
      const from = server.quirks.mixesLinks ? 'facts' : 'ls'
      const left = await this.call.part(part => list(remote, part, folder, from))
      if (left.length === 0) throw error
      await this.#removeEntries(folder, left)
      await this.#removeDirectory(folder)
    }
  }

  #removeDirectory(folder: ByteString): Promise<void> {
    return this.call.part(part => removeDirectory(this.remote, part, folder, there))
  }

  #removeFile(path: ByteString): Promise<void> {
    return this.call.part(part => removeFile(this.remote, part, path, there))
  }

  #removedUnlessFull(path: ByteString): Promise<boolean> {
    return this.call.part(part => removeUnlessFull(this.remote, part, path, dirname(this.root)))
  }

  async #removeEntries(folder: ByteString, entries: readonly ListedEntry[]): Promise<void> {
    const removals = entries.map(({ name, type }) => this.#remove(join(folder, name), type === 'directory'))
    for (const outcome of await Promise.allSettled(removals)) {
      if (outcome.status === 'rejected') throw outcome.reason
    }
  }

  async #remove(path: ByteString, descend: boolean): Promise<void> {
    if (this.#failure) throw this.#failure
    try {
      await (descend ? this.removeFolder(path) : this.#removeFile(path))
    } catch (error) {
      // Another client has removed it.
      if (hasCode(error, 'ENOENT')) return
      this.#failure ??= error as Error
      throw this.#failure
    }
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof RefusedError && error.code === code
}
