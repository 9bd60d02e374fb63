import type { Test } from 'tap'
import { dirname } from '../../lib/wire/names/names.js'
import { command, type Command } from '../../lib/wire/session/command.js'
import { Log } from '../../lib/wire/log.js'
import { login } from '../../lib/wire/session/login.js'
import { ServerProfile } from '../../lib/wire/server/server-profile.js'
import { Session, type SessionOptions } from '../../lib/wire/session/session.js'
import { startScriptedServer, type Script, type ScriptedServer } from '../support/scripted-server.js'

/** The greeting of a known server, which enables all measured behaviour. */
export const knownGreeting = '220 (vsFTPd 3.0.3)'

/**
 * Milliseconds that tests wait for a silent server: enough for a reply on a busy machine, but short
 * enough for a test.
 */
export const short = 400

/** Options of a session. */
export function sessionOptions(port: number, options: Partial<SessionOptions> = {}): SessionOptions {
  return {
    host: '127.0.0.1',
    port,
    user: 'user',
    password: 'password',
    encryptionMode: 'None',
    sslProtocols: {},
    acceptSpecifiedSslHash: [],
    acceptAnySslCertificate: false,
    dataConnectionType: 'AutoPassive',
    shortTimeout: 10_000,
    readWriteTimeout: 10_000,
    useCwdNames: false,
    encoding: 'utf8',
    loginRelative: true,
    ...options,
  }
}

/** A command that goes by a bare name, in the folder of the path. */
export const bare = (verb: string, path: string): Command => command(verb, { path, folder: dirname(path) })

/** A log that shows nothing. */
export function silentLog({ user, password, account, host, encoding }: SessionOptions): Log {
  const quiet = { logToConsole: false, logPrivateInfoToConsole: false, logDiagnostics: false }
  return new Log({ ...quiet, user, password, account, host, encoding })
}

/** A scripted server and functions that log in to it; all end with the test. */
export async function scripted(t: Test, script: Script = {}, options: Partial<SessionOptions> = {}) {
  const server: ScriptedServer = await startScriptedServer(script)
  const profile = new ServerProfile()
  const settings = sessionOptions(server.port, options)
  const log = silentLog(settings)
  const sessions: Session[] = []
  t.teardown(async () => {
    sessions.forEach(session => session.close())
    await server.stop()
  })
  const logIn = () => login(settings, profile, log, { begun: session => sessions.push(session) })
  /** A session that is neither connected nor logged in. */
  const bare = () => {
    const session = new Session(settings, profile, log)
    sessions.push(session)
    return session
  }
  /** The commands since the last call, grouped by the reads in which they came. */
  let read = 0
  const flightsSince = () => {
    const flights = server.flights.slice(read)
    read = server.flights.length
    return flights
  }
  /** The same commands, one by one. */
  let seen = 0
  const since = () => {
    const lines = server.flights.slice(seen).flat()
    seen = server.flights.length
    return lines
  }
  return { server, profile, logIn, bare, since, flightsSince }
}

/** A session that is logged in to a scripted server. */
export async function scriptedSession(t: Test, script: Script = {}, options: Partial<SessionOptions> = {}) {
  const given = await scripted(t, script, options)
  const session = await given.logIn()
  given.since()
  given.flightsSince()
  return { ...given, session }
}
