import { inspect } from 'node:util'
import t from 'tap'
import {
  ConnectionLostError,
  FtpError,
  FtpReplyError,
  LoginError,
  TooManyConnectionsError,
} from '../../lib/wire/ftp-errors.js'

await t.test('each error has its name, code and cause', async t => {
  const cause = new Error('why')
  for (const [error, name, code] of [
    [new FtpError('ERR_FTP_X', 'what', { cause }), 'FtpError', 'ERR_FTP_X'],
    [new LoginError('what', { cause }), 'LoginError', 'ERR_FTP_LOGIN'],
    [new TooManyConnectionsError('what', { cause }), 'TooManyConnectionsError', 'ERR_FTP_NO_CONNECTION'],
    [new ConnectionLostError('what', { cause }), 'ConnectionLostError', 'ERR_FTP_CONNECTION_LOST'],
    [new ConnectionLostError('what', { cause }, 'ETIMEDOUT'), 'ConnectionLostError', 'ETIMEDOUT'],
  ] as const) {
    t.type(error, FtpError)
    t.match(error, { name, code, message: 'what', cause })
    t.match(error.stack, `${name}: what`)
  }
})

await t.test('a reply as an error has its code and its text, decoded', async t => {
  const reply = { code: 550, lines: ['550-caf\xc3\xa9:', ' No such file', '550 '] }
  t.match(new FtpReplyError(reply), {
    name: 'FtpReplyError',
    code: 550,
    message: '550 caf\u00e9: No such file',
  })
  t.match(new FtpReplyError({ ...reply, shown: 'something' }), { code: 550, message: '550 something' })
})

await t.test('a ConnectionLostError, when printed, does not show the replies that had come', async t => {
  const error = new ConnectionLostError('what')
  error.answered = [{ code: 331, lines: ['331 Password for alice'] }]
  t.equal(error.answered.length, 1)
  t.notMatch(inspect(error, { depth: 10, showHidden: true }), 'alice')
})
