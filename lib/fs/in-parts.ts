/** Does the work on all items, `max` of them at a time. Rejects like `all`. */
export async function inParts<T>(
  items: readonly T[],
  max: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < items.length; at += max) await all(items.slice(at, at + max).map(work))
}

/** Like Promise.all, but all work ends before it rejects. */
export async function all<T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work)
  return Promise.all(work)
}
