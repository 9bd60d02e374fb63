import t from 'tap'
import { quirksOf, recognise } from '../../../lib/wire/server/quirks.js'

await t.test('a server is recognised by its greeting and its reply to SYST', async t => {
  for (const [text, kind] of [
    ['(vsFTPd 3.0.3)', 'vsftpd'],
    ['ProFTPD Server (Debian) [::ffff:127.0.0.1]', 'proftpd'],
    ['ProFTPD 1.3.8 Server ready.', 'proftpd'],
    ['---------- Welcome to Pure-FTPd [privsep] [TLS] ----------', 'pure-ftpd'],
    ['PureFTPd', 'pure-ftpd'],
    ['pyftpdlib 1.5.7 ready.', 'unknown'],
    ['Microsoft FTP Service', 'unknown'],
    ['FileZilla Server 1.8.0', 'unknown'],
    ['notvsftpdx', 'unknown'],
    ['', 'unknown'],
  ] as const) {
    t.equal(recognise(text), kind, text)
  }
})

await t.test('an unknown server gets no optimisation', async t => {
  t.match(quirksOf.unknown, {
    loginInOneFlight: false,
    commandsBehindTransfer: false,
    patchesInPlace: false,
    answersStoppedTransferOnce: false,
    takesIac: false,
  })
  t.ok(quirksOf.unknown.flightBytes <= 1220, 'fits one segment on every IPv6 link')
})
