// Milliseconds. An ability is tried again, because servers and firewalls get reconfigured, and one
// odd reply is no rule.
const firstPause = 60_000
const longestPause = 3_600_000

/** The evidence for an ability that has not been tried yet. */
export type Basis = 'absent' | 'untried' | 'said' | 'measured'

/**
 * The state of an ability. `absent`: the server does not announce it, and there is no other
 * evidence. `untried`: there is no evidence for or against it. `said`: FEAT names it. `measured`:
 * servers of this kind have been measured to have it. `proven`: it has worked on this server.
 * `failed`: it has not, and is not used for a while.
 */
export type AbilityState = Basis | 'proven' | 'failed'

/**
 * How many consecutive failures turn an ability off. `forgiving`: one, unless it has worked since
 * the last failure.
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
 * Something that a server may be able to do. An ability that fails where its fallback works is off
 * for a minute, then tried again; each further failure doubles the pause, up to an hour.
 */
export class Ability {
  readonly #basis: () => Basis
  readonly #patience: Patience
  readonly #now: () => number
  #shown = false
  #worked = false
  /** Consecutive failures. */
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

  /** Whether it may be tried or is known to work. */
  get usable(): boolean {
    return this.state !== 'failed' && this.state !== 'absent'
  }

  /** Whether it has worked here, or on servers of this kind. */
  get certain(): boolean {
    return this.state === 'proven' || this.state === 'measured'
  }

  /** Whether it may be tried, with no more evidence than the server's word. */
  get untested(): boolean {
    return this.state === 'untried' || this.state === 'said'
  }

  /** Whether it has worked here. */
  get proven(): boolean {
    return this.state === 'proven'
  }

  /** Whether it has failed, and its pause is not over. */
  get failed(): boolean {
    return this.state === 'failed'
  }

  /** Whether it may be tried without its fallback: it has not failed since it last worked. */
  get suffices(): boolean {
    return this.#failures === 0 && this.usable
  }

  /** Records a good start, which does not reset the count of failures. */
  show(): void {
    if (!this.failed) this.#shown = true
  }

  /** Records a success. */
  succeed(): void {
    this.#shown = this.#worked = true
    this.#failures = 0
    this.#pause = firstPause
    this.#offUntil = -Infinity
  }

  /** Records a failure where the fallback works. */
  fail(): void {
    // The failure of an attempt that began before the ability was turned off adds no evidence.
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
