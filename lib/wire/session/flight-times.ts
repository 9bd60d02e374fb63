import type { Ability } from '../capabilities/ability.js'
import { isClearlyLonger, pausedFor, replyTime, showsPause, type TimedFlight } from './pause.js'

// The number of latest times that count.
const maxTimes = 12

/** The times of a server's replies, and whether commands are faster together or one by one. */
export class FlightTimes {
  readonly #prompt: Ability
  readonly #now: () => number
  /** Milliseconds to the first reply to a write of several commands. */
  readonly #first: number[] = []
  /** Milliseconds to the reply to a command that is written alone. */
  readonly #alone: number[] = []
  readonly #together: TimedFlight[] = []

  /** @param prompt the ability to reply to several commands in one write without pauses */
  constructor(prompt: Ability, now = () => performance.now()) {
    this.#prompt = prompt
    this.#now = now
  }

  /** Whether this number of commands is faster if each is written after the reply to the last. */
  areFasterOneByOne(commands: number): boolean {
    if (commands < 2 || !this.#prompt.failed) return false
    const one = replyTime(this.#first, this.#alone)
    return isClearlyLonger(pausedFor(one, this.#together), commands * one)
  }

  /** Starts to measure a flight of this number of commands. */
  watch(commands: number, oneByOne: boolean): FlightWatch {
    return new FlightWatch(this, commands, oneByOne, this.#now)
  }

  alone(milliseconds: number): void {
    keep(this.#alone, milliseconds)
  }

  first(milliseconds: number): void {
    keep(this.#first, milliseconds)
  }

  together(flight: TimedFlight): void {
    keep(this.#together, flight)
    // While commands go together, no single one can show that a slow moment is over.
    this.#alone.shift()
    const one = replyTime(this.#first, this.#alone)
    const paused = showsPause(one, flight)
    if (paused === false) this.#prompt.succeed()
    else if (paused && pausedFor(one, this.#together) > 0) this.#prompt.fail()
  }
}

/** The times of one flight. */
class FlightWatch {
  #begun: number
  #last: number
  #silence = 0
  #replies = 0

  constructor(
    readonly times: FlightTimes,
    readonly commands: number,
    readonly oneByOne: boolean,
    readonly now: () => number,
  ) {
    this.#begun = this.#last = now()
  }

  /** Records a final reply. */
  replied(): void {
    const { times, commands } = this
    const now = this.now()
    const milliseconds = now - this.#begun
    this.#replies += 1
    if (this.oneByOne || commands === 1) {
      times.alone(milliseconds)
      this.#begun = now
      return
    }
    if (this.#replies === 1) times.first(milliseconds)
    else this.#silence = Math.max(this.#silence, now - this.#last)
    this.#last = now
    if (this.#replies === commands) times.together({ commands, milliseconds, silence: this.#silence })
  }
}

function keep<T>(list: T[], value: T): void {
  list.push(value)
  if (list.length > maxTimes) list.shift()
}
