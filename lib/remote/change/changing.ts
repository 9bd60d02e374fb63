import type { ByteString } from '../../wire/names/names.js'
import type { Remote } from '../remote.js'

/** Does something that changes what is at the paths: what was known of them before is let go. */
export async function changing<T>(
  { statCache }: Remote,
  paths: readonly ByteString[],
  work: () => Promise<T>,
): Promise<T> {
  if (!statCache) return work()
  statCache.change(paths)
  try {
    return await work()
  } finally {
    statCache.change(paths)
  }
}
