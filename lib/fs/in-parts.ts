/** Does the work on all items, `max` of them at a time, and rejects as `all` does. */
export async function inParts<T>(
  items: readonly T[],
  max: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < items.length; at += max) await all(items.slice(at, at + max).map(work))
}

/** As Promise.all; but what is under way ends before it rejects. */
export async function all<T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work)
  return Promise.all(work)
}
