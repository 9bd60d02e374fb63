import type { Ability } from './capabilities/ability.js'
import { isClearlyLonger, pausedFor, tellsOfPause, usual, type TimedFlight } from './pause.js'

// So many of the last times count.
const kept = 12

/** How long a server's replies took, and in which form its commands come back sooner. */
export class FlightTimes {
  readonly #prompt: Ability
  readonly #now: () => number
  /** To a command alone, or the first of a write. */
  readonly #first: number[] = []
  readonly #together: TimedFlight[] = []

  /** `prompt`: whether several commands in one write are answered without a pause. */
  constructor(prompt: Ability, now = () => performance.now()) {
    this.#prompt = prompt
    this.#now = now
  }

  /** Whether the replies to so many commands come sooner when each is written behind the last reply. */
  areFasterOneByOne(commands: number): boolean {
    if (commands < 2 || !this.#prompt.failed) return false
    const one = usual(this.#first)
    return isClearlyLonger(pausedFor(one, this.#together), commands * one)
  }

  /** A flight of so many commands begins. */
  watch(commands: number, oneByOne: boolean): FlightWatch {
    return new FlightWatch(this, commands, oneByOne, this.#now)
  }

  firstReply(milliseconds: number): void {
    keep(this.#first, milliseconds)
  }

  together(flight: TimedFlight): void {
    keep(this.#together, flight)
    const one = usual(this.#first)
    const told = tellsOfPause(one, flight)
    if (told === false) this.#prompt.succeed()
    else if (told && pausedFor(one, this.#together) > 0) this.#prompt.fail()
  }
}

/** The times of one flight. */
class FlightWatch {
  #begun: number
  #replies = 0

  constructor(
    readonly times: FlightTimes,
    readonly commands: number,
    readonly oneByOne: boolean,
    readonly now: () => number,
  ) {
    this.#begun = now()
  }

  /** A final reply has come. */
  replied(): void {
    this.#replies += 1
    const milliseconds = this.now() - this.#begun
    if (this.oneByOne) this.#begun = this.now()
    if (this.oneByOne || this.#replies === 1) this.times.firstReply(milliseconds)
    if (!this.oneByOne && this.commands > 1 && this.#replies === this.commands)
      this.times.together({ commands: this.commands, milliseconds })
  }
}

function keep<T>(list: T[], value: T): void {
  list.push(value)
  if (list.length > kept) list.shift()
}
