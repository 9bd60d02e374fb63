import { ListingError } from '../wire/listing/listed-entry.js'
import type { Remote } from './remote.js'

/** The error with a masked listing line: the owner in it usually is the user of the login. */
export function withMaskedLine({ pool }: Remote, error: unknown): unknown {
  return error instanceof ListingError ? error.as(said => pool.log.masked(said)) : error
}
