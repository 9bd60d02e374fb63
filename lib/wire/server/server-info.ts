import type { AbilityState } from '../capabilities/ability.js'
import type { ByteString } from '../names/names.js'
import { recognise, type ServerKind } from './quirks.js'
import type { ServerProfile } from './server-profile.js'

/** What is known about the server: the result of `server()`, for bug reports. */
export interface ServerInfo {
  /** The kind of server, if greeting, FEAT and SYST match a measured one; else `unknown`. */
  readonly kind: ServerKind
  /** The kind that its greeting and SYST name. */
  readonly named: ServerKind
  /** The text of its greeting. */
  readonly greeting: string
  /** The text of its reply to SYST (RFC 959, section 4.1.3). */
  readonly system: string
  /** The features that FEAT names (RFC 2389), with their parameters. */
  readonly features: readonly string[]
  /** The working directory after login (PWD); empty if the server does not report it. */
  readonly loginDirectory: string
  /**
   * What the server can do, and how that is known. `absent`: the server does not announce it.
   * `untried`: there is no evidence yet. `said`: FEAT names it. `measured`: servers of its kind can
   * do it. `proven`: it has worked. `failed`: it has not, and a fallback replaces it; it is tried
   * again after a minute, after further failures at longer intervals, up to an hour. If
   * `pipelining` has failed, commands go one by one; if `pipelining without a pause` has, they do
   * so where that was measured to be faster.
   */
  readonly abilities: Readonly<Record<string, AbilityState>>
  /** It has sent replies that belong to no command: each flight ends with a command of ours. */
  readonly outOfStep: boolean
  /** CWD succeeds for paths that do not exist; undefined: not tried. */
  readonly entersAnything: boolean | undefined
}

/** @param shown formats text of the server without secrets */
export function serverInfo(server: ServerProfile, shown: (said: ByteString) => string): ServerInfo {
  const { kind, said, features, loginDirectory, can, outOfStep, entersAnything } = server
  return {
    kind,
    named: recognise(`${said.greeting} ${said.system}`),
    greeting: shown(said.greeting),
    system: shown(said.system),
    features: features.names.map(name => shown(`${name} ${features.parameters(name)}`).trim()),
    loginDirectory: shown(loginDirectory),
    abilities: can.states,
    outOfStep,
    entersAnything,
  }
}
