import type { Test } from 'tap'
import type { SessionOptions } from '../../lib/wire/session/session.js'
import { makeAuthority } from '../support/certificates.js'
import type { Script, ScriptTls } from '../support/scripted-server.js'
import { scripted } from './scripted-session.js'

export { until } from '../support/until.js'

/** Whom sessions trust here. */
export const authority = await makeAuthority()
const { cert, key } = await authority.issue()
/** What a server shows that is to be trusted. */
export const certificate = { cert, key }

export interface Tls {
  /** How the server departs from one that speaks TLS and is to be trusted. */
  tls?: Partial<ScriptTls>
  script?: Script
  options?: Partial<SessionOptions>
}

/** A scripted server that speaks TLS, and what logs in to it over TLS. */
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

/** The codes of the process warnings of the test so far, which are not shown. */
export function warnings(t: Test): () => string[] {
  const codes: string[] = []
  t.capture(process, 'emitWarning', (_: string, { code }: { code: string }) => void codes.push(code))
  return () => codes
}
