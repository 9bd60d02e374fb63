/** The result of a visit: what it has found, and the steps that it leads to. */
export interface Visited<Step, Found> {
  found: Found
  below: readonly Step[]
  /** Its use of memory, as a number of folder entries. */
  entries: number
}

interface Planned<Step, Found> {
  step: Step
  visited?: Promise<Visited<Step, Found>>
  below: Planned<Step, Found>[]
}

// The maximum ahead of the consumer. So many folders fill the flights of many sessions.
const maxAheadSteps = 1_000
const maxAheadEntries = 50_000

/**
 * Visits steps and those that they lead to, a parent before its children, and always in the same
 * order. The visit of a child begins as soon as it is known.
 */
export async function* explore<Step, Found>(
  first: readonly Step[],
  visit: (step: Step) => Promise<Visited<Step, Found>>,
): AsyncGenerator<Found, undefined> {
  const plan = (step: Step): Planned<Step, Found> => ({ step, below: [] })
  const steps: (Planned<Step, Found> | undefined)[] = first.map(plan)
  const ahead = { steps: 0, entries: 0 }
  const isFull = (): boolean => ahead.steps >= maxAheadSteps || ahead.entries >= maxAheadEntries
  const begin = (planned: Planned<Step, Found>): Promise<Visited<Step, Found>> =>
    (planned.visited ??= visitStep(planned))
  const visitStep = async (planned: Planned<Step, Found>): Promise<Visited<Step, Found>> => {
    ahead.steps += 1
    const visited = await visit(planned.step)
    ahead.entries += visited.entries
    planned.below = visited.below.map(plan)
    // A failure is reported when the turn of its step comes.
    for (const each of planned.below) if (!isFull()) begin(each).catch(() => {})
    return visited
  }
  let next = 0
  const beginFrom = (at: number): void => {
    for (next = Math.max(next, at); next < steps.length && !isFull(); next++)
      begin(steps[next]!).catch(() => {})
  }
  beginFrom(0)
  for (let at = 0; at < steps.length; at++) {
    const planned = steps[at]!
    steps[at] = undefined
    const { found, entries } = await begin(planned)
    ahead.steps -= 1
    ahead.entries -= entries
    for (const each of planned.below) steps.push(each)
    beginFrom(at + 1)
    yield found
  }
  return undefined
}
