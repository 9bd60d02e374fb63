import t from 'tap'
import { loginRefusal, refusedLogin } from '../../../lib/wire/session/login-refusal.js'

const reply = (line: string) => ({ code: Number(line.slice(0, 3)), lines: [line] })
const judge = (line: string) => loginRefusal(Number(line.slice(0, 3)), line)

/** Replies of servers that accept no further session for now. */
const full = [
  // vsftpd 3.0.3
  '421 There are too many connected users, please try later.',
  '421 There are too many connections from your internet address.',
  '421 Service not available.',
  // ProFTPD 1.3.8: mod_core
  '530 Sorry, the maximum number of clients (3) for this user are already connected.',
  '530 Sorry, the maximum number clients (10) from your host are already connected.',
  '530 Sorry, the maximum number of allowed clients (50) are already connected.',
  '530 Sorry, the maximum number of connections (2) for your host are already connected.',
  '530 Sorry, the maximum number of hosts (5) for this user are already connected.',
  '421 Service not available, closing control connection.',
  // Pure-FTPd 1.0.50
  '421 50 users (the maximum) are already logged in, sorry',
  '421 Too many connections (2) from this IP',
  "421 I can't accept more than 3 connections as the same user",
  // pyftpdlib 1.5.7
  '421 Too many connections. Service temporarily unavailable.',
  '421 Too many connections from the same IP address.',
  // FileZilla Server
  '421 Too many users are connected, please try again later.',
  '421 Refused, too many connections from your IP.',
  '421 Server is locked, please try again later.',
  // IIS
  '421 Service not available, closing control connection. (Maximum sessions reached)',
  '421 8 users (the maximum) are already logged on, sorry',
  // Serv-U
  '421 Sorry, maximum number of sessions exceeded.',
  '530 Sorry, too many users logged in from this IP.',
  // wu-ftpd
  '530 User ftp access limit of 10 reached.',
  '530 Sorry, the limit of 20 users in your class is reached.',
  // glftpd, Xlight, CrushFTP and others
  "530 You're allowed max 2 simultaneous logins.",
  '530 Maximum login limit has been reached.',
  '530 No more connections allowed from this host.',
  '530 Connection limit reached.',
  '421 Too many connections from your address, access denied.',
  '530 Logins are restricted to 2 simultaneous logins.',
  '530 Only 2 sessions allowed per user.',
  '421 Server shutting down.',
  '421 Idle timeout (60 seconds): closing control connection.',
  '421 Timeout.',
  '421 Idle timeout expired, closing control connection.',
  '421 The auth service is down for a moment.',
  '450 Try again later.',
  '434 Requested host unavailable.',
]

/** Replies that a retry would get again. */
const final = [
  // Wrong users and passwords
  '530 Login incorrect.',
  '530 Login authentication failed',
  '530 User cannot log in.',
  '530 Not logged in, user or password incorrect!',
  '530 Authentication failed.',
  '530 Permission denied.',
  '530 Access denied.',
  '530 This FTP server is anonymous only.',
  '530 Sorry, no ANONYMOUS access allowed.',
  '530 Account expired.',
  '421 Login incorrect.',
  '421 Password authentication failed.',
  '430 Invalid username or password',
  '421 Bad credentials.',
  '530 Password has expired.',
  // Too many of these: pyftpdlib 1.5.7, ProFTPD 1.3.8, vsftpd and others
  '530 Maximum number of tries exceeded',
  '421 Maximum login attempts exceeded. Disconnecting.',
  '530 Too many failed login attempts.',
  '421 Too many failed login attempts. Connection closed.',
  '530 Too many login failures',
  // Bans
  '421 You have been banned.',
  '421 Your IP address is banned',
  '421 Temporarily banned for too many failed login attempts',
  '530 Access denied: your host is blacklisted.',
  '421 Your IP address is blocked.',
  '421 Connection from your address is not allowed.',
  '421 Access is denied.',
  // Only over TLS: Pure-FTPd 1.0.50, vsftpd 3.0.3, ProFTPD 1.3.8, IIS, FileZilla Server
  '421 Sorry, cleartext sessions and weak ciphers are not accepted on this server.',
  '530 Non-anonymous sessions must use encryption.',
  '550 SSL/TLS required on the control channel',
  '534 Policy requires SSL.',
  '503 Use AUTH first.',
  '530 Plaintext connections are disabled',
  '421 TLS is required',
]

await t.test('a server that is full', async t => {
  for (const line of full) t.equal(judge(line), 'full', line)
})

await t.test('a server that refuses permanently', async t => {
  for (const line of final) t.equal(judge(line), 'final', line)
})

await t.test('a refusal that wants TLS names the option, unless the session is over TLS', async t => {
  const wants = reply('421 Sorry, cleartext sessions are not accepted on this server.')
  const plain = refusedLogin('The server refused the login', wants, false)
  t.match(plain, { code: 'ERR_FTP_LOGIN', message: /cleartext sessions.*`encryptionMode: 'Explicit'`/ })
  const secured = refusedLogin('The server refused the login', wants, true)
  t.match(secured, { code: 'ERR_FTP_LOGIN', message: /accepted on this server\.$/ })
})

await t.test('the code of a server that is full is ERR_FTP_NO_CONNECTION', async t => {
  const error = refusedLogin('The server refused the connection', reply('421 Too many connections'), false)
  t.match(error, { code: 'ERR_FTP_NO_CONNECTION', cause: { code: 421, message: /Too many connections/ } })
})
