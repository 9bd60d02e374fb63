import type { Test } from 'tap'
import type { SessionOptions } from '../../lib/wire/session/session.js'
import { makeAuthority } from '../support/certificates.js'
import type { Script, ScriptTls } from '../support/scripted-server.js'
import { scripted } from './scripted-session.js'

export { until } from '../support/until.js'

/** The authority that sessions in tests trust. */
export const authority = await makeAuthority()
const { cert, key } = await authority.issue()
/** The certificate of a trusted server. */
export const certificate = { cert, key }

export interface Tls {
  /** Differences from a trusted server with TLS. */
  tls?: Partial<ScriptTls>
  script?: Script
  options?: Partial<SessionOptions>
}

/** A scripted server with TLS, and functions that log in to it over TLS. */
export async function secured(t: Test, { tls = {}, script, options }: Tls = {}) {
  const encryptionMode = tls.mode === 'implicit' ? 'Implicit' : 'Explicit'
  return scripted(
    t,
    { tls: { ...certificate, ...tls }, ...script },
    { encryptionMode, ca: authority.ca, ...options },
  )
}

/** A session that is logged in over TLS. */
export async function securedSession(t: Test, tls: Tls = {}) {
  const given = await secured(t, tls)
  const session = await given.logIn()
  given.since()
  given.flightsSince()
  return { ...given, session }
}

/** The codes of the process warnings so far in the test, which are not printed. */
export function warnings(t: Test): () => string[] {
  const codes: string[] = []
  t.capture(process, 'emitWarning', (_: string, { code }: { code: string }) => void codes.push(code))
  return () => codes
}
