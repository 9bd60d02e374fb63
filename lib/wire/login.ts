import { command, type Command } from './commands.js'
import {
  ConnectionLostError,
  FtpError,
  FtpReplyError,
  LoginError,
  TooManyConnectionsError,
} from './errors.js'
import { Features } from './features.js'
import type { Log } from './log.js'
import { encodeName, type NameEncoding } from './names.js'
import { recognise } from './quirks.js'
import { isPositive, quotedPath, replyText, type Reply } from './replies.js'
import type { ServerProfile } from './server-profile.js'
import { Session, type SessionOptions } from './session.js'

/**
 * Connects and logs in, in as few flights as the server allows. `begun` gets the session before it connects.
 *
 * Rejects with the socket's error, a LoginError, a TooManyConnectionsError or a ConnectionLostError.
 */
export async function login(
  options: SessionOptions,
  server: ServerProfile,
  log: Log,
  begun?: (session: Session) => void,
): Promise<Session> {
  refuseUnsupported(options)
  const session = new Session(options, server, log)
  begun?.(session)
  try {
    const greeting = await session.connect()
    refuseLimit(session, greeting)
    if (!isPositive(greeting)) throw refused(session, 'The server refused the connection', greeting)
    if (server.kind === 'unknown') server.kind = recognise(replyText(greeting))
    const inOne =
      server.quirks.loginInOneFlight && server.pipelining !== 'broken' && options.account === undefined
    const [type, features, system, directory] = inOne ? await together(session) : await stepByStep(session)
    if (!isPositive(type!)) throw refused(session, 'The server refused binary transfers (TYPE I)', type!)
    server.features = new Features(features)
    if (server.kind === 'unknown') server.kind = recognise(`${replyText(system!)} ${replyText(features!)}`)
    arrive(session, directory!)
    const settings = sessionSettings(server, options.encoding)
    if (settings.length > 0) await session.flight(settings)
    return session
  } catch (error) {
    session.close()
    const cause = error instanceof ConnectionLostError ? error.cause : undefined
    throw cause instanceof FtpReplyError && cause.code === 421 ? full(cause) : error
  }
}

/** Nothing is sent in plaintext, or over another kind of connection, when something else was asked for. */
function refuseUnsupported({ encryptionMode, dataConnectionType }: SessionOptions): void {
  const refuse = (option: string, value: string, allowed: string): never => {
    throw new FtpError(
      'ERR_FTP_NOT_SUPPORTED',
      `This version does not support ${option} '${value}' yet, only '${allowed}'`,
    )
  }
  if (encryptionMode !== 'None') refuse('encryptionMode', encryptionMode, 'None')
  if (dataConnectionType !== 'AutoPassive') refuse('dataConnectionType', dataConnectionType, 'AutoPassive')
}

/** What a server does only when asked to; a refusal changes nothing. */
function sessionSettings(server: ServerProfile, encoding: NameEncoding): Command[] {
  const settings: Command[] = []
  // IIS and FileZilla Server speak UTF-8 only after this.
  if (server.kind === 'unknown' && encoding === 'utf8' && server.features.has('UTF8'))
    settings.push(command('OPTS UTF8 ON'))
  // RFC 3659, section 7.9: facts with an asterisk are switched on; pyftpdlib 1.5.7 keeps mode and owner back.
  const facts = server.features
    .parameters('MLST')
    .split(';')
    .filter(fact => fact !== '')
  const wanted = facts.filter(fact => usedFacts.test(fact))
  if (wanted.some(fact => !fact.endsWith('*')))
    settings.push(command(`OPTS MLST ${wanted.map(fact => fact.replace('*', '')).join(';')};`))
  return settings
}

const usedFacts = /^(?:type|size|sizd|modify|unique|unix\.(?:mode|uid|gid|owner|group))\*?$/i

const afterLogin = [command('TYPE I'), command('FEAT'), command('SYST'), command('PWD')]

async function together(session: Session): Promise<Reply[]> {
  const flight = session.begin([userCommand(session), passCommand(session), ...afterLogin])
  // After a refusal Pure-FTPd 1.0.50 goes on only seconds later, and ProFTPD 1.3.8 may hang up.
  await flight.answered(2)
  const [user, pass] = flight.answers
  // A server that wants no password answers 230 to USER, and anything to PASS.
  const last = user && user.code !== 230 && isPositive(user) ? pass : user
  if (last) judge(session, last)
  return (await flight.done).slice(2)
}

async function stepByStep(session: Session): Promise<Reply[]> {
  const { account } = session.options
  let [reply] = await session.flight([userCommand(session)])
  if (reply!.code === 331) [reply] = await session.flight([passCommand(session)])
  if (reply!.code === 332 && account !== undefined) {
    ;[reply] = await session.flight([command(`ACCT ${encodeName(account, session.options.encoding)}`)])
  }
  judge(session, reply!)
  return session.flight(afterLogin)
}

const userCommand = ({ options }: Session) => command(`USER ${encodeName(options.user, options.encoding)}`)
const passCommand = ({ options }: Session) =>
  command(`PASS ${encodeName(options.password, options.encoding)}`)

function judge(session: Session, reply: Reply): void {
  refuseLimit(session, reply)
  if (reply.code === 332) throw refused(session, 'The server asks for an account (option `account`)', reply)
  if (reply.code === 331 || !isPositive(reply)) throw refused(session, 'The server refused the login', reply)
}

// ProFTPD 1.3.8 says 530 with "maximum number of clients" where others say 421. A text about failed attempts to log in
// is no limit that passes while others leave.
const limitText =
  /too many (?!.*(?:attempt|fail|password))|maximum (?:number|login|clients|connections|users)|(?:connection|session|user|login) limit|no more (?:connections|users)/i

function refuseLimit(session: Session, reply: Reply): void {
  if (reply.code === 421 || (!isPositive(reply) && limitText.test(replyText(reply)))) {
    throw full(masked(session, reply))
  }
}

function full(cause: FtpReplyError): TooManyConnectionsError {
  return new TooManyConnectionsError(`The server accepts no further session: ${cause.message}`, { cause })
}

function refused(session: Session, message: string, reply: Reply): LoginError {
  const cause = masked(session, reply)
  return new LoginError(`${message}: ${cause.message}`, { cause })
}

function masked(session: Session, reply: Reply): FtpReplyError {
  return new FtpReplyError(reply, session.log.masked(replyText(reply)))
}

/** Takes note of the login directory, in which the session is. */
function arrive(session: Session, reply: Reply): void {
  const { server, options } = session
  const path = quotedPath(reply, server.quirks)
  if (path !== undefined) {
    server.loginDirectory = path
    session.arrive(path)
  } else if (options.loginRelative) {
    throw refused(session, 'The server did not tell the login directory (PWD); set `absolutePath`', reply)
  }
}
