import type { Test } from 'tap'

interface Timer {
  at: number
  refresh(): Timer
}

/** Time that advances only on request, for all timers that are set during the test. */
export function fakeClock(t: Test): { advance(milliseconds: number): void; readonly timers: number } {
  const real = { setTimeout, clearTimeout }
  const timers = new Map<Timer, () => void>()
  let now = 0
  const set = (callback: () => void, milliseconds: number): Timer => {
    const timer: Timer = {
      at: now + milliseconds,
      refresh() {
        timer.at = now + milliseconds
        return timer
      },
    }
    timers.set(timer, callback)
    return timer
  }
  const clear = (timer: Timer): void => {
    if (!timers.delete(timer)) real.clearTimeout(timer as unknown as NodeJS.Timeout)
  }
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear })
  t.teardown(() => Object.assign(globalThis, real))
  return {
    advance(milliseconds) {
      now += milliseconds
      for (const [timer, callback] of timers) {
        if (timer.at > now) continue
        timers.delete(timer)
        callback()
      }
    },
    get timers() {
      return timers.size
    },
  }
}
