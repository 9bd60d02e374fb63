import type { Call } from '../pool/call.js'
import type { EntriesFrom } from '../remote/list/list-command.js'
import { list, listWithLinks } from '../remote/list/list.js'
import { join } from '../remote/paths.js'
import type { Remote } from '../remote/remote.js'
import type { ListedEntry } from '../wire/listing/listed-entry.js'
import type { ByteString } from '../wire/names/names.js'
import { explore } from './explore.js'

/** A folder and its entries. */
export interface ListedFolder {
  folder: ByteString
  entries: readonly ListedEntry[]
}

/**
 * Lists a folder and all folders below it, each before its subfolders, and always in the same
 * order. Does not follow links. Lines may be skipped (option `listErrors`). A subfolder is
 * requested as soon as it is known.
 */
export function walk(
  remote: Remote,
  call: Call,
  root: ByteString,
  from?: EntriesFrom,
): AsyncGenerator<ListedFolder, undefined> {
  return explore([root], async folder => {
    const entries = await call.part(part =>
      from ? list(remote, part, folder, from, true) : listWithLinks(remote, part, folder, true),
    )
    const below: ByteString[] = []
    for (const { name, type } of entries) if (type === 'directory') below.push(join(folder, name))
    return { found: { folder, entries }, below, entries: entries.length }
  })
}
