// Milliseconds. Servers and firewalls are set up anew, and one odd reply is no rule.
const firstPause = 60_000
const longestPause = 3_600_000

/** What speaks for an ability that was not tried yet. */
export type Basis = 'absent' | 'untried' | 'said' | 'measured'

/**
 * What is known of an ability. `absent`: the server does not name it, and nothing else speaks for
 * it. `said`: FEAT names it. `measured`: servers of this kind were seen to have it. `proven`: it has
 * worked here. `failed`: it did not, and is left out for a while.
 */
export type AbilityState = Basis | 'proven' | 'failed'

/**
 * How many failures in a row turn an ability off. `forgiving`: the first one, unless it has worked
 * since the last failure.
 */
export type Patience = 'once' | 'twice' | 'forgiving'

export interface AbilityOptions {
  /** Default: `untried`. */
  readonly basis?: () => Basis
  /** Default: `twice`. */
  readonly patience?: Patience
  /** The clock, in milliseconds. */
  readonly now?: () => number
}

/**
 * Something that a server may be able to do. What fails where the next way works is left out for a
 * minute, for twice as long each further time, for an hour at most; then it is tried again.
 */
export class Ability {
  readonly #basis: () => Basis
  readonly #patience: Patience
  readonly #now: () => number
  #shown = false
  #worked = false
  /** In a row. */
  #failures = 0
  #pause = firstPause
  #offUntil = -Infinity

  constructor({ basis = () => 'untried', patience = 'twice', now = Date.now }: AbilityOptions = {}) {
    this.#basis = basis
    this.#patience = patience
    this.#now = now
  }

  get state(): AbilityState {
    if (this.#offUntil > -Infinity && this.#now() < this.#offUntil) return 'failed'
    return this.#shown ? 'proven' : this.#basis()
  }

  /** It may be tried, or is known to work. */
  get usable(): boolean {
    return this.state !== 'failed' && this.state !== 'absent'
  }

  /** It has worked here, or on servers of this kind. */
  get certain(): boolean {
    return this.state === 'proven' || this.state === 'measured'
  }

  /** It may be tried, and nothing but the server's word speaks for it. */
  get untested(): boolean {
    return this.state === 'untried' || this.state === 'said'
  }

  /** It has worked here. */
  get proven(): boolean {
    return this.state === 'proven'
  }

  /** It has failed, and its time is not over. */
  get failed(): boolean {
    return this.state === 'failed'
  }

  /** It may be tried alone: it has not failed since it last worked. Else the next way goes along. */
  get suffices(): boolean {
    return this.#failures === 0 && this.usable
  }

  /** It has begun well, which ends no row of failures. */
  show(): void {
    if (!this.failed) this.#shown = true
  }

  /** It has worked. */
  succeed(): void {
    this.#shown = this.#worked = true
    this.#failures = 0
    this.#pause = firstPause
    this.#offUntil = -Infinity
  }

  /** It did not work, where the next way does. */
  fail(): void {
    // What was begun before, and fails likewise, tells nothing new.
    if (this.failed) return
    const forgiven = this.#failures === 0 && (this.#patience === 'twice' || this.#isForgiven)
    this.#shown = this.#worked = false
    this.#failures += 1
    if (forgiven) return
    this.#offUntil = this.#now() + this.#pause
    this.#pause = Math.min(2 * this.#pause, longestPause)
  }

  get #isForgiven(): boolean {
    return this.#patience === 'forgiving' && this.#worked
  }
}
