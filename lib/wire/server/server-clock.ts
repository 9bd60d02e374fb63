import type { Quirks } from './quirks.js'
import { timeZone, utc, type TimeZone } from '../time/time-zone.js'

/** The options that say in which zones a server tells times; both are names of zones. */
export interface ClockOptions {
  readonly mdtmOffset?: string | undefined
  readonly serverTimezone?: string | undefined
}

const maxMisses = 3

/**
 * In which zones a server tells times: LIST in any (option `serverTimezone`), MDTM and MFMT in UTC
 * (RFC 3659, section 2.3), but for servers that break the rule (option `mdtmOffset`).
 */
export class ServerClock {
  /** What was found out of MDTM. */
  #found: TimeZone | undefined
  #misses = 0

  constructor(
    private readonly options: ClockOptions,
    private readonly quirks: () => Quirks,
  ) {}

  /** The zone of LIST, where an option tells it. */
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

  /** Whether a time that MDTM has told may be that of the listings' zone instead. */
  isUnsure(told: number): boolean {
    if (this.options.mdtmOffset !== undefined || this.quirks().hasOneClock) return false
    if (this.#found || this.#misses >= maxMisses) return false
    return this.listing !== undefined && this.listing.utc(told) !== told
  }

  /** What was found out; undefined: a file did not tell it. */
  learn(zone: TimeZone | undefined): void {
    if (zone) this.#found = zone
    else this.#misses += 1
  }

  #zone(name: string | undefined): TimeZone | undefined {
    const zone = name === undefined ? undefined : timeZone(name)
    return this.quirks().hasOneClock ? zone?.fixedAt(Date.now()) : zone
  }
}
