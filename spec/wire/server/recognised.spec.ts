import t from 'tap'
import { Features } from '../../../lib/wire/server/features.js'
import type { ServerKind } from '../../../lib/wire/server/quirks.js'
import { isOfKind } from '../../../lib/wire/server/recognised.js'

const unix = { code: 215, lines: ['215 UNIX Type: L8'] }

const features = (names: string): Features =>
  new Features({
    code: 211,
    lines: ['211-Features:', ...names.split(' ').map(name => ` ${name}`), '211 End'],
  })

const vsftpd = 'EPRT EPSV MDTM PASV REST SIZE TVFS'
const proftpd = 'CLNT CSID EPRT EPSV HOST LANG MDTM MFF MFMT MLST RANG REST SITE SIZE TVFS UTF8'
const pureFtpd = 'UTF8 EPRT IDLE MDTM SIZE MFMT REST MLST MLSD PRET AUTH PBSZ PROT TVFS ESTA PASV EPSV ESTP'

await t.test('the FEAT replies of measured servers match their kinds', async t => {
  const all: Record<string, string> = { vsftpd, proftpd, 'pure-ftpd': pureFtpd }
  for (const kind of Object.keys(all) as ServerKind[])
    for (const [other, names] of Object.entries(all))
      t.equal(isOfKind(kind, features(names), unix), kind === other, `${other}, which calls itself ${kind}`)
  t.ok(isOfKind('vsftpd', features(`${vsftpd} AUTH PBSZ PROT UTF8`), unix), 'with TLS')
})

await t.test('too few or too many features mean another server', async t => {
  t.notOk(isOfKind('vsftpd', features('SIZE MDTM'), unix))
  t.notOk(isOfKind('vsftpd', features(`${vsftpd} MLST`), unix))
  t.notOk(isOfKind('proftpd', features(vsftpd), unix))
  t.notOk(isOfKind('vsftpd', new Features(), unix), 'no FEAT')
})

await t.test('another reply to SYST means another server', async t => {
  t.notOk(isOfKind('vsftpd', features(vsftpd), { code: 215, lines: ['215 Windows_NT'] }))
  t.notOk(isOfKind('vsftpd', features(vsftpd), { code: 502, lines: ['502 No SYST'] }))
  t.notOk(isOfKind('unknown', features(vsftpd), unix))
})
