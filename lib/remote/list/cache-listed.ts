import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import type { EntryInfo } from '../entry.js'
import { join } from '../paths.js'
import type { Remote } from '../remote.js'

/**
 * Caches the listed entries that are complete enough for a Stats. `asked`: the cache's time before
 * the listing; `local`: the times are the server's local times, not UTC.
 */
export function cacheListed(
  { statCache }: Remote,
  folder: ByteString,
  entries: readonly ListedEntry[],
  asked: number,
  local: boolean,
): void {
  for (const { name, ...entry } of entries) {
    const whole = entry.mode !== undefined && (entry.type !== 'file' || entry.size !== undefined)
    if (!whole || entry.mtime === undefined) continue
    const info: EntryInfo = local ? entry : { ...entry, mtimePrecision: undefined }
    statCache?.keep(join(folder, name), info, asked, false)
  }
}
