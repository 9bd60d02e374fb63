import type { AbilityState } from '../capabilities/ability.js'
import type { ByteString } from '../names/names.js'
import { recognise, type ServerKind } from './quirks.js'
import type { ServerProfile } from './server-profile.js'

/** What is known of a server, as `server()` tells it: for bug reports. */
export interface ServerInfo {
  /** What the server is, where its greeting, FEAT and SYST are those of a server that was measured. */
  readonly kind: ServerKind
  /** What its greeting and SYST call it. */
  readonly named: ServerKind
  /** Its greeting. */
  readonly greeting: string
  /** Its answer to SYST (RFC 959). */
  readonly system: string
  /** What FEAT names (RFC 2389), each with its parameters. */
  readonly features: readonly string[]
  /** Where a login begins (PWD); empty where the server does not tell. */
  readonly loginDirectory: string
  /**
   * What it can do, and how that is known. `absent`: it does not name it. `untried`. `said`: FEAT
   * names it. `measured`: servers of its kind can. `proven`: it has worked. `failed`: it has not, and
   * the next way is taken; it is tried again after a minute, and then more and more seldom.
   */
  readonly abilities: Readonly<Record<string, AbilityState>>
  /** It has sent replies that belong to no command: each flight ends with a question of ours. */
  readonly outOfStep: boolean
  /** CWD succeeds for what does not exist; undefined: not tried. */
  readonly entersAnything: boolean | undefined
}

/** `shown`: text of the server without secrets. */
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
