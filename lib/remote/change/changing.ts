import type { ByteString } from '../../wire/names/names.js'
import type { Remote } from '../remote.js'

/** Does work that changes the entries at the paths, and invalidates their cached facts. */
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
