import type { Quirks } from './quirks.js'
import { timeZone, utc, type TimeZone } from '../time/time-zone.js'

/** The options for the time zones of a server; both are names of zones. */
export interface ClockOptions {
  readonly mdtmOffset?: string | undefined
  readonly serverTimezone?: string | undefined
}

const maxMisses = 3

/**
 * The time zones of a server: LIST uses any zone (option `serverTimezone`); MDTM and MFMT use UTC
 * (RFC 3659, section 2.3), except on servers that break the rule (option `mdtmOffset`).
 */
export class ServerClock {
  /** The detected zone of MDTM. */
  #found: TimeZone | undefined
  #misses = 0

  constructor(
    private readonly options: ClockOptions,
    private readonly quirks: () => Quirks,
  ) {}

  /** The zone of LIST, if an option names it. */
  get listing(): TimeZone | undefined {
    const { mdtmOffset, serverTimezone } = this.options
    return this.#zone(serverTimezone ?? (this.quirks().hasOneClock ? mdtmOffset : undefined))
  }

  /** The zone of MDTM and MFMT. */
  get mdtm(): TimeZone {
    const { mdtmOffset, serverTimezone } = this.options
    const named = mdtmOffset ?? (this.quirks().hasOneClock ? serverTimezone : undefined)
    return this.#zone(named) ?? this.#found ?? utc
  }

  /** Whether a time in a reply to MDTM may be in the zone of listings instead of UTC. */
  isUnsure(mtime: number): boolean {
    if (this.options.mdtmOffset !== undefined || this.quirks().hasOneClock) return false
    if (this.#found || this.#misses >= maxMisses) return false
    return this.listing !== undefined && this.listing.utc(mtime) !== mtime
  }

  /** Records the detected zone; undefined: a file did not show it. */
  learn(zone: TimeZone | undefined): void {
    if (zone) this.#found = zone
    else this.#misses += 1
  }

  #zone(name: string | undefined): TimeZone | undefined {
    const zone = name === undefined ? undefined : timeZone(name)
    return this.quirks().hasOneClock ? zone?.fixedAt(Date.now()) : zone
  }
}
