import { command, type Command } from './command.js'
import { ConnectionLostError, FtpError, FtpReplyError, LoginError } from '../ftp-errors.js'
import { Features } from '../server/features.js'
import type { Log } from '../log.js'
import { loginError, refusedLogin } from './login-refusal.js'
import { encodeName, type NameEncoding } from '../names/names.js'
import { recognise } from '../server/quirks.js'
import { isOfKind } from '../server/recognised.js'
import { isPositive, quotedPath, replyText, type Reply } from '../reply/replies.js'
import { allowsOldTls } from '../tls/security.js'
import type { ServerProfile } from '../server/server-profile.js'
import { Session, type SessionOptions } from './session.js'
import { WarmConnection } from '../data/warm-connection.js'

/** Callbacks for the steps of a login. */
export interface LoginHooks {
  /** Called with the session before it connects. */
  begun?: (session: Session) => void
  /** Awaited before user and password are sent. */
  admitted?: () => Promise<void>
  /** Called when the server has accepted user and password. */
  accepted?: () => void
}

/**
 * Connects and logs in, in as few flights as the server allows.
 *
 * Rejects with the socket's error, a LoginError, a TooManyConnectionsError, a ConnectionLostError,
 * a CertificateError or an FtpError (ERR_FTP_TLS).
 */
export async function login(
  options: SessionOptions,
  server: ServerProfile,
  log: Log,
  { begun, admitted, accepted }: LoginHooks = {},
): Promise<Session> {
  const session = new Session(options, server, log)
  // In TYPE A, no size can prove that a connection opened ahead has carried all bytes.
  if (options.transferType !== 'ascii') session.warm = new WarmConnection(session)
  begun?.(session)
  try {
    const greeting = await session.connect()
    if (!isPositive(greeting))
      throw refusedLogin('The server refused the connection', greeting, session.secured)
    server.said.greeting = replyText(greeting)
    if (!server.isKindShown) server.kind = recognise(server.said.greeting)
    server.replacesInvalidUtf8 = /\bpyftpdlib\b/i.test(replyText(greeting))
    warn(session)
    if (options.encryptionMode === 'Explicit' || options.encryptionMode === 'Auto')
      await authenticate(session)
    await admitted?.()
    const inOne =
      server.quirks.loginInOneFlight &&
      server.can.pipelining.usable &&
      !server.outOfStep &&
      options.account === undefined
    const replies = inOne ? await together(session, accepted) : await stepByStep(session, accepted)
    const asked = session.secured ? replies.slice(protection.length) : replies
    const [type, features, system, directory, port] = asked
    if (session.secured) judgeProtection(session, replies[protection.length - 1]!)
    if (!isPositive(type!)) throw refused(`The server refused ${typeOf(session)}`, type!)
    server.features = new Features(features)
    server.said.system = replyText(system!)
    showKind(server, system!)
    server.answersSyst = system!.code === 215
    server.isWindows = isPositive(system!) && /windows/i.test(replyText(system!))
    arrive(session, directory!)
    session.warm.take(port)
    await settle(session, system!)
    log.session(session.id, { event: 'login', server: server.kind })
    return session
  } catch (error) {
    session.close()
    const cause = error instanceof ConnectionLostError ? error.cause : undefined
    if (!(cause instanceof FtpReplyError) || cause.code !== 421) throw error
    throw loginError('The server refused the login', cause, session.secured)
  }
}

/** Determines the kind of the server at the first login; later logins do not change it. */
function showKind(server: ServerProfile, system: Reply): void {
  if (server.isKindShown) return
  const { greeting } = server.said
  const kind = recognise(`${greeting} ${replyText(system)}`)
  server.kind = isOfKind(kind, server.features, system) ? kind : 'unknown'
  server.isKindShown = true
}

/** Warns of options that weaken security. */
function warn({ id, options, log }: Session): void {
  if (options.encryptionMode === 'None') return
  if (options.acceptAnySslCertificate)
    log.warn(
      id,
      'FTP_VFS_ANY_CERTIFICATE',
      'acceptAnySslCertificate: anybody in between can read and change everything',
    )
  if (allowsOldTls(options))
    log.warn(
      id,
      'FTP_VFS_OLD_TLS',
      "sslProtocols: TLS 1.0 and 1.1 are broken, and need OpenSSL's security level 0",
    )
}

/** Sends AUTH TLS (RFC 4217, section 4) before USER and PASS. */
async function authenticate(session: Session): Promise<void> {
  const [reply] = await session.flight([command('AUTH TLS')])
  // Some servers reply 200 or 334 instead of 234, and start TLS.
  if (isPositive(reply!)) return session.secure()
  const cause = new FtpReplyError(reply!)
  if (session.options.encryptionMode !== 'Auto')
    throw new FtpError('ERR_FTP_TLS', `The server refused TLS: ${cause.message}`, { cause })
  const text = `The server refused TLS (${cause.message}): user, password and files go in the clear, as encryptionMode Auto allows`
  session.log.warn(session.id, 'FTP_VFS_PLAINTEXT', text)
}

/** PBSZ and PROT (RFC 4217, section 9), so that data connections use TLS as well. */
const protection = [command('PBSZ 0'), command('PROT P')]

function judgeProtection(session: Session, reply: Reply): void {
  if (isPositive(reply)) {
    session.protectsData = true
    return
  }
  const cause = new FtpReplyError(reply)
  if (session.options.encryptionMode !== 'Auto')
    throw new FtpError(
      'ERR_FTP_TLS',
      `The server refused TLS for files and listings (PROT P): ${cause.message}`,
      { cause },
    )
  const text = `The server refused TLS for files and listings (${cause.message}): they go in the clear, as encryptionMode Auto allows`
  session.log.warn(session.id, 'FTP_VFS_PLAINTEXT_DATA', text)
}

/** Requests behaviour that some servers show only on request; a refusal changes nothing. */
async function settle(session: Session, system: Reply): Promise<void> {
  const { server, options } = session
  const settings = [
    ...nameSettings(server, options.encoding),
    ...factSettings(server),
    ...listSettings(server, system),
  ]
  if (settings.length > 0) await session.flight(settings)
}

function nameSettings({ kind, features }: ServerProfile, encoding: NameEncoding): Command[] {
  if (!features.has('UTF8')) return []
  // IIS and FileZilla Server use UTF-8 only after this.
  if (encoding === 'utf8') return kind === 'unknown' ? [command('OPTS UTF8 ON')] : []
  // vsftpd 3.0.3 and Pure-FTPd 1.0.50 pass names on as they are; ProFTPD 1.3.8 may translate them
  // (mod_lang).
  return kind === 'unknown' || kind === 'proftpd' ? [command('OPTS UTF8 OFF')] : []
}

/**
 * Requests facts that are off (OPTS MLST: RFC 3659, section 7.9): FEAT marks those that are on with
 * an asterisk (section 7.8). pyftpdlib 1.5.7 omits mode and owner by default.
 */
function factSettings({ features }: ServerProfile): Command[] {
  const facts = features
    .parameters('MLST')
    .split(';')
    .filter(fact => usedFacts.test(fact))
  if (facts.every(fact => fact.endsWith('*'))) return []
  return [command(`OPTS MLST ${facts.map(fact => fact.replace('*', '')).join(';')};`)]
}

/** IBM i lists in Unix format only after this; its own format lacks the type of many objects. */
function listSettings({ kind }: ServerProfile, system: Reply): Command[] {
  const isIbmI = kind === 'unknown' && isPositive(system) && /\bOS\/400\b/i.test(replyText(system))
  return isIbmI ? [command('SITE LISTFMT 1')] : []
}

const usedFacts = /^(?:type|size|sizd|modify|unique|unix\.(?:mode|uid|gid|owner|group))\*?$/i

const typeOf = ({ options }: Session): string =>
  options.transferType === 'ascii' ? 'ASCII transfers (TYPE A)' : 'binary transfers (TYPE I)'

function afterLogin({ secured, warm, options }: Session): Command[] {
  const type = command(options.transferType === 'ascii' ? 'TYPE A' : 'TYPE I')
  const asked = [type, command('FEAT'), command('SYST'), command('PWD'), ...warm.ask]
  return secured ? [...protection, ...asked] : asked
}

async function together(session: Session, accepted?: () => void): Promise<Reply[]> {
  const flight = session.begin([userCommand(session), passCommand(session), ...afterLogin(session)])
  // After a refusal, Pure-FTPd 1.0.50 continues only after seconds, and ProFTPD 1.3.8 may close.
  await flight.answered(2)
  const [user, pass] = flight.answers
  // A server that needs no password replies 230 to USER, and anything to PASS.
  const last = user && user.code !== 230 && isPositive(user) ? pass : user
  if (last) judge(last, session)
  session.loggedIn = true
  if (last) accepted?.()
  return (await flight.done).slice(2)
}

async function stepByStep(session: Session, accepted?: () => void): Promise<Reply[]> {
  const { account } = session.options
  let [reply] = await session.flight([userCommand(session)])
  if (reply!.code === 331) [reply] = await session.flight([passCommand(session)])
  if (reply!.code === 332 && account !== undefined) {
    ;[reply] = await session.flight([command(`ACCT ${encodeName(account, session.options.encoding)}`)])
  }
  judge(reply!, session)
  session.loggedIn = true
  accepted?.()
  return session.flight(afterLogin(session))
}

const userCommand = ({ options }: Session) => command(`USER ${encodeName(options.user, options.encoding)}`)
const passCommand = ({ options }: Session) =>
  command(`PASS ${encodeName(options.password, options.encoding)}`)

function judge(reply: Reply, { secured }: Session): void {
  if (reply.code === 332) throw refused('The server asks for an account (option `account`)', reply)
  if (reply.code === 331) throw refused('The server refused the login', reply)
  if (!isPositive(reply)) throw refusedLogin('The server refused the login', reply, secured)
}

function refused(message: string, reply: Reply): LoginError {
  const cause = new FtpReplyError(reply)
  return new LoginError(`${message}: ${cause.message}`, { cause })
}

/** Records the login directory, which is the session's working directory. */
function arrive(session: Session, reply: Reply): void {
  const { server, options } = session
  const path = quotedPath(reply, server.quirks)
  if (path !== undefined) {
    server.loginDirectory = path
    server.isDirectoryTold = true
    session.arrive(path)
  } else if (options.loginRelative && !server.isDirectoryTold) {
    if (options.useCwdNames)
      throw refused('The server did not tell the login directory (PWD); set `absolutePath`', reply)
    server.loginDirectory = ''
  }
}
