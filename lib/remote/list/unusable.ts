import { ListingError } from '../../wire/listing/listed-entry.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { withMaskedLine } from '../masked-line.js'

/** Why a listing cannot be used, as the user may see it: EACCES where the server says in it that it may not. */
export function unusable(remote: Remote, error: unknown): unknown {
  const shown = withMaskedLine(remote, error)
  if (!(shown instanceof ListingError && shown.refused)) return shown
  return new RefusedError('EACCES', undefined, `the server lists ${JSON.stringify(shown.line)}`)
}
