import { setTimeout as sleep } from 'node:timers/promises'

const patience = 5000

/** Tries again until nothing is said to be wrong, for some seconds. */
export async function settled(
  look: () => string | undefined | Promise<string | undefined>,
  time = patience,
): Promise<string | undefined> {
  const end = performance.now() + time
  for (;;) {
    const wrong = await look()
    if (wrong === undefined || performance.now() > end) return wrong
    await sleep(25)
  }
}

/** What keeps this process alive, counted by its kind. */
export function resources(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** What there is more of than before, in words. The timer with which this waits is not counted. */
export function more(before: ReadonlyMap<string, number>): Promise<string | undefined> {
  return settled(() => {
    const left = [...resources()].flatMap(([kind, count]) => {
      const extra = count - (before.get(kind) ?? 0)
      return extra > 0 ? [`${extra} ${kind}`] : []
    })
    return left.length > 0 ? `left open in this process: ${left.join(', ')}` : undefined
  }, 2000)
}
