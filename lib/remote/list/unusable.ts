import { ListingError } from '../../wire/listing/listed-entry.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { withMaskedLine } from '../masked-line.js'

/**
 * Converts the error of an unusable listing for the user: EACCES if the server reports in a line of
 * the listing that access is denied.
 */
export function unusable(remote: Remote, error: unknown): unknown {
  const shown = withMaskedLine(remote, error)
  if (!(shown instanceof ListingError && shown.refused)) return shown
  return new RefusedError('EACCES', undefined, `the server lists ${JSON.stringify(shown.line)}`)
}
