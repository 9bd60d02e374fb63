import { ListingError } from '../wire/listing/listed-entry.js'
import type { Remote } from './remote.js'

/** The error as the user may see it: the owner in a line of a listing is himself, as a rule. */
export function withShownLine({ pool }: Remote, error: unknown): unknown {
  return error instanceof ListingError ? error.as(said => pool.log.masked(said)) : error
}
